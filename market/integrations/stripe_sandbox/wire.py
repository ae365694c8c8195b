"""Stripe's wire: nested form fields in, JSON out, errors in Stripe's shape."""

import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

_PART = re.compile(r"\[([^\[\]]*)\]")
_NAME = re.compile(r"^([A-Za-z0-9_]+)((?:\[[^\[\]]*\])*)$")


class SandboxError(Exception):
    """An error as Stripe words it; `status` 400 and type `invalid_request_error` unless told otherwise."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
    ) -> None:
        self.status = status
        self.body = {"error": {"message": message, "type": kind, "code": code, "param": param}}
        self.body["error"] = {key: value for key, value in self.body["error"].items() if value is not None}
        super().__init__(message)


def missing(kind: str, object_id: str) -> SandboxError:
    """The 404 of Stripe for an object it does not know."""
    return SandboxError(f"No such {kind}: '{object_id}'", status=404, code="resource_missing", param="id")


def decode(body: str) -> dict[str, Any]:
    """Read `a[b][0][c]=d` into nested dicts and lists; raises SandboxError for names that make no sense."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(body, keep_blank_values=True):
        match = _NAME.match(name)
        if match is None:
            raise SandboxError(f"Invalid parameter name: {name[:80]}", code="parameter_unknown", param=name[:80])
        _put(root, [match[1], *_PART.findall(match[2])], value)
    return {key: _lists(value) for key, value in root.items()}


def _put(into: dict[str, Any], path: list[str], value: str) -> None:
    for part in path[:-1]:
        step = into.setdefault(part, {})
        if not isinstance(step, dict):
            raise SandboxError("A parameter is both a value and an object", param=part)
        into = step
    last = path[-1] or str(len(into))
    into[last] = value


def _lists(value: Any) -> Any:
    """Dicts whose keys are 0, 1, 2 ... are lists."""
    if not isinstance(value, dict):
        return value
    if value and all(key.isdecimal() for key in value):
        return [_lists(value[key]) for key in sorted(value, key=int)]
    return {key: _lists(item) for key, item in value.items()}


def known(params: Mapping[str, Any], names: Iterable[str]) -> None:
    """Refuse parameters that the endpoint does not take, as Stripe does."""
    for name in params:
        if name not in set(names):
            raise SandboxError(f"Received unknown parameter: {name}", code="parameter_unknown", param=name)


def required(params: Mapping[str, Any], name: str) -> Any:
    """The value of a parameter that must be there."""
    value = params.get(name)
    if value in (None, "", [], {}):
        raise SandboxError(f"Missing required param: {name}.", code="parameter_missing", param=name)
    return value


def integer(value: Any, param: str) -> int:
    """An integer as Stripe takes it: digits, no fraction."""
    if isinstance(value, str) and re.fullmatch(r"-?\d{1,15}", value):
        return int(value)
    raise SandboxError(f"Invalid integer: {value}", code="parameter_invalid_integer", param=param)


def metadata(params: Mapping[str, Any]) -> dict[str, str]:
    """The metadata within Stripe's limits: 50 keys of 40 characters, values of 500."""
    given = params.get("metadata") or {}
    if not isinstance(given, dict) or len(given) > 50:
        raise SandboxError("Metadata must be at most 50 keys", param="metadata")
    if any(len(key) > 40 or not isinstance(value, str) or len(value) > 500 for key, value in given.items()):
        raise SandboxError("Metadata keys have at most 40, values at most 500 characters", param="metadata")
    return dict(given)
