"""From a request to a view and back: one thread hop, one unit of work, the commit before the answer leaves.

Three kinds of view, told by their decorator:

    @page(permission=...)                        GET; reads
    @action(Form, permission=..., again=view)    POST; one transaction; shown again by `again` when something is wrong
    @steps(Form, permission=..., again=view)     POST; opens its own units of work around a call to the outside
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache as cache_once
from typing import Any, ClassVar

from anyio import to_thread
from sqlmodel import Session
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from market.kit import cache, cookies, csrf, i18n
from market.kit.actor import ANONYMOUS, Actor
from market.kit.errors import Forbidden, Invalid, NotFound, PonteError, Refusal, Refused
from market.kit.files import Upload
from market.kit.forms import Form, FormState, clean, parse, typed
from market.kit.i18n import _, translate
from market.kit.ids import LENGTH
from market.kit.incoming import read_form, safe_path
from market.kit.kept import Hole, KeptPage, etag_of
from market.kit.runtime import Work, runtime
from market.kit.templating import EACH_TIME, NOTHING_KEPT, Keeps, reader_of

PUBLIC = "public"


@dataclass(frozen=True)
class Page:
    """All that a template sees: subclasses name their `template` and add fields."""

    template: ClassVar[str]


@dataclass(frozen=True)
class ErrorPage(Page):
    """The page of an error."""

    template: ClassVar[str] = "errors/error.html"
    status: int
    sentence: str


# --- answers


def render(request: Request, page: Page, status: int = 200) -> HTMLResponse:
    """Render a page class with its template."""
    templates = runtime(request).templates
    context = {
        "page": page,
        "request_path": request.url.path,
        "locale": i18n.current_locale(),
        "direction": i18n.direction(),
    }
    if getattr(request.state, "for_all", False):
        response = ForAll(b"", status_code=status)
        response.pieces, response.holes = templates.render_for_all(page.template, context)
        return response
    reader = _reader(request)
    html = templates.render(page.template, context, reader, lambda: _form_token(request), _keeps(request))
    return _flashed(HTMLResponse(html, status_code=status), reader)


class ForAll(HTMLResponse):
    """A page on its way into the cache: what is the same for all readers, and the holes in it."""

    pieces: list[str]
    holes: list[Hole]


def _reader(request: Request) -> dict[str, Any]:
    notes = cookies.flashes(request, runtime(request).secret)
    return reader_of(getattr(request.state, "actor", ANONYMOUS), notes, request.url.path)


def _keeps(request: Request) -> Keeps:
    """What the reader has put aside: a person's is asked for at most once, and only by a page that shows it."""
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)

    @cache_once
    def marks() -> frozenset[str]:
        db: Session | None = getattr(request.state, "db", None)
        return frozenset(actor.marks) if db is None else runtime(request).load_marks(db, actor)

    return Keeps(marks, token_wanted=cookies.has_session(request))


def _form_token(request: Request) -> str:
    request.state.has_token = True
    return cookies.form_token(request, runtime(request).secret)


def _flashed(response: HTMLResponse, reader: dict[str, Any]) -> HTMLResponse:
    """The sentence to show was shown: the browser forgets it."""
    if reader["flashes"]:
        response.delete_cookie(cookies.FLASH, path="/")
    return response


def kept_from(request: Request, organisation_id: str) -> None:
    """Say of a page for all readers that the people of `organisation_id` see it otherwise: theirs is made for them."""
    request.state.owner = organisation_id


def redirect(request: Request, name: str, flash: str | None = None, kind: str = "success", **params: Any) -> Response:
    """Send the browser on to a route of ours (303), with a sentence to show there."""
    return redirect_to(request, runtime(request).templates.addresses.path(name, **params), flash, kind)


def redirect_to(request: Request, path: str, flash: str | None = None, kind: str = "success") -> Response:
    """Send the browser on to a path of ours; anything else goes to the start page."""
    response = RedirectResponse(safe_path(path), status_code=303)
    if flash:
        cookies.set_flash(response, runtime(request), kind, translate(flash))
    return response


def json_answer(data: Any, status: int = 200) -> Response:
    """Answer with JSON."""
    return JSONResponse(data, status_code=status)


def query(request: Request, name: str, default: str = "") -> str:
    """One trimmed value of the address's query, at most 2,000 characters."""
    return clean(request.query_params.get(name, default)[:4000]).strip()[:2000]


def page_number(request: Request, name: str = "page", most: int = 10_000) -> int:
    """The page asked for; 1 for anything that is no page."""
    value = query(request, name, "1")
    return min(max(int(value), 1), most) if value.isascii() and value.isdecimal() and len(value) < 7 else 1


