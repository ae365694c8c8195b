"""The way out: how clear a listing is, the second pair of eyes, the schedule, the institution's conditions."""

from datetime import timedelta

from sqlmodel import Session
from starlette.requests import Request
from starlette.responses import Response

from market.accounts import queries as accounts
from market.accounts.rules import Permission
from market.catalog import editorial
from market.catalog.forms import DecideForm, PolicyForm, PublishForm, ScheduleForm
from market.catalog.pages import ClarityPage, FindingRow, PolicyPage
from market.catalog.rows import ListingRow
from market.catalog.rules.clarity.score import FIELDS, Clarity, clarity
from market.catalog.rules.listing import technology_id
from market.catalog.rules.schedule import local
from market.catalog.service import gate, review, schedule
from market.catalog.views.editor import lacking, may_publish, own_listing
from market.kit import clock
from market.kit.actor import Actor
from market.kit.errors import NotFound
from market.kit.forms import FormState, NoForm
from market.kit.i18n import _, translate
from market.kit.web import action, page, redirect, render

_EDIT, _PUBLISH = Permission.EDIT_LISTINGS, Permission.PUBLISH_LISTINGS


def findings(found: Clarity) -> list[FindingRow]:
    """What to mend, in the reader's language, by field in the order of the form."""
    order = list(FIELDS)
    rows = sorted(found.findings, key=lambda each: order.index(each.field))
    return [
        FindingRow(translate(FIELDS[each.field]), each.sentence, translate(each.advice, **each.params)) for each in rows
    ]


@page(permission=_EDIT)
def show_clarity(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """How clear the listing is, what to mend, and the ways to publish it."""
    listing = own_listing(request, db, actor)
    found = clarity(editorial.told(db, listing.id))
    policy = editorial.policy_of(db, listing.organisation_id)
    looked = editorial.review(db, listing.id)
    zone = accounts.organisation(db, listing.organisation_id).timezone
    planned = editorial.schedule(db, listing.id)
    return render(
        request,
        ClarityPage(
            title=listing.title,
            listing=listing,
            part="clarity",
            form=form or _plan_form(zone),
            missing=lacking(listing),
            may_publish=may_publish(actor, listing),
            score=found.score,
            threshold=policy.threshold,
            level=translate(found.level),
            parts=[(translate(part.name), part.points, part.of) for part in found.parts],
            findings=findings(found),
            wants_review=policy.review,
            review=looked,
            review_holds=looked is not None and looked.version == listing.version,
            may_decide=_may_decide(db, actor, listing, looked),
            timezone=zone,
            planned_at=local(planned.publish_at, zone) if planned else None,
            plan_problem=planned.problem if planned else "",
        ),
    )


def _plan_form(zone: str) -> FormState:
    """Tomorrow at nine."""
    tomorrow = (local(clock.now(), zone) + timedelta(days=1)).date()
    return FormState({"day": tomorrow.isoformat(), "time": "09:00"})


def _may_decide(db: Session, actor: Actor, listing: ListingRow, looked: object) -> bool:
    """Whether the actor may be the second pair of eyes."""
    if looked is None or not may_publish(actor, listing):
        return False
    last = editorial.newest_version(db, listing.id)
    return actor.person_id not in (getattr(looked, "submitted_by", None), last.person_id if last else None)


@action(PublishForm, permission=_PUBLISH, again=show_clarity)
def publish_listing(request: Request, db: Session, actor: Actor, form: PublishForm) -> Response:
    """Open the listing to everybody."""
    wanted = technology_id(request.path_params["technology"])
    technology = gate.release(db, actor, wanted, reason=form.reason, now=clock.now())
    return redirect(
        request,
        "catalog:show_listing",
        technology=f"{technology.slug}-{technology.id}",
        flash=_("Published. Everybody can find it now."),
    )


@action(NoForm, permission=_EDIT, again=show_clarity)
def submit_listing(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Ask a colleague to look."""
    del form
    wanted = technology_id(request.path_params["technology"])
    review.submit(db, actor, wanted, now=clock.now())
    return redirect(
        request, "catalog:show_clarity", technology=wanted, flash=_("Submitted. A colleague can look at it now.")
    )


@action(DecideForm, permission=_PUBLISH, again=show_clarity)
def review_listing(request: Request, db: Session, actor: Actor, form: DecideForm) -> Response:
    """Approve what was submitted, or send it back."""
    wanted, now = technology_id(request.path_params["technology"]), clock.now()
    if form.verdict == "approve":
        review.approve(db, actor, wanted, version=form.version, now=now)
        told = _("Approved. It can be published now.")
    else:
        review.send_back(db, actor, wanted, form.comment, version=form.version, now=now)
        told = _("Sent back with your comment.")
    return redirect(request, "catalog:show_clarity", technology=wanted, flash=told)


@action(ScheduleForm, permission=_PUBLISH, again=show_clarity)
def plan_listing(request: Request, db: Session, actor: Actor, form: ScheduleForm) -> Response:
    """Publish at a chosen time."""
    wanted = technology_id(request.path_params["technology"])
    schedule.plan(db, actor, wanted, form, now=clock.now())
    return redirect(request, "catalog:show_clarity", technology=wanted, flash=_("Planned. It goes out by itself."))


@action(NoForm, permission=_PUBLISH, again=show_clarity)
def cancel_plan(request: Request, db: Session, actor: Actor, form: NoForm) -> Response:
    """Publish it by hand after all."""
    del form
    wanted = technology_id(request.path_params["technology"])
    schedule.cancel(db, actor, wanted, now=clock.now())
    return redirect(request, "catalog:show_clarity", technology=wanted, flash=_("The plan is dropped."))


@page(permission=Permission.MANAGE_ORGANISATION)
def edit_policy(request: Request, db: Session, actor: Actor, form: FormState | None = None) -> Response:
    """What the institution asks of its listings before they go out."""
    if actor.organisation_id is None or not actor.may(_EDIT):
        raise NotFound
    policy = editorial.policy_of(db, actor.organisation_id)
    known = FormState.of({"clarity_threshold": policy.threshold, "review": policy.review})
    return render(request, PolicyPage(title=translate(_("Conditions for publishing")), form=form or known))


@action(PolicyForm, permission=Permission.MANAGE_ORGANISATION, again=edit_policy)
def save_policy(request: Request, db: Session, actor: Actor, form: PolicyForm) -> Response:
    """Keep the institution's conditions."""
    if not actor.may(_EDIT):
        raise NotFound
    gate.set_policy(db, actor, form, now=clock.now())
    return redirect(request, "catalog:list_own_listings", flash=_("Saved."))
