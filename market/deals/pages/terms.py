"""Term sheets as tables: a line for each term, with what changed said in words."""

from dataclasses import dataclass

from market.deals.rules import wording
from market.deals.rules.fields import FIELDS, GROUPS
from market.deals.rules.terms import TermSheet
from market.kit.i18n import _, translate


@dataclass(frozen=True)
class TermLine:
    """One term of a sheet: its name, its words, and what it was before where it changed (`mark` says how)."""

    key: str
    label: str
    lines: tuple[str, ...]
    before: tuple[str, ...] = ()
    mark: str = ""

    @property
    def changed(self) -> bool:
        """Whether it differs from the version before."""
        return self.mark != ""


@dataclass(frozen=True)
class TermGroup:
    """Terms that belong together."""

    label: str
    lines: tuple[TermLine, ...]


_MARKS = {"added": _("New"), "removed": _("Taken out"), "changed": _("Changed")}


def term_groups(sheet: TermSheet, before: TermSheet | None = None) -> tuple[TermGroup, ...]:
    """The sheet in groups, compared with the version `before`; terms that neither has are left out."""
    groups = []
    for group, label in GROUPS.items():
        lines = [_line(key, sheet, before) for key, each in FIELDS.items() if each.group == group]
        shown = tuple(line for line in lines if line.lines or line.before)
        groups.append(TermGroup(translate(label), shown))
    return tuple(groups)


def _line(key: str, sheet: TermSheet, before: TermSheet | None) -> TermLine:
    now = wording.lines(sheet, key)
    then = wording.lines(before, key) if before else now
    if now == then:
        return TermLine(key, translate(FIELDS[key].label), now)
    kind = "added" if not then else "removed" if not now else "changed"
    return TermLine(key, translate(FIELDS[key].label), now, then, translate(_MARKS[kind]))


def changed_labels(sheet: TermSheet, before: TermSheet | None) -> tuple[str, ...]:
    """The names of the terms that differ."""
    if before is None:
        return ()
    return tuple(line.label for group in term_groups(sheet, before) for line in group.lines if line.changed)