def error_answer(request: Request, error: PonteError) -> Response:
    """The page (or JSON, where it was asked for) of an error."""
    if "application/json" in request.headers.get("accept", "") and "text/html" not in request.headers.get("accept", ""):
        return json_answer({"error": error.sentence}, error.status)
    return render(request, ErrorPage(status=error.status, sentence=error.sentence), error.status)


# --- the adapter

PageView = Callable[..., Response]
Endpoint = Callable[[Request], Awaitable[Response]]


def page(
    *, permission: str = PUBLIC, kept: bool = False, for_all: bool = False, counted: str = ""
) -> Callable[[PageView], Any]:
    """Serve a GET. `kept`: the finished page of a visitor may be kept until a change counter is raised.

    `for_all`: so may what everybody sees alike, signed in or not; templates put what is about the reader into
    `reader_part`s, and the view says by `kept_from` whose people see the page otherwise.
    `counted`: how often it is opened is counted under the end of this path parameter, an id.
    """

    def wrap(view: PageView) -> Any:
        def serve(request: Request, stamp: cache.Stamp | None) -> Response:
            run = runtime(request)
            with run.db.read() as db:
                bare = cookies.is_bare(request)
                if kept and bare and not for_all:
                    return _kept(request, db, view, stamp)
                actor = ANONYMOUS if for_all and bare else identify(request, db)
                denied = _denied(request, actor, permission)
                if denied is not None:
                    return denied
                request.state.db = db
                if for_all and not actor.is_operator:
                    found = _kept_for_all(request, db, view, stamp, actor)
                    if found is not None:
                        return found
                return view(request, db, actor)

        async def endpoint(request: Request) -> Response:
            stamp = None
            if kept or for_all:
                stamp = _quick_stamp(request)
                found = _kept_already(request, stamp) if cookies.is_bare(request) else None
                if found is not None:
                    return _counted(request, found, counted)
            return _counted(request, await _hop(request, serve, request, stamp), counted)

        return _dressed(endpoint, view, permission, "page")

    return wrap


def action(
    form: type[Form], *, permission: str, again: PageView | None = None, from_kept: bool = False
) -> Callable[[PageView], Any]:
    """Serve a POST in one transaction; `again(request, db, actor, form=FormState)` shows the page when something is wrong.

    `from_kept`: the form stands on pages that are kept for everybody, and so has no token for who has no session; that the
    browser says the request comes from a page of ours must do for what touches nothing but the browser's own cookie.
    """

    def wrap(view: PageView) -> Any:
        def carry_out(request: Request, actor: Actor, model: Form) -> Response:
            with runtime(request).db.write() as db:
                return view(request, db, actor, model)

        return _posting(view, form, permission, again, carry_out, locks=True, from_kept=from_kept)

    return wrap


def steps(form: type[Form], *, permission: str, again: PageView | None = None) -> Callable[[PageView], Any]:
    """Serve a POST that opens units of work by itself: `view(request, work, actor, form)`."""

    def wrap(view: PageView) -> Any:
        def carry_out(request: Request, actor: Actor, model: Form) -> Response:
            return view(request, Work(request), actor, model)

        return _posting(view, form, permission, again, carry_out, locks=False)

    return wrap


def raw(view: Callable[[Request, Work, bytes], Response]) -> Any:
    """Serve a POST from a machine (a webhook): the raw body, no session, no form token; the view authenticates it."""

    async def endpoint(request: Request) -> Response:
        body = await request.body()
        return await _hop(request, view, request, Work(request), body)

    return _dressed(endpoint, view, PUBLIC, "raw")


def _dressed(endpoint: Any, view: Any, permission: str, kind: str) -> Any:
    endpoint.__name__ = view.__name__
    endpoint.__qualname__ = view.__qualname__
    endpoint.__module__ = view.__module__
    endpoint.__doc__ = view.__doc__
    endpoint.permission = permission
    endpoint.kind = kind
    endpoint.view = view
    return endpoint


def _refuse_nul(request: Request) -> None:
    """No record has NUL in its name, and PostgreSQL would not even be asked for one."""
    if any("\x00" in str(part) for part in request.path_params.values()):
        raise NotFound


