"""The error tree: the class of an error decides how it is handled, in one place. Pure.

GitbotError
├── UserError             somebody must change something: told on the pull request or terminal
│   ├── SpecError         carries Diagnostics
│   │   └── UnplannableError   carries what else the plan would do, too
│   ├── RefusedError      a right, a requirement or a guard said no
│   ├── ConflictError     the cloud holds something that gitbot must not take over
│   └── ConversationClosedError   GitHub takes no comment or issue there: tell it elsewhere
├── TransientError        try again later (``retry_after_s``)
│   ├── AbsentStoreError  gitbot's own database is away or full: for whoever runs it
│   ├── LeaseUnavailableError   another apply of the environment is running
│   ├── RowChangedError   another job has written the row since it was read: read it again
│   └── UnfinishedError   a part of long work is done: go on later, however often it takes
├── BrokenStoreError      gitbot's own database is damaged: for whoever runs it
├── StaleError            the world moved since it was read: plan again
│   └── LeaseLostError    the epoch of the lease is no longer the newest
├── CloudError            the cloud refused one call for good: fails that one resource
└── InvariantError        gitbot itself is wrong: page somebody
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gitbot.model.diagnostic import Diagnostic
    from gitbot.model.plan import Plan


class GitbotError(Exception):
    """Base of everything that gitbot raises on purpose. The message is safe to show to people."""


class UserError(GitbotError):
    """Somebody must change something; the message says what, where, why and how."""


class SpecError(UserError):
    """Specs that do not load. ``diagnostics`` is never empty."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        first = self.diagnostics[0]
        more = f" (and {len(self.diagnostics) - 1} more)" if len(self.diagnostics) > 1 else ""
        super().__init__(f"{first.file}:{first.line}: {first.summary}{more}")


class UnplannableError(SpecError):
    """Specs that load and of which no plan can be made, given state and cloud.

    ``plan`` is what it would be without what is wrong: only to find out what is wrong besides.
    """

    def __init__(self, diagnostics: Sequence[Diagnostic], plan: Plan) -> None:
        super().__init__(diagnostics)
        self.plan = plan


class RefusedError(UserError):
    """A right, a requirement or a guard said no; nothing was changed."""


class OthersCommitsError(RefusedError):
    """Somebody else has committed to a branch of gitbot's own; their work is not overwritten."""


class BrokenStoreError(GitbotError):
    """gitbot's own database is damaged. The message names places of the machine: it is for whoever runs gitbot alone."""


class ConflictError(UserError):
    """The cloud holds an object under the wanted name that this stack does not own."""


class MissingRightError(UserError):
    """GitHub says that gitbot lacks the right to write this. The part that needs it is off."""


class ConversationClosedError(UserError):
    """Nothing can be written there: it is locked or deleted, or issues are switched off."""


class TransientError(GitbotError):
    """Worth trying again after ``retry_after_s`` seconds."""

    def __init__(self, message: str, *, retry_after_s: float = 5.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class AbsentStoreError(TransientError):
    """gitbot's own database is away or full. The message is for whoever runs gitbot alone, as of one that is damaged."""


class LeaseUnavailableError(TransientError):
    """Another apply holds the environment's lease; the message names the holder."""


class RowChangedError(TransientError):
    """Another job has written the row since it was read, so nothing was written.

    Jobs are run again: they read the row as it is then, and decide anew.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message, retry_after_s=0.0)


class UnfinishedError(TransientError):
    """A part of long work is done, and the rest goes on later. It is no failure: the job is run again
    as often as it takes.

    ``done`` counts what was done this time, ``of`` names it: "objects of bucket ml-data".
    """

    def __init__(self, message: str, *, done: int = 0, of: str = "") -> None:
        super().__init__(message, retry_after_s=5.0)
        self.done = done
        self.of = of


class StaleError(GitbotError):
    """What was read is no longer so; plan again."""


class LeaseLostError(StaleError):
    """The lease was taken over: this process must stop mutating at once."""


class CloudError(GitbotError):
    """The cloud refused one call for good.

    ``code`` is the service's own error code. ``call`` is the refused call (``ec2:RunInstances``);
    empty where gitbot itself found the reason.
    """

    def __init__(self, message: str, *, code: str = "", call: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.call = call


class InvariantError(GitbotError):
    """Something that the design rules out has happened: a bug in gitbot."""
