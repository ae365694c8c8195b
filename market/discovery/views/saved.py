"""Saved searches: their list, their forms, and the link in a mail by which it stops."""

from collections.abc import Iterator

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.policy import person_of
from market.accounts.rules import Permission
from market.discovery import queries
from market.discovery.forms import Asked, SavedSearchForm, SaveSearchForm
from market.discovery.pages import Choice, EditSavedPage, SavedLine, SavedSearchesPage, SaveSearchPage, StopAlertsPage
from market.discovery.rules.alerts import FREQUENCIES, FREQUENCY_LABELS, LONGEST_NAME
from market.discovery.rules.facets import FACETS
from market.discovery.rules.stopping import person_to_stop
from market.discovery.service import saving
from market.discovery.service.saving import understood
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.runtime import Work, runtime
from market.kit.web import action, page, raw, redirect, render


@page(permission=Permission.SIGNED_IN)
def list_saved(request: Request, db: Session, actor: Actor) -> Response:
    """The own saved searches, and how often each one writes."""
    return render(
        request,
        SavedSearchesPage(
            title=translate(_("Saved searches")),
            lines=[
                SavedLine(
                    id=each.id,
                    name=each.name,
                    what=in_words(understood(each.query)),
                    often=translate(FREQUENCY_LABELS[each.frequency]),
                    silent=each.frequency == "off",
                    query=each.query,
                )
                for each in queries.saved_searches(db, person_of(actor))
            ],
        ),
    )


@page(permission=Permission.SIGNED_IN)
def name_search(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """Give the search of this address a name; nothing is kept until the form is sent."""
    del db, actor
    query = (form.value("query") if form else request.url.query)[:20_000]
    wanted = understood(query)
    what = in_words(wanted)
    return render(
        request,
        SaveSearchPage(
            title=translate(_("Save this search")),
            form=form or FormState({"frequency": "daily"}),
            query=wanted.query(),
            what=what,
            name=what[:LONGEST_NAME],
            often=often(),
        ),
    )


@action(SaveSearchForm, permission=Permission.SIGNED_IN, again=name_search)
def save_search(request: Request, db: Session, actor: Actor, form: SaveSearchForm) -> Response:
    """Keep the search."""
    saving.save(db, actor, form, now=clock.now())
    return redirect(request, "discovery:list_saved", flash=_("Your search is saved."))


@page(permission=Permission.SIGNED_IN)
def edit_saved(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """The form to change a saved search."""
    found = queries.saved_search(db, person_of(actor), request.path_params["search"])
    wanted = understood(found.query)
    ticked = list(_ticked(wanted))
    values = {"name": found.name, "frequency": found.frequency, "text": wanted.text}
    return render(
        request,
        EditSavedPage(
            title=found.name,
            form=form or FormState({**values, "filters": [value for value, _words in ticked]}),
            id=found.id,
            query=found.query,
            filters=ticked,
            often=often(),
        ),
    )


@action(SavedSearchForm, permission=Permission.SIGNED_IN, again=edit_saved)
def change_saved(request: Request, db: Session, actor: Actor, form: SavedSearchForm) -> Response:
    """Keep the changes."""
    saving.change(db, actor, request.path_params["search"], form, now=clock.now())
    return redirect(request, "discovery:list_saved", flash=_("Your changes are saved."))


@action(NoForm, permission=Permission.SIGNED_IN)
def delete_saved(request: Request, db: Session, actor: Actor, _form: NoForm) -> Response:
    """Throw a saved search away."""
    saving.throw_away(db, actor, request.path_params["search"], now=clock.now())
    return redirect(request, "discovery:list_saved", flash=_("The saved search is deleted."))


def in_words(wanted: Asked) -> str:
    """A search as a person would say it: its text, then its filters."""
    words = [wanted.text] if wanted.text else []
    return ", ".join([*words, *(text for _value, text in _ticked(wanted))]) or translate(_("All technologies"))


def often() -> list[Choice]:
    """How often one may be told."""
    return [(key, translate(FREQUENCY_LABELS[key])) for key in FREQUENCIES]


def _ticked(wanted: Asked) -> Iterator[Choice]:
    for facet in FACETS:
        for value in wanted.chosen.get(facet.name, ()):
            yield f"{facet.name}={value}", facet.words(value)


# --- the link in a mail


@page(permission=Permission.PUBLIC)
def ask_stop(request: Request, db: Session, actor: Actor) -> Response:
    """Where the link leads a person: a button. Nothing changes by looking, since mail programs look at every link."""
    del db, actor
    _whose(request)
    return render(request, _stop_page(request, stopped=False))


@raw
def stop_alerts(request: Request, work: Work, _body: bytes) -> Response:
    """Send no more of these mails: by the button, or by the mail program's one click (RFC 8058), which has no session."""
    person_id = _whose(request)
    with work.write() as db:
        saving.stop_mails(db, person_id, now=clock.now())
    return render(request, _stop_page(request, stopped=True))


def _whose(request: Request) -> str:
    person_id = person_to_stop(runtime(request).secret, request.path_params["token"])
    if person_id is None:
        raise NotFound
    return person_id


def _stop_page(request: Request, *, stopped: bool) -> StopAlertsPage:
    return StopAlertsPage(translate(_("Mails about new technologies")), request.path_params["token"], stopped)
