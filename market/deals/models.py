"""Tables of deals: the deal, its first question, offers, approvals, documents, signatures, messages and licences."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from market.deals.process import EITHER, LOST_REASONS, OPEN, STATES
from market.deals.rules.room import TIERS
from market.kit.db import Table, add_triggers, append_only, check_in, json_column
from market.kit.ids import new_id

LICENCE_STATUS = ("awaiting_payment", "active", "terminated", "expired")
_OPEN_WHERE = text("state IN ({})".format(", ".join(f"'{state}'" for state in OPEN)))


class Deal(Table, table=True):
    """One record from the first question to the end of the licence.

    `turn` is the side that must act, until the end of `due_on` where it lives, which is `due_at` in UTC; all are empty
    where nobody must. `version` counts steps.
    `offer_id` is the last offer; `nda_document_id` the signed non-disclosure agreement, which may be another deal's, and
    `nda_ends_on` its last day; `title` is the listing's title when the enquiry was sent.
    """

    __tablename__ = "deal"
    __table_args__ = (
        check_in("state", STATES),
        check_in("turn", ("", *EITHER)),
        check_in("lost_reason", ("", *LOST_REASONS)),
        CheckConstraint("licensor_id <> licensee_id", name="two_parties"),
        Index(
            "uq_deal_open",
            "technology_id",
            "licensee_id",
            unique=True,
            sqlite_where=_OPEN_WHERE,
            postgresql_where=_OPEN_WHERE,
        ),
        Index("ix_deal_licensor", "licensor_id", "state", "updated_at"),
        Index("ix_deal_licensee", "licensee_id", "state", "updated_at"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    technology_id: str = Field(foreign_key="technology.id", index=True)
    licensor_id: str = Field(foreign_key="organisation.id")
    licensee_id: str = Field(foreign_key="organisation.id")
    state: str = "enquiry_sent"
    turn: str = ""
    due_on: date | None = None
    due_at: datetime | None = None
    reminded_at: datetime | None = None
    escalated_at: datetime | None = None
    officer_id: str | None = Field(default=None, foreign_key="person.id")
    asked_by_id: str = Field(foreign_key="person.id")
    offer_id: str | None = None
    accepted_by_id: str | None = Field(default=None, foreign_key="person.id")
    nda_signed_at: datetime | None = None
    nda_ends_on: date | None = None
    nda_document_id: str | None = None
    lost_reason: str = ""
    lost_by: str = ""
    created_at: datetime
    answered_at: datetime | None = None
    updated_at: datetime
    closed_at: datetime | None = None
    version: int = 1
    title: str

    @property
    def audit_subject(self) -> tuple[str, str]:
        """The deal's own chain of events."""
        return ("deal", self.id)

    @property
    def reference(self) -> str:
        """The name by which people call it, such as `D-8K3F9D2A`."""
        return reference(self.id)


def reference(deal_id: str) -> str:
    """The short name of a deal: the end of its identifier."""
    return f"D-{deal_id[-8:].upper()}"


class Enquiry(Table, table=True):
    """The first question of a deal: what the company wants to do with the technology, and where."""

    __tablename__ = "enquiry"

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", unique=True)
    created_at: datetime
    territory: list[str] = json_column(list)
    intended_use: str
    field_of_use: str = ""
    note: str = ""


append_only(Enquiry)


class Offer(Table, table=True):
    """One version of the terms. Never changed: a counter-offer is a new row. `ends_at` is the moment it is over (UTC)."""

    __tablename__ = "offer"
    __table_args__ = (UniqueConstraint("deal_id", "number"), check_in("side", EITHER))

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id")
    number: int
    side: str
    person_id: str = Field(foreign_key="person.id")
    created_at: datetime
    ends_at: datetime
    digest: str = Field(index=True)
    terms: dict[str, Any] = json_column()
    note: str = ""


append_only(Offer)


class Approval(Table, table=True):
    """A side's yes to the agreed terms. `round` counts the documents refused before: each asks for a new yes."""

    __tablename__ = "approval"
    __table_args__ = (UniqueConstraint("deal_id", "offer_id", "round", "side"), check_in("side", EITHER))

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id")
    offer_id: str = Field(foreign_key="offer.id", index=True)
    round: int
    side: str
    person_id: str | None = Field(default=None, foreign_key="person.id")
    at: datetime
    note: str = ""


append_only(Approval)


class AgreementDocument(Table, table=True):
    """A document to sign: its data is fixed when it is asked for, its bytes and hash once it is typeset.

    `kind` is licence or nda; only a licence comes out of an offer. `number` counts the documents of a deal.
    """

    __tablename__ = "agreement_document"
    __table_args__ = (
        UniqueConstraint("deal_id", "number"),
        CheckConstraint("(file_id IS NULL) = (sha256 = '')", name="typeset_whole"),
    )

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id")
    offer_id: str | None = Field(default=None, foreign_key="offer.id", index=True)
    number: int
    kind: str = "licence"
    offer_digest: str
    dated: date
    signing_order: list[str] = json_column(list)
    created_at: datetime
    refused_at: datetime | None = None
    file_id: str | None = Field(default=None, foreign_key="stored_file.id", index=True)
    sha256: str = ""
    typeset_at: datetime | None = None
    data: dict[str, Any] = json_column()


