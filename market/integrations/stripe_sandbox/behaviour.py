"""How the sandbox behaves: as unkind as the real thing by default, and on purpose worse in tests."""

from dataclasses import dataclass, field


@dataclass
class Fault:
    """Something that goes wrong once: with the next `method` call whose path begins with `path`.

    `after` lets the call do its work first, so that only the answer is lost. `drop` closes the line without an answer.
    """

    method: str
    path: str
    status: int = 500
    after: bool = False
    drop: bool = False


@dataclass
class Behaviour:
    """Settings that may be changed while it runs.

    `duplicate` sends every webhook twice, `reorder` shuffles those that are due together, `debit_after` is how many
    seconds a bank debit takes, `late_balance` lets balance transactions appear only after their charge,
    `poll` is how often the post looks for work.
    """

    duplicate: bool = True
    reorder: bool = True
    late_balance: bool = False
    debit_after: float = 20
    poll: float = 0.5
    faults: list[Fault] = field(default_factory=list)

    def fault(self, method: str, path: str) -> Fault | None:
        """Take the first planned fault that fits."""
        for planned in self.faults:
            if planned.method == method and path.startswith(planned.path):
                self.faults.remove(planned)
                return planned
        return None