async def _hop(request: Request, serve: Callable[..., Response], *args: Any) -> Response:
    """Run `serve` in one of the few worker threads; a PonteError becomes its page."""
    run = runtime(request)

    def guarded() -> Response:
        run.queries.count = 0
        i18n.use(cookies.locale_of(request))
        try:
            _refuse_nul(request)
            return counted(finish(request, serve(*args)))
        except PonteError as error:
            return counted(finish(request, error_answer(request, error)))

    def counted(response: Response) -> Response:
        if run.count_queries:
            response.headers["X-Query-Count"] = str(run.queries.count)
        return response

    return await to_thread.run_sync(guarded, limiter=run.threads)


def finish(request: Request, response: Response) -> Response:
    """Headers that depend on who asked."""
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)
    visitor = getattr(request.state, "new_visitor", None)
    if visitor:
        cookies.set_visitor(response, runtime(request), visitor)
    if actor.signed_in or visitor or request.method != "GET":
        response.headers.setdefault("Cache-Control", "private, no-store")
    response.headers.setdefault("Cache-Control", "no-cache")
    response.headers.setdefault("Vary", "Cookie, Accept-Language")
    return response


def identify(request: Request, db: Session) -> Actor:
    """Who asks, by the session cookie; kept in `request.state.actor` for the rendering."""
    session = request.cookies.get(cookies.session_cookie(runtime(request).https), "")
    actor = runtime(request).load_actor(db, session) if session else ANONYMOUS
    address = request.client.host if request.client else ""
    marks = cookies.marks(request, runtime(request).secret)
    actor = actor.at(address, request.headers.get("user-agent", "")[:300], marks)
    request.state.actor = actor
    if actor.signed_in:
        i18n.use(actor.locale)
    return actor


def _denied(request: Request, actor: Actor, permission: str) -> Response | None:
    if actor.may(permission):
        return None
    if actor.signed_in:
        raise Forbidden
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":
        here = "/"
    return redirect(request, runtime(request).sign_in, flash=_("Please sign in first."), kind="info", next=here)


def _counted(request: Request, response: Response, name: str) -> Response:
    if name:
        runtime(request).sightings.opened(request, response, request.path_params[name][-LENGTH:])
    return response


def _quick_stamp(request: Request) -> cache.Stamp | None:
    """The change counters without a hop; only where looking costs no more than a lock."""
    run = runtime(request)
    return run.quick_stamp() if run.quick_stamp is not None else None


def _kept_already(request: Request, stamp: cache.Stamp | None) -> Response | None:
    """A visitor's page if it is kept and nothing has changed."""
    if stamp is None:
        return None
    kept = runtime(request).pages.get(_page_key(request), stamp)
    return None if kept is None or kept.parts is None else _kept_answer(request, kept, kept.parts)


def _kept(request: Request, db: Session, view: PageView, stamp: cache.Stamp | None) -> Response:
    """Serve a visitor's kept page, or make it and keep it under the counters as they stood before it was made."""
    run, key = runtime(request), _page_key(request)
    stamp = stamp or cache.stamp(db)
    kept = run.pages.get(key, stamp)
    if kept is None:
        request.state.actor = ANONYMOUS
        response = view(request, db, ANONYMOUS)
        if not _may_keep(request, response):
            return response
        body = bytes(response.body)
        kept = KeptPage((body,), response.headers["content-type"], etag=etag_of(body))
        run.pages.keep(key, stamp, kept)
    return _kept_answer(request, kept, ())


def _may_keep(request: Request, response: Response) -> bool:
    """Whole pages that hold for longer than this moment (else the view says `passing`) and carry nobody's form token."""
    passing, token = (getattr(request.state, name, False) for name in ("passing", "has_token"))
    return response.status_code == 200 and not passing and not token


def _kept_for_all(
    request: Request, db: Session, view: PageView, stamp: cache.Stamp | None, actor: Actor
) -> Response | None:
    """Serve what is kept for all readers with its holes filled for this one; None where the page is to be made for them."""
    run, key = runtime(request), _page_key(request)
    stamp = stamp or cache.stamp(db)
    kept = run.pages.get(key, stamp)
    if kept is None:
        made = _make_for_all(request, db, view)
        if not isinstance(made, KeptPage):
            return made
        run.pages.keep(key, stamp, kept := made)
    request.state.actor = actor
    if actor.signed_in and kept.owner == actor.organisation_id:
        return None
    if cookies.is_bare(request) and kept.parts is not None:
        return _kept_answer(request, kept, kept.parts)
    reader = _reader(request)
    parts = _filled(request, kept, actor, _keeps(request), reader["flashes"])
    return _flashed(HTMLResponse(kept.body(parts)), reader)


