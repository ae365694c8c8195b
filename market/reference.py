"""The reference page: every address, permission, setting, job and step of a process, read off the code.

`market reference` prints it; `market/decisions/reference.md` keeps it, and a test compares the two.
"""

import importlib
import importlib.util
import pkgutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from starlette.routing import Route

import market
from market.accounts.rules import KIND_LABELS, PERMISSIONS, ROLE_LABELS, Permission
from market.config import Settings
from market.kit.process import Process
from market.routes import all_routes
from market.wiring import Wired, wire

KEPT = Path(__file__).parent / "decisions" / "reference.md"
FOR_ALL = {
    Permission.PUBLIC: "everybody",
    Permission.SIGNED_IN: "who is signed in",
    Permission.OPERATE: "operators",
}


def text() -> str:
    """The whole page, in Markdown."""
    with tempfile.TemporaryDirectory() as folder:
        wired = wire(Settings(DATA_DIR=Path(folder), BASE_URL="http://ponte.example"))
        parts = [
            "# Reference",
            "Read off the code by `market reference > market/decisions/reference.md`; a test compares them.",
            *("## Addresses", table(("address", "permission", "what it does"), routes())),
            *("## Permissions", table(("permission", "whose"), permissions())),
            *("## Settings", "The environment sets them.", table(("setting", "default", "meaning"), settings())),
            *("## Jobs", table(("job", "comes round", "what it does"), jobs(wired))),
            *(part for process in processes() for part in steps(process)),
        ]
        wired.db.close()
    return "\n\n".join(parts) + "\n"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A Markdown table."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def first_line(documented: Any) -> str:
    """The promise in a docstring's first line."""
    return (documented.__doc__ or "").strip().partition("\n")[0]


def routes() -> Iterator[tuple[str, ...]]:
    """Method and path, permission, and the view's promise."""
    for route in all_routes():
        if isinstance(route, Route):
            method = ", ".join(sorted((route.methods or set()) - {"HEAD"}))
            permission = str(getattr(route.endpoint, "permission", ""))
            yield f"`{method} {route.path}`", permission, first_line(getattr(route.endpoint, "view", route.endpoint))


def permissions() -> Iterator[tuple[str, ...]]:
    """Which roles of which kinds of organisations have each permission."""
    for permission in Permission:
        whose = [
            f"{ROLE_LABELS[role].lower()} ({KIND_LABELS[kind].lower()})"
            for kind, roles in PERMISSIONS.items()
            for role, given in roles.items()
            if permission in given
        ]
        yield f"`{permission}`", FOR_ALL.get(permission) or ", ".join(whose)


def settings() -> Iterator[tuple[str, ...]]:
    """Name, default and meaning, as in the README."""
    for field in Settings.model_fields.values():
        default = {"": "(empty)", "None": "(empty)", "False": "(off)"}.get(str(field.default), f"`{field.default}`")
        yield f"`{field.alias}`", default, field.description or ""


def jobs(wired: Wired) -> Iterator[tuple[str, ...]]:
    """Kind, rhythm and the handler's promise."""
    for kind, handler in sorted(wired.registry.handlers.items()):
        seconds = wired.registry.periodic.get(kind)
        yield f"`{kind}`", f"every {seconds:g} s" if seconds else "when wanted", first_line(handler)


def processes() -> Iterator[Process]:
    """Every process table of a domain package."""
    for package in pkgutil.iter_modules(market.__path__, "market."):
        if package.ispkg and importlib.util.find_spec(package.name + ".process"):
            module = importlib.import_module(package.name + ".process")
            yield from (value for value in vars(module).values() if isinstance(value, Process))


def steps(process: Process) -> tuple[str, ...]:
    """A heading, what leads where by whom, and the diagram."""
    rows = [
        (f"`{step.name}`", str(step.by), ", ".join(step.since), step.to, "by the clock" if step.due else "")
        for step in process.transitions
    ]
    diagram = f"```mermaid\n{process.mermaid()}\n```"
    return f"## Process: {process.name}", table(("step", "by", "from", "to", "timer"), rows), diagram
