"""What happened between companies and institutions, played step by step on its day.

A story of `data/deals.json` names its `technology` and `company`, how many days `ago` it began, the enquiry (`use`,
`field`, `territory`, `note`) and its `steps`: `[day, what, ...]`, days since the enquiry. A story that has begun is not
played again, so that the sample world may be used and started anew.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import typst
from sqlmodel import Session, col, select

from market.catalog.models import Technology
from market.deals import queries
from market.deals.forms import (
    AnswerForm,
    ApproveForm,
    CloseForm,
    EnquiryForm,
    MessageForm,
    NdaForm,
    PaperForm,
    SignForm,
)
from market.deals.gateway import Typesetter
from market.deals.models import Deal
from market.deals.rules.terms import (
    FieldOfUse,
    Frequency,
    Grant,
    MinimumRoyalty,
    OptionTerms,
    Reports,
    Royalty,
    Term,
    TermKind,
    TermSheet,
    Territory,
    Tier,
    UpfrontFee,
)
from market.deals.service import approve, clockwork, enquire, nda, negotiate, room, sign, talk, typeset
from market.kit import clock
from market.kit.actor import Actor
from market.kit.files import FileStore, Upload, save_upload
from market.kit.money import Money
from market.payments import queries as payments
from market.payments import report_queries as reports
from market.payments.models import Invoice
from market.payments.rules.working import Sale, Sales
from market.payments.service import paying, reporting, royalty_clock
from seed import world
from seed.stage import Stage
from seed.world import SampleOrganisation, SamplePerson

NOTE = "Sample world: fictional, without legal effect"


def tell_all(stage: Stage) -> None:
    """Play every story, then every short question, then let the clock do what is due."""
    for facts in world.stories():
        _tell(stage, facts)
        stage.step()
    for row in world.questions():
        _tell(stage, _short(row))
        stage.step()
    clockwork.tick(stage.wired.db, now=stage.start)
    royalty_clock.tick(stage.wired.db, now=stage.start)


def _short(row: tuple[str, str, int, str, str, str]) -> dict[str, Any]:
    technology, company, ago, use, answer, reason = row
    days = world.organisation(_listing(technology).organisation).answers_in_days
    steps = [[days, "answer", answer], [days + 9, "close", "licensee", reason, ""]]
    return {"technology": technology, "company": company, "ago": ago, "use": use, "steps": steps}


def _listing(key: str) -> world.SampleListing:
    return next(each for each in world.listings() if each.key == key)


@dataclass
class Story:
    """One deal as it is being played."""

    stage: Stage
    facts: dict[str, Any]
    licensor: SampleOrganisation
    licensee: SampleOrganisation
    deal_id: str = ""
    at: datetime = field(default_factory=clock.now)

    def go_to(self, day: int, order: int) -> None:
        """Move the clock to a day of the story; it never runs back."""
        wanted = self.stage.moment(float(self.facts["ago"]) - day, order)
        self.at = min(max(wanted, self.at + timedelta(minutes=5)), self.stage.start - timedelta(seconds=30))

    def person(self, side: str, role: str) -> SamplePerson:
        """Who does it: on the company's side members do what officers do elsewhere."""
        if side == "licensor":
            return self.licensor.person(role)
        return self.licensee.person("member" if role == "officer" else role)

    def turn(self, db: Session) -> str:
        """Whose move it is."""
        return db.get_one(Deal, self.deal_id).turn


def _tell(stage: Stage, facts: dict[str, Any]) -> None:
    licensor = world.organisation(_listing(facts["technology"]).organisation)
    story = Story(stage, facts, licensor, world.organisation(facts["company"]))
    story.at = stage.moment(float(facts["ago"]), 1)
    with stage.write(story.at) as db:
        if not _ask(story, db):
            return
    for order, (day, what, *rest) in enumerate(facts["steps"], start=2):
        story.go_to(day, order)
        STEPS[what](story, *rest)


