"""Tables of money. What must not happen twice is a unique constraint; what must not change is refused by triggers.

An entry of the ledger is written lines first, entry last: the entry's row is the seal. A trigger refuses the seal unless
the lines balance, another refuses lines under a seal, and a deferred foreign key refuses lines that were never sealed.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, String, UniqueConstraint, text
from sqlmodel import Field

from market.kit.db import Table, add_triggers, append_only, check_in, json_column, minor_column
from market.kit.ids import new_id
from market.payments.rules import attempts, invoices, reports

MODES = ("sandbox", "test", "live")
RAILS = ("stripe", "wire")
EVENT_STATES = ("received", "handled", "ignored", "quarantined")


class Installation(Table, table=True):
    """The identity of this database towards the outside, and the one mode of money it was made for. One row."""

    __tablename__ = "installation"
    __table_args__ = (check_in("mode", MODES), CheckConstraint("single = 1", name="single_row"))

    single: int = Field(default=1, primary_key=True)
    id: str = Field(default_factory=new_id, unique=True)
    mode: str
    created_at: datetime


class Obligation(Table, table=True):
    """Something a licensee owes by its deal. `key` names the period, milestone or report version within its kind."""

    __tablename__ = "obligation"
    __table_args__ = (
        UniqueConstraint("deal_id", "kind", "key"),
        check_in("kind", invoices.KINDS),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("licensor_id <> licensee_id", name="two_parties"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str
    kind: str
    key: str
    licensor_id: str = Field(foreign_key="organisation.id", index=True)
    licensee_id: str = Field(foreign_key="organisation.id", index=True)
    amount_minor: int = minor_column()
    currency: str
    due_on: date
    created_at: datetime
    description: str


class InvoiceSeries(Table, table=True):
    """The last number given by a licensor; its row is locked while the next is given, so that none is left out."""

    __tablename__ = "invoice_series"

    licensor_id: str = Field(primary_key=True, foreign_key="organisation.id")
    last_number: int = 0


class Invoice(Table, table=True):
    """A demand for payment. `state` is what its allocations make of it. Names and addresses are copied in."""

    __tablename__ = "invoice"
    __table_args__ = (
        UniqueConstraint("licensor_id", "number"),
        Index(
            "uq_invoice_obligation_living",
            "obligation_id",
            unique=True,
            sqlite_where=text("state <> 'void'"),
            postgresql_where=text("state <> 'void'"),
        ),
        check_in("state", invoices.STATES),
        CheckConstraint("total_minor > 0 AND tax_minor >= 0", name="total_positive"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    obligation_id: str = Field(foreign_key="obligation.id", index=True)
    deal_id: str = Field(index=True)
    licensor_id: str = Field(foreign_key="organisation.id")
    licensee_id: str = Field(foreign_key="organisation.id", index=True)
    kind: str
    number: int
    state: str
    total_minor: int = minor_column()
    tax_minor: int = minor_column()
    currency: str
    issued_on: date
    due_on: date
    created_at: datetime
    paid_at: datetime | None = None
    disputed: bool = False
    version: int = 1
    seller: dict[str, Any] = json_column()
    buyer: dict[str, Any] = json_column()
    title: str

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The invoice's own chain of events."""
        return ("invoice", self.id)


class InvoiceLine(Table, table=True):
    """One line of an invoice; it never changes. `tax_rate` is a decimal fraction written as text."""

    __tablename__ = "invoice_line"
    __table_args__ = (UniqueConstraint("invoice_id", "position"), check_in("kind", invoices.KINDS))

    id: str = Field(default_factory=new_id, primary_key=True)
    invoice_id: str = Field(foreign_key="invoice.id")
    position: int
    kind: str
    net_minor: int = minor_column()
    tax_minor: int = minor_column()
    tax_rate: str = "0"
    reverse_charge: bool = False
    description: str


