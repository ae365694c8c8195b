"""Guides and their quizzes."""

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts.rules import Permission
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import Invalid
from market.kit.forms import FormState
from market.kit.i18n import _, translate
from market.kit.web import action, page, query, render
from market.support import library, queries, service
from market.support.forms import QuizForm
from market.support.pages import GlossaryPage, GuidePage, GuidesPage, TermRow
from market.support.rules import glossary
from market.support.rules import guide as rules

MORE = 3


@page(permission=Permission.PUBLIC, kept=True)
def list_guides(request: Request, db: Session, actor: Actor) -> Response:
    """The guides by topic, all or those for where the reader stands."""
    stand = query(request, "stand")
    stand = stand if stand in rules.STANDS else ""
    chosen = [each for each in library.guides() if not stand or stand in each.stands]
    groups = [
        (translate(name), [each for each in chosen if each.topic == topic]) for topic, name in rules.TOPICS.items()
    ]
    return render(
        request,
        GuidesPage(
            title=translate(_("Learn")),
            groups=[(name, guides) for name, guides in groups if guides],
            stands=[(key, translate(name)) for key, name in rules.STANDS.items()],
            stand=stand,
            total=len(chosen),
            done=queries.progress(db, actor),
        ),
    )


@page(permission=Permission.PUBLIC, kept=True)
def show_glossary(request: Request, _db: Session, _actor: Actor) -> Response:
    """The words of the trade, by name."""
    rows = [TermRow(key, *glossary.explained(key)) for key in glossary.TERMS]
    rows.sort(key=lambda row: row.name.casefold())
    return render(request, GlossaryPage(title=translate(_("Glossary")), terms=rows))


@page(permission=Permission.PUBLIC, kept=True)
def show_guide(request: Request, _db: Session, _actor: Actor, form: FormState | None = None) -> Response:
    """A guide to read, and its quiz."""
    return _guide_page(request, form or FormState(), [])


@action(QuizForm, permission=Permission.PUBLIC, again=show_guide, from_kept=True)
def answer_quiz(request: Request, db: Session, actor: Actor, form: QuizForm) -> Response:
    """Say which answers were right, and why."""
    guide, chosen = library.find(request.path_params["guide"]), form.by_number()
    missing = rules.unanswered(guide.questions, chosen)
    if missing:
        raise Invalid({f"q{number}": translate(_("Choose one of the answers.")) for number in missing})
    marks = rules.marked(guide.questions, chosen)
    service.keep_progress(db, actor, guide, marks, now=clock.now())
    return _guide_page(request, FormState.of(form), marks)


def _guide_page(request: Request, form: FormState, marks: list[rules.Mark]) -> Response:
    guide = library.find(request.path_params["guide"])
    others = [each for each in library.guides() if each != guide and set(each.stands) & set(guide.stands)]
    return render(
        request,
        GuidePage(
            title=guide.title,
            guide=guide,
            text=library.html_of(guide.slug),
            picture=library.picture_of(guide.slug),
            level=translate(rules.LEVELS[guide.level]),
            stands=[(stand, translate(rules.STANDS[stand])) for stand in guide.stands],
            form=form,
            marks=marks,
            more=sorted(others, key=lambda each: each.topic != guide.topic)[:MORE],
        ),
    )
