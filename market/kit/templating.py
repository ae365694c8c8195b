"""Templates: one Jinja environment, strict about undefined names, escaping everything but the text half of mails.

What belongs to the request (addresses, form tokens) reaches macros through functions that look at the running rendering,
so that macros can be imported without context and stay compiled once.
"""

import hashlib
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.routing import Mount, Route

from market.kit import clock, csrf, i18n
from market.kit.actor import Actor
from market.kit.kept import Hole
from market.kit.money import Money

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
STATIC = Path(__file__).parents[1] / "static"
FILLED = 2000
EACH_TIME = frozenset({"_reader/keep.html"})
"""Reader parts that change for one reader from one reading to the next: never taken from what was filled before."""


@dataclass(frozen=True)
class Keeps:
    """What a reader has put aside: `marks` are ids; `token_wanted`: the buttons need a form token, the page being theirs."""

    marks: Callable[[], frozenset[str]] = frozenset
    token_wanted: bool = False


NOTHING_KEPT = Keeps()


@dataclass(frozen=True)
class Rendering:
    """What the functions of the running rendering need to know.

    Without a `reader` the page is made for all readers; without `keeps`, for the reader at any time.
    """

    form_token: Callable[[], str]
    reader: Mapping[str, Any] | None = None
    keeps: Keeps | None = None


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


class NotForAll(Exception):
    """A page made for all readers asks for what belongs to one: it needs a `reader_part`."""


def _no_token() -> str:
    raise NotForAll("a form token, outside of a reader_part")


def _csrf_field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, _rendering.get().form_token())


def _keeps() -> Keeps:
    keeps = _rendering.get().keeps
    if keeps is None:
        raise NotForAll("what its reader has put aside, outside of a reader_part that is filled each time")
    return keeps


def _marked(record_id: str) -> bool:
    return record_id in _keeps().marks()


def _csrf_field_if_known() -> Markup:
    return _csrf_field() if _keeps().token_wanted else Markup()


def _hole(text: str) -> Hole:
    (_name, template), *about = parse_qsl(text, keep_blank_values=True)
    return Hole(template, tuple(about))


def reader_of(actor: Actor, flashes: Sequence[tuple[str, str]] = (), path: str = "") -> dict[str, Any]:
    """What templates know of who reads. On a page for all, `path` is empty: it stands in nobody's own section."""
    return {"actor": actor, "flashes": flashes, "request_path": path}


class Templates:
    """The environment, and the two things done with it: pages and mails."""

    def __init__(
        self, addresses: Addresses, base_url: str, *, sandbox: bool, sample_world: bool, compiled: Path | None = None
    ) -> None:
        """`compiled`: a folder of this service alone in which compiled templates wait for the next start."""
        self.addresses = addresses
        self._mark = secrets.token_hex(16)  # nobody can write it into a text of theirs
        self._filled = lru_cache(FILLED)(self._fill_once)
        self.environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=lambda name: not (name or "").endswith((".txt", ".typ")),  # noqa: S701 - plain text is not HTML
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            bytecode_cache=FileSystemBytecodeCache(str(compiled)) if compiled else None,
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
            "reader_part": self._reader_part,
            "base_url": base_url,
            "sandbox": sandbox,
            "sample_world": sample_world,
            "now": clock.now,
        }

    def render(
        self,
        template: str,
        context: Mapping[str, Any],
        reader: Mapping[str, Any],
        form_token: Callable[[], str],
        keeps: Keeps = NOTHING_KEPT,
    ) -> str:
        """Render a page for one reader: `reader` is what its templates know of them, `keeps` what they have put aside."""
        return self._rendered(template, {**context, **reader}, Rendering(form_token, reader, keeps))

    def render_for_all(self, template: str, context: Mapping[str, Any]) -> tuple[list[str], list[Hole]]:
        """Render a page without its reader: the pieces, and the holes between them, one fewer.

        A template that asks for the reader outside of a `reader_part` fails: nobody's name is kept for others.
        """
        pieces = self._rendered(template, context, Rendering(_no_token)).split(self._mark)
        return pieces[::2], [_hole(text) for text in pieces[1::2]]

    def fill(
        self, hole: Hole, reader: Mapping[str, Any], form_token: Callable[[], str], keeps: Keeps = NOTHING_KEPT
    ) -> str:
        """What stands in a hole for one reader at this moment."""
        return self._rendered(hole.template, {**reader, **dict(hole.about)}, Rendering(form_token, reader, keeps))

    def fill_again(self, hole: Hole, actor: Actor, locale: str, form_token: Callable[[], str]) -> str:
        """Like `fill` where there is nothing to tell the reader but who they are; made once for each of them.

        The form token is put in afterwards, since it must be another one each time. What somebody has put aside changes from
        one reading to the next: a template that asks for it fails here, and belongs to `EACH_TIME`.
        """
        first, *others = self._filled(hole, actor.anywhere, locale)
        return first + "".join(form_token() + piece for piece in others)

    def _fill_once(self, hole: Hole, actor: Actor, locale: str) -> tuple[str, ...]:
        reader = reader_of(actor)
        with i18n.speaking(locale):
            rendering = Rendering(lambda: self._mark, reader)
            text = self._rendered(hole.template, {**reader, **dict(hole.about)}, rendering)
            return tuple(text.split(self._mark))

    def _rendered(self, template: str, context: Mapping[str, Any], rendering: Rendering) -> str:
        token = _rendering.set(rendering)
        try:
            return self.environment.get_template(template).render(context)
        finally:
            _rendering.reset(token)

    def _reader_part(self, template: str, **about: str) -> Markup:
        """In a page: a part that is about its reader, by a template of its own; `about` are texts that it needs to know."""
        reader = _rendering.get().reader
        if reader is None:
            return Markup(f"{self._mark}{urlencode({'': template, **about})}{self._mark}")  # noqa: S704 - taken out again
        return Markup(self.environment.get_template(template).render({**reader, **about}))  # noqa: S704 - a template's

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
    "month": i18n.format_month,
    "number": i18n.format_number,
    "percent": i18n.format_percent,
    "since": lambda value: i18n.relative(value, clock.now()),
    "country": i18n.country_name,
    "paragraphs": paragraphs,
}
