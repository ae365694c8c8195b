"""From a request to a view and back: one thread hop, one unit of work, the commit before the answer leaves.

Three kinds of view, told by their decorator:

    @page(permission=...)                        GET; reads
    @action(Form, permission=..., again=view)    POST; one transaction; shown again by `again` when something is wrong
    @steps(Form, permission=..., again=view)     POST; opens its own units of work around a call to the outside
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache as cache_once
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

from anyio import CapacityLimiter, to_thread
from sqlmodel import Session
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from market.kit import cache, cookies, csrf, i18n
from market.kit.actor import ANONYMOUS, Actor
from market.kit.db import Database
from market.kit.errors import Forbidden, Invalid, NotFound, PonteError, Refusal, Refused
from market.kit.files import Upload
from market.kit.forms import Form, FormState, clean, parse, typed
from market.kit.gateways import Gateways
from market.kit.i18n import _, translate
from market.kit.templating import Templates

T = TypeVar("T")
PUBLIC = "public"
THREADS = 2


@dataclass
class Runtime:
    """What a running application has at hand; made by wiring, kept in `app.state.runtime`."""

    db: Database
    gateways: Gateways
    templates: Templates
    load_actor: Callable[[Session, str], Actor]
    load_marks: Callable[[Session, Actor], frozenset[str]]
    secret: str
    base_url: str
    sign_in: str = "accounts:sign_in"
    sandbox: bool = True
    sample_world: bool = False
    count_queries: bool = False
    pages: cache.PageCache = field(default_factory=cache.PageCache)
    queries: int = 0

    def __post_init__(self) -> None:
        self.threads = CapacityLimiter(THREADS)
        self.writing = asyncio.Lock()
        self.quick_stamp = cache.QuickStamp(self.db) if self.db.is_sqlite else None

    @property
    def https(self) -> bool:
        """Whether people reach us over https, by the base address."""
        return self.base_url.startswith("https:")


def runtime(request: Request) -> Runtime:
    """The runtime of the application that serves `request`."""
    return request.app.state.runtime  # type: ignore[no-any-return]


def gateway(request: Request, kind: type[T]) -> T:
    """The implementation of a gateway Protocol that the settings chose."""
    return runtime(request).gateways[kind]


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


class Work:
    """What a `steps` view works with: units of work of its own, and gateways to call between them."""

    def __init__(self, request: Request) -> None:
        self._runtime = runtime(request)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """A session for looking only."""
        with self._runtime.db.read() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[Session]:
        """A unit of work, committed at the end of the block."""
        with self._runtime.db.write() as db:
            yield db

    def gateway(self, kind: type[T]) -> T:
        """The implementation of a gateway Protocol that the settings chose."""
        return self._runtime.gateways[kind]

    @property
    def base_url(self) -> str:
        """The address people reach us at, without a slash at the end."""
        return self._runtime.base_url


# --- answers


def render(request: Request, page: Page, status: int = 200) -> HTMLResponse:
    """Render a page class with its template."""
    run = runtime(request)
    actor: Actor = getattr(request.state, "actor", ANONYMOUS)
    notes = cookies.flashes(request, run.secret)
    html = run.templates.render(
        page.template,
        {
            "page": page,
            "actor": actor,
            "flashes": notes,
            "request_path": request.url.path,
            "locale": i18n.current_locale(),
            "direction": i18n.direction(),
        },
        lambda: cookies.form_token(request, run.secret),
        _marks(request) if cookies.has_session(request) else (lambda: frozenset(actor.marks)),
        token_wanted=cookies.has_session(request),
    )
    response = HTMLResponse(html, status_code=status)
    if notes:
        response.delete_cookie(cookies.FLASH, path="/")
    return response


def _marks(request: Request) -> Callable[[], frozenset[str]]:
    """What the person has put aside, asked for at most once and only by a page that shows it."""

    @cache_once
    def marks() -> frozenset[str]:
        db: Session | None = getattr(request.state, "db", None)
        return runtime(request).load_marks(db, request.state.actor) if db is not None else frozenset()

    return marks


def redirect(request: Request, name: str, flash: str | None = None, kind: str = "success", **params: Any) -> Response:
    """Send the browser on to a route of ours (303), with a sentence to show there."""
    return redirect_to(request, runtime(request).templates.addresses.path(name, **params), flash, kind)


def redirect_to(request: Request, path: str, flash: str | None = None, kind: str = "success") -> Response:
    """Send the browser on to a path of ours; anything else goes to the start page."""
    response = RedirectResponse(safe_path(path), status_code=303)
    if flash:
        cookies.set_flash(response, runtime(request), kind, translate(flash))
    return response


def came_from(request: Request, default: str = "/") -> str:
    """The path of our page that the request was sent from, with its query; `default` when the browser does not say."""
    parts = urlsplit(request.headers.get("referer", ""))
    if parts.netloc != request.headers.get("host", ""):
        return default
    return safe_path(parts.path + (f"?{parts.query}" if parts.query else ""), default)


def safe_path(path: str | None, default: str = "/") -> str:
    """`path` if it is an address inside this site, else `default`."""
    if not path or not path.startswith("/") or path.startswith(("//", "/\\")):
        return default
    return default if any(ord(c) < 33 or c == "\\" for c in path) else path


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


def page(*, permission: str = PUBLIC, kept: bool = False) -> Callable[[PageView], Any]:
    """Serve a GET. `kept`: the finished page of a visitor may be kept until a change counter is raised."""

    def wrap(view: PageView) -> Any:
        def serve(request: Request) -> Response:
            run = runtime(request)
            with run.db.read() as db:
                if kept and cookies.is_bare(request):
                    return _kept(request, db, view)
                actor = identify(request, db)
                denied = _denied(request, actor, permission)
                if denied is not None:
                    return denied
                request.state.db = db
                return view(request, db, actor)

        async def endpoint(request: Request) -> Response:
            if kept and cookies.is_bare(request):
                found = _kept_already(request)
                if found is not None:
                    return found
            return await _hop(request, serve, request)

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
    before = run.queries

    def guarded() -> Response:
        i18n.use(cookies.locale_of(request))
        try:
            _refuse_nul(request)
            return finish(request, serve(*args))
        except PonteError as error:
            return finish(request, error_answer(request, error))

    response = await to_thread.run_sync(guarded, limiter=run.threads)
    if run.count_queries:
        response.headers["X-Query-Count"] = str(run.queries - before)
    return response


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


def _kept(request: Request, db: Session, view: PageView) -> Response:
    """Serve a kept page, or make it and keep it under the counters as they stood before it was made."""
    run = runtime(request)
    stamp = cache.stamp(db)
    kept = run.pages.get(_page_key(request), stamp)
    if kept is None:
        request.state.actor = ANONYMOUS
        response = view(request, db, ANONYMOUS)
        passing = getattr(request.state, "passing", False)  # a view says so of a page that holds for this moment only
        if response.status_code != 200 or passing or getattr(request.state, "new_visitor", None):
            return response
        kept = run.pages.keep(_page_key(request), stamp, bytes(response.body), response.headers["content-type"])
    return _kept_answer(request, kept)


def _kept_already(request: Request) -> Response | None:
    """The page if it is kept and nothing has changed, without a hop; only where looking costs no more than a lock."""
    run = runtime(request)
    if run.quick_stamp is None:
        return None
    kept = run.pages.get(_page_key(request), run.quick_stamp())
    return None if kept is None else _kept_answer(request, kept)


def _page_key(request: Request) -> tuple[str, ...]:
    return (request.scope["path"], request.scope["query_string"].decode("latin-1"), cookies.locale_of(request))


def _kept_answer(request: Request, kept: cache.KeptPage) -> Response:
    headers = {"ETag": kept.etag, "Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"}
    if request.headers.get("if-none-match") == kept.etag:
        return Response(status_code=304, headers=headers)
    return Response(kept.body, headers=headers, media_type=kept.media_type)


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
        data, uploads = await _read_form(request)
        run = runtime(request)
        if locks and run.db.is_sqlite:
            async with run.writing:
                return await _hop(request, serve, request, data, uploads)
        return await _hop(request, serve, request, data, uploads)

    endpoint.form = model  # type: ignore[attr-defined]
    return _dressed(endpoint, view, permission, "action" if locks else "steps")


async def _read_form(request: Request) -> tuple[FormData, dict[str, list[Upload]]]:
    try:
        data = await request.form(max_files=40, max_fields=2000, max_part_size=2 * 1024 * 1024)
    except HTTPException:
        raise
    except (ValueError, UnicodeDecodeError) as error:
        raise HTTPException(400) from error
    uploads: dict[str, list[Upload]] = {}
    for name, value in data.multi_items():
        if isinstance(value, UploadFile):
            uploads.setdefault(name, []).append(
                Upload(value.filename or "", value.content_type or "", await value.read())
            )
    return data, uploads


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