def _ask(story: Story, db: Session) -> bool:
    """Send the enquiry, unless the story was begun before."""
    licensor = story.stage.organisation_id(db, story.licensor.key)
    licensee = story.stage.organisation_id(db, story.licensee.key)
    technology = db.exec(
        select(Technology.id).where(
            Technology.organisation_id == licensor, Technology.reference == story.facts["technology"]
        )
    ).one()
    told = select(Deal.id).where(Deal.technology_id == technology, Deal.licensee_id == licensee)
    if db.exec(told).first():
        return False
    form = EnquiryForm(
        intended_use=story.facts["use"],
        field_of_use=story.facts.get("field", "Own products and services"),
        territory=story.facts.get("territory", [story.licensee.country]),
        note=story.facts.get("note", ""),
    )
    actor = story.stage.actor(db, story.person("licensee", "officer"))
    story.deal_id = enquire.send_enquiry(db, actor, technology, form, now=story.at).id
    return True


# --- steps


def _act(story: Story, side: str, role: str, do: Callable[[Session, Actor], object]) -> None:
    with story.stage.write(story.at) as db:
        do(db, story.stage.actor(db, story.person(side or story.turn(db), role)))


def _answer(story: Story, text: str) -> None:
    form = AnswerForm(message=text)
    _act(story, "licensor", "officer", lambda db, who: enquire.acknowledge(db, who, story.deal_id, form, now=story.at))


def _decline(story: Story, reason: str, text: str) -> None:
    form = CloseForm(reason=reason, message=text)
    _act(story, "licensor", "officer", lambda db, who: enquire.decline(db, who, story.deal_id, form, now=story.at))


def _close(story: Story, side: str, reason: str, text: str) -> None:
    form = CloseForm(reason=reason, message=text)
    _act(story, side, "officer", lambda db, who: enquire.close_lost(db, who, story.deal_id, form, now=story.at))


def _message(story: Story, side: str, text: str) -> None:
    form = MessageForm(body=text)
    _act(story, side, "officer", lambda db, who: talk.send_message(db, who, story.deal_id, form, now=story.at))


def _offer(story: Story, side: str, changes: dict[str, Any], note: str) -> None:
    def make(db: Session, who: Actor) -> None:
        today = story.at.date()
        sheet = negotiate.starting_terms(db, queries.deal(db, who, story.deal_id), today=today)
        sheet = replace(_changed(sheet, changes), valid_until=negotiate.default_end(today))
        negotiate.make_offer(db, who, story.deal_id, sheet, note=note, now=story.at)

    _act(story, side, "officer", make)


def _counter(story: Story, changes: dict[str, Any], note: str) -> None:
    def make(db: Session, who: Actor) -> None:
        last = queries.offers(db, story.deal_id)[-1]
        sheet = replace(_changed(last.terms, changes), valid_until=negotiate.default_end(story.at.date()))
        negotiate.make_offer(db, who, story.deal_id, sheet, answers=last.digest, note=note, now=story.at)

    _act(story, "", "officer", make)


def _accept(story: Story) -> None:
    def accept(db: Session, who: Actor) -> None:
        last = queries.offers(db, story.deal_id)[-1]
        negotiate.accept_offer(db, who, story.deal_id, last.digest, now=story.at)

    _act(story, "", "officer", accept)


def _withdraw(story: Story) -> None:
    _act(story, "licensor", "officer", lambda db, who: negotiate.withdraw_offer(db, who, story.deal_id, now=story.at))


def _reopen(story: Story, side: str, reason: str) -> None:
    _act(story, side, "officer", lambda db, who: negotiate.reopen(db, who, story.deal_id, reason, now=story.at))


def _approve(story: Story) -> None:
    """The institution's approver says yes, where one is asked."""
    if not story.licensor.second_approver:
        return

    def say_yes(db: Session, who: Actor) -> None:
        form = ApproveForm(digest=queries.offers(db, story.deal_id)[-1].digest)
        approve.approve(db, who, story.deal_id, form, now=story.at)

    _act(story, "licensor", "approver", say_yes)


