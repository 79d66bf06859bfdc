"""Define a refusal of AWS's that passes by itself; the tables are in ``refusals``. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase

from gitbot.errors import CloudError


class Stage(StrEnum):
    """What is being done to an object when a call is refused."""

    MAKE = "make"
    CHANGE = "change"
    DELETE = "delete"


PRINCIPAL_LAG = "IAM's new role or user is not known everywhere yet"
POLICY_LAG = "IAM's new role or policy does not count everywhere yet"
_WRITES = frozenset({Stage.MAKE, Stage.CHANGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Passing:
    """A refusal that passes by itself within ``within_s`` seconds; ``why`` says what AWS waits for.

    It is meant only for calls that match one of ``calls`` (shell patterns of API operations), in one
    of ``stages``, and with ``containing`` in the message.
    """

    codes: frozenset[str]
    why: str
    within_s: float
    stages: frozenset[Stage] = _WRITES
    calls: tuple[str, ...] = ("*",)
    containing: str = ""

    @property
    def of_iam(self) -> bool:
        """Whether IAM has to spread something new; where nothing is new, AWS will say the same again."""
        return self.why in (PRINCIPAL_LAG, POLICY_LAG)

    def covers(self, error: CloudError, stage: Stage) -> bool:
        """Whether this is the refusal."""
        return (
            error.code in self.codes
            and stage in self.stages
            and self.containing in str(error)
            and any(fnmatchcase(error.call.partition(":")[2], call) for call in self.calls)
        )


def lagging(
    code: str, *texts: str, why: str, calls: tuple[str, ...] = ("*",)
) -> tuple[Passing, ...]:
    """The refusals with the code and one of the texts, for as long as IAM takes to spread what is new."""
    return tuple(
        Passing(codes=frozenset({code}), containing=text, why=why, calls=calls, within_s=60.0)
        for text in texts
    )