_FIXED = "A typeset document never changes"
add_triggers(
    "agreement_document",
    sqlite=[
        "CREATE TRIGGER agreement_document_fixed BEFORE UPDATE ON agreement_document WHEN OLD.sha256 <> '' AND "
        "(OLD.sha256 IS NOT NEW.sha256 OR OLD.file_id IS NOT NEW.file_id OR OLD.data IS NOT NEW.data "
        "OR OLD.offer_digest IS NOT NEW.offer_digest OR OLD.signing_order IS NOT NEW.signing_order) "
        f"BEGIN SELECT RAISE(ABORT, '{_FIXED}'); END",
        "CREATE TRIGGER agreement_document_kept BEFORE DELETE ON agreement_document "
        f"BEGIN SELECT RAISE(ABORT, '{_FIXED}'); END",
    ],
    postgresql=[
        "CREATE OR REPLACE FUNCTION agreement_document_fixed() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_FIXED}'; END $$",
        "CREATE TRIGGER agreement_document_fixed BEFORE UPDATE ON agreement_document FOR EACH ROW WHEN "
        "(OLD.sha256 <> '' AND (OLD.sha256, OLD.file_id, OLD.data, OLD.offer_digest, OLD.signing_order) IS DISTINCT FROM "
        "(NEW.sha256, NEW.file_id, NEW.data, NEW.offer_digest, NEW.signing_order)) "
        "EXECUTE FUNCTION agreement_document_fixed()",
        "CREATE TRIGGER agreement_document_kept BEFORE DELETE ON agreement_document FOR EACH ROW "
        "EXECUTE FUNCTION agreement_document_fixed()",
    ],
)


class Signature(Table, table=True):
    """A side's signature under a document: who, as what they typed, to which text they agreed, when and from where."""

    __tablename__ = "signature"
    __table_args__ = (UniqueConstraint("document_id", "side"), check_in("side", EITHER))

    id: str = Field(default_factory=new_id, primary_key=True)
    document_id: str = Field(foreign_key="agreement_document.id")
    deal_id: str = Field(foreign_key="deal.id", index=True)
    side: str
    organisation_id: str = Field(foreign_key="organisation.id")
    person_id: str = Field(foreign_key="person.id")
    person_name: str
    typed_name: str
    consent: str
    at: datetime
    address: str
    session_id: str
    sha256: str


append_only(Signature)


class SealedDocument(Table, table=True):
    """A signed document with the record of its signatures behind it, under our seal. It begins with the bytes signed."""

    __tablename__ = "sealed_document"

    id: str = Field(default_factory=new_id, primary_key=True)
    document_id: str = Field(foreign_key="agreement_document.id", unique=True)
    file_id: str = Field(foreign_key="stored_file.id", index=True)
    sha256: str = Field(index=True)
    sealed_at: datetime


append_only(SealedDocument)


class Message(Table, table=True):
    """Something that one side said to the other; both see it in the timeline."""

    __tablename__ = "deal_message"
    __table_args__ = (check_in("side", EITHER),)

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    side: str
    person_id: str = Field(foreign_key="person.id")
    at: datetime
    body: str


append_only(Message)


class Note(Table, table=True):
    """Something that people of one side wrote for themselves. The other side never sees it, nor that it is there."""

    __tablename__ = "deal_note"
    __table_args__ = (Index("ix_deal_note_own", "deal_id", "organisation_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id")
    organisation_id: str = Field(foreign_key="organisation.id")
    person_id: str = Field(foreign_key="person.id")
    at: datetime
    body: str

    @property
    def audit_subject(self) -> tuple[str, str]:
        """A subject of its own: the deal's trail is read by both sides."""
        return ("deal_note", self.id)


append_only(Note)


class Licence(Table, table=True):
    """What came out of the deal: the right itself, from `begins_on`. `ends_on` None: until it is known (last patent).

    `digest` names the terms. The scope is copied here so that clashes of exclusive grants are found without the deal.
    """

    __tablename__ = "licence"
    __table_args__ = (check_in("status", LICENCE_STATUS), Index("ix_licence_live", "technology_id", "status"))

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", unique=True)
    document_id: str = Field(foreign_key="agreement_document.id", index=True)
    technology_id: str = Field(foreign_key="technology.id")
    licensor_id: str = Field(foreign_key="organisation.id", index=True)
    licensee_id: str = Field(foreign_key="organisation.id", index=True)
    number: str = Field(unique=True)
    status: str
    begins_on: date
    ends_on: date | None = None
    signed_at: datetime
    activated_at: datetime | None = None
    digest: str
    terms: dict[str, Any] = json_column()


class RoomDocument(Table, table=True):
    """A document in the data room of a deal. Who opens it is written into its audit trail.

    `readers` are the people who may open one for named people; `ends_on` is its last day for the other side.
    """

    __tablename__ = "room_document"
    __table_args__ = (check_in("tier", TIERS), CheckConstraint("pages > 0", name="has_pages"))

    id: str = Field(default_factory=new_id, primary_key=True)
    deal_id: str = Field(foreign_key="deal.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id")
    person_id: str = Field(foreign_key="person.id")
    file_id: str = Field(foreign_key="stored_file.id", index=True)
    title: str
    tier: str
    readers: list[str] = json_column(list)
    download: bool = False
    pages: int
    ends_on: date | None = None
    created_at: datetime
    revoked_at: datetime | None = None

    @property
    def audit_subject(self) -> tuple[str, str]:
        """A subject of its own: only the side that put it in reads who has opened it."""
        return ("room_document", self.id)