def _make_for_all(request: Request, db: Session, view: PageView) -> KeptPage | Response | None:
    """Make a page without its reader; the answer itself where it is no page, None where only some may see it."""
    request.state.for_all = True
    try:
        response = view(request, db, ANONYMOUS)
    except NotFound:
        return None
    finally:
        request.state.for_all = False
    if not isinstance(response, ForAll) or not _may_keep(request, response):
        return None if isinstance(response, ForAll) else response
    made = KeptPage(
        tuple(piece.encode() for piece in response.pieces),
        response.headers["content-type"],
        tuple(response.holes),
        owner=getattr(request.state, "owner", ""),
    )
    request.state.actor = ANONYMOUS
    parts = _filled(request, made, ANONYMOUS, NOTHING_KEPT)
    if getattr(request.state, "has_token", False):
        return replace(made, parts=None)
    return replace(made, parts=parts, etag=etag_of(made.body(parts)))


def _filled(
    request: Request, kept: KeptPage, actor: Actor, keeps: Keeps, notes: Sequence[tuple[str, str]] = ()
) -> tuple[bytes, ...]:
    """The holes of a page for one reader."""
    templates, locale = runtime(request).templates, i18n.current_locale()

    def token() -> str:
        return _form_token(request)

    def filled(hole: Hole) -> str:
        if notes or hole.template in EACH_TIME:
            return templates.fill(hole, reader_of(actor, notes), token, keeps)
        return templates.fill_again(hole, actor, locale, token)

    return tuple(filled(hole).encode() for hole in kept.holes)


def _page_key(request: Request) -> tuple[str, ...]:
    return (request.scope["path"], request.scope["query_string"].decode("latin-1"), _locale(request))


def _locale(request: Request) -> str:
    """The reader's language: the one in force, or on the event loop, where none is yet, the browser's."""
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)
    return actor.locale if actor.signed_in else cookies.locale_of(request)


def _kept_answer(request: Request, kept: KeptPage, parts: tuple[bytes, ...]) -> Response:
    headers = {"ETag": kept.etag, "Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"}
    if request.headers.get("if-none-match") == kept.etag:
        return Response(status_code=304, headers=headers)
    return Response(kept.body(parts), headers=headers, media_type=kept.media_type)


def _posting(
    view: PageView,
    model: type[Form],
    permission: str,
    again: PageView | None,
    carry_out: Callable[[Request, Actor, Any], Response],
    *,
    locks: bool,
    from_kept: bool = False,
) -> Any:
    shown_by = getattr(again, "view", again)

    def serve(request: Request, data: FormData, uploads: dict[str, list[Upload]]) -> Response:
        run = runtime(request)
        with run.db.read() as db:
            actor = identify(request, db)
        _check_forgery(request, data, token=not from_kept or cookies.has_session(request))
        denied = _denied(request, actor, permission)
        if denied is not None:
            return denied
        form = parse(model, data, uploads)
        if isinstance(form, FormState):
            return _show_again(request, actor, shown_by, form, Invalid(form.errors))
        try:
            return carry_out(request, actor, form)
        except Refused as error:
            return _show_again(request, actor, shown_by, FormState.refused(typed(data), error.refusal), error)
        except Invalid as error:
            return _show_again(request, actor, shown_by, FormState(typed(data), error.errors), error)

    async def endpoint(request: Request) -> Response:
        data, uploads = await read_form(request)
        run = runtime(request)
        if locks and run.db.is_sqlite:
            async with run.writing:
                return await _hop(request, serve, request, data, uploads)
        return await _hop(request, serve, request, data, uploads)

    endpoint.form = model  # type: ignore[attr-defined]
    return _dressed(endpoint, view, permission, "action" if locks else "steps")


def _check_forgery(request: Request, data: FormData, *, token: bool) -> None:
    given = str(data.get(csrf.FIELD) or "")
    genuine = not token or csrf.valid(runtime(request).secret, cookies.bound_to(request), given)
    if not csrf.same_origin(request) or not genuine:
        raise Forbidden(_("This form is no longer valid. Go back, load the page again and send it once more."))


def _show_again(request: Request, actor: Actor, again: PageView | None, form: FormState, error: PonteError) -> Response:
    if again is None:
        if form.errors:
            error = Refused(Refusal("form", " ".join(form.errors.values()).replace("{", "{{").replace("}", "}}")))
        return error_answer(request, error)
    if form.errors and not form.message:
        form.message = translate(Invalid.message)
    with runtime(request).db.read() as db:
        request.state.db = db
        response = again(request, db, actor, form=form)
    if response.status_code == 200:
        response.status_code = error.status
    return response
