"""When two grants of the same technology cannot stand beside each other: field x territory x time."""

from dataclasses import dataclass
from datetime import date

from market.deals.rules import regions
from market.deals.rules.terms import FieldOfUse, Grant, Territory

KEEPS_OTHERS_OUT = frozenset({Grant.EXCLUSIVE, Grant.SOLE})


@dataclass(frozen=True)
class Granted:
    """A grant that is live or about to be. `ends_on` None: open-ended. `number` names the licence."""

    number: str
    grant: Grant
    field: FieldOfUse
    territory: Territory
    begins_on: date
    ends_on: date | None
    rights: frozenset[str]

    @property
    def keeps_others_out(self) -> bool:
        """Whether no other licence may stand beside it."""
        return self.grant in KEEPS_OTHERS_OUT


def clash(new: Granted, live: tuple[Granted, ...]) -> Granted | None:
    """The first live grant that `new` cannot stand beside, or None. Two non-exclusive grants never clash."""
    return next((other for other in live if _cannot_stand_beside(new, other)), None)


def _cannot_stand_beside(one: Granted, other: Granted) -> bool:
    if not (one.keeps_others_out or other.keeps_others_out):
        return False
    return (
        _rights_meet(one, other)
        and _times_meet(one, other)
        and _fields_meet(one.field, other.field)
        and bool(regions.covered(one.territory) & regions.covered(other.territory))
    )


def _rights_meet(one: Granted, other: Granted) -> bool:
    return not one.rights or not other.rights or bool(one.rights & other.rights)


def _times_meet(one: Granted, other: Granted) -> bool:
    starts_before = other.ends_on is None or one.begins_on <= other.ends_on
    ends_after = one.ends_on is None or one.ends_on >= other.begins_on
    return starts_before and ends_after


def _fields_meet(one: FieldOfUse, other: FieldOfUse) -> bool:
    """Codes meet when one begins with the other (C20 holds C20.1); a field without codes is the whole of every field."""
    if not one.codes or not other.codes:
        return True
    return any(a.startswith(b) or b.startswith(a) for a in one.codes for b in other.codes)