def _send(story: Story) -> None:
    """Send the agreement out and have it typeset at once."""
    _act(
        story,
        "licensor",
        "officer",
        lambda db, who: sign.send_for_signature(db, who, story.deal_id, now=story.at, note=NOTE),
    )
    _typeset(story, "licence")


def _typeset(story: Story, kind: str) -> None:
    wired = story.stage.wired
    with wired.db.read() as db:
        document = queries.current_document(db, story.deal_id, kind)
    assert document is not None  # noqa: S101 - just made
    with clock.frozen(story.at):
        typeset.make_document(
            wired.db, wired.gateways[Typesetter], wired.gateways[FileStore], document.id, now=story.at
        )


def _sign(story: Story, side: str) -> None:
    person = story.person(side, "signatory")

    def put(db: Session, who: Actor) -> None:
        document = queries.current_document(db, story.deal_id)
        assert document is not None  # noqa: S101 - it was sent
        form = SignForm(typed_name=person.name, sha256=document.signing.sha256, consent=True)
        sign.sign(db, who, story.deal_id, form, now=story.at)

    _act(story, side, "signatory", put)


def _propose_nda(story: Story, side: str, discloser: str, purpose: str, months: int) -> None:
    """Propose a non-disclosure agreement and have it typeset at once."""
    form = NdaForm(discloser=discloser, purpose=purpose, months=months)
    _act(story, side, "officer", lambda db, who: nda.propose(db, who, story.deal_id, form, now=story.at, note=NOTE))
    _typeset(story, "nda")


def _sign_nda(story: Story, side: str) -> None:
    person = story.person(side, "signatory")

    def put(db: Session, who: Actor) -> None:
        document = queries.current_document(db, story.deal_id, "nda")
        assert document is not None  # noqa: S101 - it was proposed
        form = SignForm(typed_name=person.name, sha256=document.signing.sha256, consent=True)
        nda.sign_nda(db, who, story.deal_id, form, now=story.at)

    _act(story, side, "signatory", put)


def _paper(story: Story, side: str, title: str, download: bool, leaves: list[str]) -> None:
    """Put a document into the data room, open to the other side under the signed agreement."""
    stage = story.stage
    text = "#pagebreak()\n".join(f"= {title}\n#text({json.dumps(leaf, ensure_ascii=False)})\n" for leaf in leaves)
    made = typst.compile(f'#set page(paper: "a5")\n{text}'.encode(), format="pdf")
    upload = Upload(f"{title}.pdf", "application/pdf", bytes(made))
    blob = save_upload(stage.wired.gateways[FileStore], upload)
    form = PaperForm(file=upload, title=title, tier="after_nda", download=download)

    def put(db: Session, who: Actor) -> None:
        room.add(db, who, story.deal_id, form, blob, pages=len(leaves), now=story.at)

    _act(story, side, "officer", put)


def _refuse(story: Story, side: str, reason: str) -> None:
    _act(story, side, "signatory", lambda db, who: sign.refuse_signature(db, who, story.deal_id, reason, now=story.at))


def _pay(story: Story) -> None:
    """Pay the invoice by card on the sandbox's hosted page; nothing happens where real money would move."""
    stage = story.stage
    if not stage.wired.settings.sandbox:
        return
    db_ = stage.wired.db
    with db_.read() as db:
        actor = stage.actor(db, story.person("licensee", "owner"))
        invoice_id = db.exec(
            select(Invoice.id).where(Invoice.deal_id == story.deal_id).order_by(col(Invoice.id).desc())
        ).first()
    if invoice_id is None:
        return
    site = stage.wired.settings.site
    addresses = paying.Addresses(
        success=lambda invoice: f"{site}/invoices/{invoice}/return", cancel=lambda invoice: f"{site}/invoices/{invoice}"
    )
    with clock.frozen(story.at):
        paying.start_payment(db_, stage.gateway, actor, invoice_id, addresses, now=story.at)
        with db_.read() as db:
            attempt = payments.living_attempt(db, invoice_id)
        assert attempt is not None  # noqa: S101 - just started
        stage.sandbox.page.act(attempt.session_id, "card")
        paying.sync_attempt(db_, stage.gateway, attempt.id, now=story.at)