class PaymentAttempt(Table, table=True):
    """One try to pay an invoice on a rail. Written before the call goes out; `params` is the call, word for word."""

    __tablename__ = "payment_attempt"
    __table_args__ = (
        Index(
            "uq_payment_attempt_living",
            "invoice_id",
            unique=True,
            sqlite_where=text("state IN ('creating', 'open', 'processing')"),
            postgresql_where=text("state IN ('creating', 'open', 'processing')"),
        ),
        Index("ix_payment_attempt_state", "state", "created_at"),
        check_in("state", attempts.STATES),
        check_in("rail", RAILS),
        check_in("mode", MODES),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    invoice_id: str = Field(foreign_key="invoice.id", index=True)
    rail: str = "stripe"
    mode: str
    account: str = ""
    state: str
    idempotency_key: str = Field(unique=True)
    session_id: str | None = Field(default=None, unique=True)
    intent_id: str | None = Field(default=None, index=True)
    amount_minor: int = minor_column()
    currency: str
    person_id: str | None = Field(default=None, foreign_key="person.id")
    created_at: datetime
    expires_at: datetime
    tried_at: datetime | None = None
    looked_at: datetime | None = None
    trouble: str = ""
    params: dict[str, Any] = json_column()
    url: str = ""


class Payment(Table, table=True):
    """Money that has come in. `external_ref` is the rail's own name of it, so that it is booked once."""

    __tablename__ = "payment"
    __table_args__ = (
        UniqueConstraint("mode", "rail", "account", "external_ref"),
        check_in("mode", MODES),
        check_in("rail", RAILS),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    mode: str
    rail: str
    account: str = ""
    external_ref: str
    charge_ref: str | None = None
    attempt_id: str | None = Field(default=None, foreign_key="payment_attempt.id", index=True)
    licensor_id: str = Field(foreign_key="organisation.id", index=True)
    amount_minor: int = minor_column()
    currency: str
    suspense: str = ""
    received_at: datetime


class Allocation(Table, table=True):
    """How much of a payment goes to an invoice."""

    __tablename__ = "allocation"
    __table_args__ = (
        UniqueConstraint("payment_id", "invoice_id", "seq"),
        CheckConstraint("amount_minor <> 0", name="amount_moves"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    payment_id: str = Field(foreign_key="payment.id")
    invoice_id: str = Field(foreign_key="invoice.id", index=True)
    seq: int
    amount_minor: int = minor_column()
    currency: str
    created_at: datetime


class BalanceTxn(Table, table=True):
    """What a payment did to the rail's balance, once the rail has told."""

    __tablename__ = "balance_txn"
    __table_args__ = (UniqueConstraint("mode", "account", "txn_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    mode: str
    account: str = ""
    txn_id: str
    payment_id: str | None = Field(default=None, foreign_key="payment.id", index=True)
    kind: str
    amount_minor: int = minor_column()
    fee_minor: int = minor_column()
    net_minor: int = minor_column()
    currency: str
    available_on: datetime
    created_at: datetime


class WebhookEvent(Table, table=True):
    """The inbox: what a rail has told us, raw and signed, each event once."""

    __tablename__ = "webhook_event"
    __table_args__ = (
        UniqueConstraint("mode", "account", "event_id"),
        Index("ix_webhook_event_state", "state", "received_at"),
        check_in("state", EVENT_STATES),
        check_in("mode", MODES),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    mode: str
    account: str = ""
    event_id: str
    type: str
    object_type: str
    object_id: str
    state: str = "received"
    received_at: datetime
    handled_at: datetime | None = None
    note: str = ""
    body: bytes


class JournalEntry(Table, table=True):
    """The seal of an entry: one event in one book and currency, under a key that the fact gives. Append-only."""

    __tablename__ = "journal_entry"
    __table_args__ = (UniqueConstraint("book", "key"), Index("ix_journal_entry_book_at", "book", "posted_at"))

    id: str = Field(default_factory=new_id, primary_key=True)
    book: str
    key: str
    event: str
    currency: str
    posted_at: datetime


class JournalLine(Table, table=True):
    """One side of an entry; either `debit` or `credit` is above zero. Append-only."""

    __tablename__ = "journal_line"
    __table_args__ = (
        UniqueConstraint("entry_id", "position"),
        CheckConstraint("debit >= 0 AND credit >= 0 AND (debit = 0) <> (credit = 0)", name="one_side"),
        Index("ix_journal_line_account", "account"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    entry_id: str = Field(
        sa_column=Column(
            String, ForeignKey("journal_entry.id", deferrable=True, initially="DEFERRED"), nullable=False, index=True
        )
    )
    position: int
    account: str
    debit: int = minor_column()
    credit: int = minor_column()
    invoice_id: str | None = Field(default=None, foreign_key="invoice.id", index=True)


_BALANCED = "(SELECT count(*) >= 2 AND sum(debit) = sum(credit) FROM journal_line WHERE entry_id = NEW.id)"

add_triggers(
    "journal_entry",
    sqlite=[
        "CREATE TRIGGER journal_entry_balances BEFORE INSERT ON journal_entry "
        f"WHEN NOT coalesce({_BALANCED}, 0) "
        "BEGIN SELECT RAISE(ABORT, 'journal_entry does not balance'); END",
    ],
    postgresql=[
        f"""CREATE OR REPLACE FUNCTION journal_entry_balances() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF NOT coalesce({_BALANCED}, false) THEN RAISE EXCEPTION 'journal_entry does not balance'; END IF;
RETURN NEW; END $$""",
        "CREATE TRIGGER journal_entry_balances BEFORE INSERT ON journal_entry "
        "FOR EACH ROW EXECUTE FUNCTION journal_entry_balances()",
    ],
)
add_triggers(
    "journal_line",
    sqlite=[
        "CREATE TRIGGER journal_line_under_seal BEFORE INSERT ON journal_line "
        "WHEN EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id) "
        "BEGIN SELECT RAISE(ABORT, 'journal_entry is sealed'); END",
    ],
    postgresql=[
        """CREATE OR REPLACE FUNCTION journal_line_under_seal() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF EXISTS (SELECT 1 FROM journal_entry WHERE id = NEW.entry_id) THEN
RAISE EXCEPTION 'journal_entry is sealed'; END IF; RETURN NEW; END $$""",
        "CREATE TRIGGER journal_line_under_seal BEFORE INSERT ON journal_line "
        "FOR EACH ROW EXECUTE FUNCTION journal_line_under_seal()",
        # Two transactions that write lines of one entry at once see neither the other's seal: look again at commit.
        """CREATE OR REPLACE FUNCTION journal_line_balances() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN IF (SELECT sum(debit) <> sum(credit) FROM journal_line WHERE entry_id = NEW.entry_id) THEN
RAISE EXCEPTION 'journal_entry does not balance'; END IF; RETURN NULL; END $$""",
        "CREATE CONSTRAINT TRIGGER journal_line_balances AFTER INSERT ON journal_line DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION journal_line_balances()",
    ],
)


class RoyaltyLicence(Table, table=True):
    """A licence that runs, as payments knows it; its terms are plain data (rules.royalty_terms)."""

    __tablename__ = "royalty_licence"

    deal_id: str = Field(primary_key=True)
    licensor_id: str = Field(foreign_key="organisation.id", index=True)
    licensee_id: str = Field(foreign_key="organisation.id", index=True)
    number: str
    title: str
    begins_on: date
    ends_on: date | None = None
    created_at: datetime
    terms: dict[str, Any] = json_column()


class RoyaltyReport(Table, table=True):
    """What a licensee tells of one period. What it told stands in versions; `approved` is the one that counts, or 0."""

    __tablename__ = "royalty_report"
    __table_args__ = (
        UniqueConstraint("deal_id", "period"),
        check_in("state", reports.STATES),
        CheckConstraint("approved <= latest", name="approved_was_sent"),
        Index("ix_royalty_report_state", "state", "due_on"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="royalty_licence.deal_id")
    period: str
    starts_on: date
    ends_on: date
    due_on: date
    state: str = reports.DUE
    latest: int = 0
    approved: int = 0
    question: str = ""
    created_at: datetime

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The report's own chain of events."""
        return ("royalty_report", self.id)


class ReportVersion(Table, table=True):
    """One telling of a period, whole; it never changes. `royalty_minor` is what it earned when it was sent."""

    __tablename__ = "report_version"
    __table_args__ = (UniqueConstraint("report_id", "number"), CheckConstraint("number > 0", name="number_counts"))

    id: str = Field(default_factory=new_id, primary_key=True)
    report_id: str = Field(foreign_key="royalty_report.id")
    number: int
    sent_at: datetime
    person_id: str | None = Field(default=None, foreign_key="person.id")
    person_name: str = ""
    third_party_minor: int = minor_column(0)
    royalty_minor: int = minor_column()
    currency: str
    note: str = ""


class ReportLine(Table, table=True):
    """One line of sales in a version; it never changes. Decimals are written as text."""

    __tablename__ = "report_line"
    __table_args__ = (UniqueConstraint("version_id", "position"), CheckConstraint("gross_minor >= 0", name="no_loss"))

    id: str = Field(default_factory=new_id, primary_key=True)
    version_id: str = Field(foreign_key="report_version.id")
    position: int
    product: str
    country: str
    currency: str
    gross_minor: int = minor_column()
    humanitarian: bool = False
    own: str = ""
    other: str = ""
    rate: str = "1"
    rate_on: date | None = None
    rate_source: str = ""
    deductions: dict[str, Any] = json_column()


class YearlyMinimum(Table, table=True):
    """That the minimum of a year was counted, once: what it was, and what was charged for it then."""

    __tablename__ = "yearly_minimum"
    __table_args__ = (UniqueConstraint("deal_id", "year"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="royalty_licence.deal_id")
    year: int
    minimum_minor: int = minor_column()
    charged_minor: int = minor_column()
    currency: str
    created_at: datetime


class CalendarFeed(Table, table=True):
    """The address under which an organisation's calendar can be read by a program; whoever knows it reads it."""

    __tablename__ = "calendar_feed"

    organisation_id: str = Field(primary_key=True, foreign_key="organisation.id")
    token: str = Field(unique=True)
    created_at: datetime


for _model in (
    JournalEntry,
    JournalLine,
    InvoiceLine,
    Payment,
    Allocation,
    BalanceTxn,
    Obligation,
    ReportVersion,
    ReportLine,
    YearlyMinimum,
):
    append_only(_model)


def _frozen(table: str, columns: tuple[str, ...]) -> None:
    """Let the database refuse a change of `columns`, and every DELETE."""
    sqlite = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
    postgresql = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    add_triggers(
        table,
        sqlite=[
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} WHEN {sqlite} "
            f"BEGIN SELECT RAISE(ABORT, '{table}: this part never changes'); END",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is never deleted'); END",
        ],
        postgresql=[
            f"""CREATE OR REPLACE FUNCTION {table}_frozen() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{table}: this part never changes'; END $$""",
            f"CREATE TRIGGER {table}_frozen BEFORE UPDATE ON {table} FOR EACH ROW WHEN ({postgresql}) "
            f"EXECUTE FUNCTION {table}_frozen()",
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_frozen()",
        ],
    )


_frozen(
    "payment_attempt",
    ("invoice_id", "rail", "mode", "account", "idempotency_key", "amount_minor", "currency", "created_at", "params"),
)
_frozen(
    "invoice",
    (
        "obligation_id",
        "deal_id",
        "licensor_id",
        "licensee_id",
        "number",
        "total_minor",
        "tax_minor",
        "currency",
    ),
)
_frozen("webhook_event", ("mode", "account", "event_id", "body"))
_frozen("installation", ("single", "id", "mode"))
_frozen("royalty_licence", ("deal_id", "licensor_id", "licensee_id", "number", "begins_on"))
_frozen("royalty_report", ("deal_id", "period", "starts_on", "ends_on"))
