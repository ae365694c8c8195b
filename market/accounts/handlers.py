"""What accounts does when something happened: mails to those who must know."""

from sqlmodel import Session

from market.accounts import queries
from market.accounts.events import MemberRemoved, OrganisationCreated, OrganisationVerified
from market.accounts.rules import KIND_LABELS, OrganisationKind, Role
from market.kit import mail
from market.kit.ids import new_id


def ask_operators(db: Session, event: OrganisationCreated) -> None:
    """A new organisation waits: write to every operator. Those of the sample world are nobody's to check."""
    organisation = queries.organisation(db, event.organisation_id)
    for operator in queries.operators(db):
        mail.queue(
            db,
            to=operator.email,
            template="accounts/mail/organisation_waiting",
            locale=operator.locale,
            context={
                "organisation": organisation.name,
                "organisation_id": organisation.id,
                "country": organisation.country,
                "kind": KIND_LABELS[OrganisationKind(organisation.kind)],
            },
            key=f"organisation-waiting:{organisation.id}:{operator.id}",
        )


def tell_owners(db: Session, event: OrganisationVerified) -> None:
    """The organisation was checked: its owners can begin."""
    organisation = queries.organisation(db, event.organisation_id)
    for owner in queries.people_with_role(db, organisation.id, Role.OWNER):
        mail.queue(
            db,
            to=owner.email,
            template="accounts/mail/organisation_verified",
            locale=owner.locale,
            context={"organisation": organisation.name, "kind": organisation.kind},
            key=f"organisation-verified:{organisation.id}:{owner.id}",
        )


def tell_removed(db: Session, event: MemberRemoved) -> None:
    """Somebody is no longer a member: tell them."""
    person = queries.person(db, event.person_id)
    mail.queue(
        db,
        to=person.email,
        template="accounts/mail/member_removed",
        locale=person.locale,
        context={"organisation": queries.organisation(db, event.organisation_id).name},
        key=f"member-removed:{event.organisation_id}:{person.id}:{new_id()}",
    )
