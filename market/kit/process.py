"""A process as data: situations, and the transitions that lead from one to the next.

Buttons, permissions, timers, the diagram in the documents and the tests are all generated from the table.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from market.kit.errors import Forbidden, Refusal, Refused
from market.kit.i18n import _

Guard = Callable[..., Refusal | None]
Due = Callable[..., datetime | None]


class HasState(Protocol):
    """A record in a situation."""

    state: str


@dataclass(frozen=True)
class Transition:
    """From one of `since` to `to`, by the side `by`, if `guard(record, **facts)` has nothing against it.

    Rows of the same name, state and side are alternatives: the first whose guard agrees is taken. `due(record)` says
    when the system itself takes the step (a timer);
    `label` is the verb on the button.
    """

    name: str
    since: tuple[str, ...]
    to: str
    by: str
    guard: Guard | None = None
    due: Due | None = None
    label: str = ""


class Process:
    """A closed table of transitions over a closed list of states."""

    def __init__(self, name: str, states: tuple[str, ...], *transitions: Transition, start: str = "") -> None:
        self.name = name
        self.states = states
        self.transitions = transitions
        self.start = start or states[0]
        for transition in transitions:
            unknown = {*transition.since, transition.to} - set(states)
            if unknown:
                raise ValueError(f"{name}: {transition.name} names unknown states {sorted(unknown)}")

    def possible(self, state: str, by: str) -> list[Transition]:
        """What the side `by` may do in `state`, guards not asked."""
        return [t for t in self.transitions if state in t.since and t.by == by]

    def rows(self, name: str, state: str, by: str) -> list[Transition]:
        """The alternatives `name` out of `state` for `by`; Refused when the situation has none, Forbidden when another's."""
        rows = [t for t in self.transitions if t.name == name and state in t.since]
        if not rows:
            raise Refused(
                Refusal(
                    "not_in_this_state",
                    _("This step is no longer open: the record has moved on. Read the present state first."),
                )
            )
        mine = [row for row in rows if row.by == by]
        if not mine:
            raise Forbidden(_("It is the other side's turn to take this step."))
        return mine

    def advance(self, record: HasState, name: str, *, by: str, **facts: Any) -> Transition:
        """Move `record` by the transition `name`; raises Refused with the first guard's reason, or Forbidden."""
        rows = self.rows(name, record.state, by)
        refusals = [row.guard(record, **facts) if row.guard else None for row in rows]
        for row, refusal in zip(rows, refusals, strict=True):
            if refusal is None:
                record.state = row.to
                return row
        raise Refused(next(refusal for refusal in refusals if refusal is not None))

    def timers(self) -> Iterator[Transition]:
        """The transitions that the system takes by the clock."""
        return (t for t in self.transitions if t.due is not None)

    def final(self) -> tuple[str, ...]:
        """States that nothing leaves."""
        return tuple(s for s in self.states if not any(s in t.since for t in self.transitions))

    def mermaid(self) -> str:
        """The diagram, in Mermaid's state notation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.start}"]
        for t in self.transitions:
            lines += [f"    {state} --> {t.to}: {t.name} ({t.by})" for state in t.since]
        lines += [f"    {state} --> [*]" for state in self.final()]
        return "\n".join(lines)
