"""What changed between two versions of a term sheet, term by term."""

from dataclasses import dataclass
from typing import Any

from market.deals.rules.fields import FIELDS
from market.deals.rules.terms import TermSheet


@dataclass(frozen=True)
class Difference:
    """One term that differs; `before` and `after` are the typed values (None or empty: not agreed)."""

    key: str
    before: Any
    after: Any

    @property
    def kind(self) -> str:
        """`added`, `removed` or `changed`."""
        if self.before in (None, ()):
            return "added"
        return "removed" if self.after in (None, ()) else "changed"


def differences(before: TermSheet, after: TermSheet) -> tuple[Difference, ...]:
    """The terms of `after` that are not as in `before`, in the order of the sheet."""
    return tuple(
        Difference(key, getattr(before, key), getattr(after, key))
        for key in FIELDS
        if getattr(before, key) != getattr(after, key)
    )


def same_terms(before: TermSheet, after: TermSheet) -> bool:
    """Whether nothing but the last day of the offer differs."""
    return all(each.key == "valid_until" for each in differences(before, after)) and before.currency == after.currency
