"""Templates: one Jinja environment, strict about undefined names, escaping everything but the text half of mails.

What belongs to the request (addresses, form tokens) reaches macros through functions that look at the running rendering,
so that macros can be imported without context and stay compiled once.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.routing import Mount, Route

from market.kit import clock, csrf, i18n
from market.kit.money import Money

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = Path(__file__).parents[1] / "static"


@dataclass(frozen=True)
class Rendering:
    """What the functions of the running rendering need to know."""

    form_token: Callable[[], str]
    marks: Callable[[], frozenset[str]]
    token_wanted: bool


_rendering: ContextVar[Rendering] = ContextVar("rendering")


class Addresses:
    """Builds addresses from route names: parameters of the path go there, the others into the query."""

    def __init__(self, routes: Iterable[Any] = ()) -> None:
        self._known: dict[str, tuple[str, frozenset[str]]] = {}
        self.learn(routes)

    def learn(self, routes: Iterable[Any], prefix: str = "") -> None:
        """Take in the routes of an application."""
        for route in routes:
            if isinstance(route, Mount):
                self.learn(route.routes or (), prefix + route.path)
            elif isinstance(route, Route):
                path = re.sub(r":\w+}", "}", prefix + route.path)
                self._known[route.name] = (path, frozenset(route.param_convertors))

    def path(self, name: str, **params: Any) -> str:
        """The address of the route `name`; KeyError when there is none, or a path parameter is missing."""
        template, wanted = self._known[name]
        inside = {key: quote(str(params[key]), safe="") for key in wanted}
        address = template.format_map(inside)
        rest = {key: value for key, value in params.items() if key not in wanted and value not in (None, "", [])}
        return f"{address}?{urlencode(rest, doseq=True)}" if rest else address


@cache
def static(path: str) -> str:
    """The address of a file in `static/`, with a mark of its content so that it may be cached for ever."""
    mark = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={mark}"


def _money(value: Any) -> str:
    if isinstance(value, Mapping):
        value = Money(value["minor"], value["currency"])
    return i18n.format_money(value)


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, _rendering.get().form_token())


def _marked(record_id: str) -> bool:
    return record_id in _rendering.get().marks()


def _csrf_field_if_known() -> Markup:
    return _csrf_field() if _rendering.get().token_wanted else Markup()


class Templates:
    """The environment, and the two things done with it: pages and mails."""

    def __init__(self, addresses: Addresses, base_url: str, *, sandbox: bool, sample_world: bool) -> None:
        self.addresses = addresses
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=lambda name: not (name or "").endswith((".txt", ".typ")),  # noqa: S701 - plain text is not HTML
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        self.environment.install_gettext_callables(  # type: ignore[attr-defined]
            i18n.gettext_now, i18n.ngettext_now, newstyle=True
        )
        self.environment.filters |= FILTERS
        self.environment.globals |= {
            "url": addresses.path,
            "absolute_url": lambda name, **params: base_url + addresses.path(name, **params),
            "static": static,
            "csrf_field": _csrf_field,
            "csrf_field_if_known": _csrf_field_if_known,
            "marked": _marked,
            "csrf_token": lambda: _rendering.get().form_token(),
            "base_url": base_url,
            "sandbox": sandbox,
            "sample_world": sample_world,
            "now": clock.now,
        }

    def render(
        self,
        template: str,
        context: Mapping[str, Any],
        form_token: Callable[[], str],
        marks: Callable[[], frozenset[str]] = frozenset,
        *,
        token_wanted: bool = False,
    ) -> str:
        """Render a page. `marks`: ids that the reader has put aside; `token_wanted`: the page is this reader's alone."""
        token = _rendering.set(Rendering(form_token, marks, token_wanted))
        try:
            return self.environment.get_template(template).render(context)
        finally:
            _rendering.reset(token)

    def render_mail(self, template: str, context: dict[str, Any]) -> str:
        """Render one half of a mail, in the locale in force."""
        return self.environment.get_template(template).render(
            context | {"locale": i18n.current_locale(), "direction": i18n.direction()}
        )

    def warm(self) -> None:
        """Compile every page template once, so that the first visitor does not wait for it."""
        for name in self.environment.list_templates(extensions=["html"]):
            self.environment.get_template(name)


def paragraphs(text: str | None) -> Markup:
    """Plain text as paragraphs: blank lines part them, single line ends become breaks; everything is escaped."""
    parts = re.split(r"\n\s*\n", (text or "").strip())
    return Markup("").join(
        Markup("<p>{}</p>").format(Markup("<br>").join(escape(line) for line in part.splitlines()))
        for part in parts
        if part
    )


FILTERS: dict[str, Callable[..., Any]] = {
    "money": _money,
    "price": i18n.format_price,
    "date": i18n.format_date,
    "datetime": i18n.format_datetime,
    "number": i18n.format_number,
    "percent": i18n.format_percent,
    "since": lambda value: i18n.relative(value, clock.now()),
    "country": i18n.country_name,
    "paragraphs": paragraphs,
}