def _report(story: Story, product: str, country: str, amount: str) -> None:
    """Report what was sold in the oldest period that is open; the institution's finance officer approves it."""
    database = story.stage.wired.db
    with clock.frozen(story.at):
        royalty_clock.tick(database, now=story.at)
    with database.read() as db:
        found = [each for each in reports.reports_of_deal(db, story.deal_id) if each.state == "due"]
    if not found:
        return
    report, currency = found[0], found[0].licence.terms.currency
    sales = Sales((Sale(product, country, Money.parse(amount, currency)),))

    def send(db: Session, who: Actor) -> None:
        reporting.send_report(db, who, report.id, sales, now=story.at)

    def approve_(db: Session, who: Actor) -> None:
        reporting.approve_report(db, who, report.id, 1, now=story.at + timedelta(minutes=2))

    _act(story, "licensee", "owner", send)
    _act(story, "licensor", "officer", approve_)


STEPS: dict[str, Callable[..., None]] = {
    "answer": _answer,
    "decline": _decline,
    "close": _close,
    "message": _message,
    "offer": _offer,
    "counter": _counter,
    "accept": _accept,
    "withdraw": _withdraw,
    "reopen": _reopen,
    "approve": _approve,
    "send": _send,
    "sign": _sign,
    "refuse": _refuse,
    "propose_nda": _propose_nda,
    "sign_nda": _sign_nda,
    "paper": _paper,
    "pay": _pay,
    "report": _report,
}


# --- terms


def _changed(sheet: TermSheet, changes: dict[str, Any]) -> TermSheet:
    """The sheet with some terms changed, each written as in the stories (amounts in major units, rates in per cent)."""
    for name, value in changes.items():
        if name not in ("codes", "option"):
            sheet = _CHANGES[name](sheet, value)
    if "codes" in changes:
        sheet = replace(sheet, field_of_use=replace(sheet.field_of_use, codes=tuple(changes["codes"])))
    if "option" in changes:
        months, fee = changes["option"]
        terms = OptionTerms(months, Money.parse(fee, sheet.currency))
        sheet = replace(sheet, option=terms, upfront=None, royalty=None, reports=None, minimum=None)
    return sheet


def _with_royalty(sheet: TermSheet, value: Any) -> TermSheet:
    steps = [["0", value]] if isinstance(value, str) else value
    tiers = tuple(Tier(Money.parse(over, sheet.currency).minor, Decimal(rate) / 100) for over, rate in steps)
    return replace(sheet, royalty=Royalty(tiers), reports=sheet.reports or Reports())


_CHANGES: dict[str, Callable[[TermSheet, Any], TermSheet]] = {
    "grant": lambda sheet, value: replace(sheet, grant=Grant(value)),
    "field": lambda sheet, value: replace(sheet, field_of_use=FieldOfUse(value)),
    "territory": lambda sheet, value: replace(sheet, territory=Territory(tuple(sorted(value)))),
    "years": lambda sheet, value: replace(sheet, term=Term(TermKind.YEARS, years=value)),
    "upfront": lambda sheet, value: replace(sheet, upfront=UpfrontFee(Money.parse(value, sheet.currency))),
    "minimum": lambda sheet, value: replace(sheet, minimum=MinimumRoyalty(Money.parse(value, sheet.currency))),
    "royalty": _with_royalty,
    "reports": lambda sheet, value: replace(sheet, reports=Reports(Frequency(value))),
}
