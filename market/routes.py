"""The whole map of addresses. Every route is named package:verb_noun after its view, and declares its permission there."""

from typing import Any

from starlette.routing import BaseRoute, Route

from market.kit import health

PAGE_BODY = 1024 * 1024
UPLOAD_BODY = 30 * 1024 * 1024


def name_of(view: Any) -> str:
    """`package:view` of a view in `market.<package>.views`."""
    return f"{view.__module__.split('.')[1]}:{view.__name__}"


def get(path: str, view: Any) -> Route:
    """A page."""
    return Route(path, view, methods=["GET"], name=name_of(view))


def post(path: str, view: Any, max_body: int = PAGE_BODY) -> Route:
    """An action; bodies over `max_body` bytes are refused with 413 before they are read."""
    return Route(path, view, methods=["POST"], name=name_of(view), max_body_size=max_body)


HEALTH: list[BaseRoute] = [get("/healthz", health.alive), get("/readyz", health.ready)]


def all_routes() -> list[BaseRoute]:
    """Every route of the application, in the order in which they are tried."""
    return [*HEALTH]


def described(routes: list[BaseRoute], prefix: str = "") -> list[dict[str, Any]]:
    """Name, path, methods and permission of every route; for `market routes` and for the tests of access."""
    rows: list[dict[str, Any]] = []
    for route in routes:
        if isinstance(route, Route):
            rows.append(
                {
                    "name": route.name,
                    "path": prefix + route.path,
                    "methods": sorted((route.methods or set()) - {"HEAD"}),
                    "permission": str(getattr(route.endpoint, "permission", "")),
                }
            )
    return rows
