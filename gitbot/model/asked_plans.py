"""Plans that people ask a server for, of a commit that they have pushed. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from gitbot.model.names import Sha


class AskedStatus(StrEnum):
    """How far the answer is. The last two are final."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"

    @property
    def ended(self) -> bool:
        """Whether nothing changes any more."""
        return self in (AskedStatus.DONE, AskedStatus.FAILED)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPlan:
    """Who asked for the plan of which commit, and how far it is.

    ``stacks`` are the names of the only stacks that are planned; empty: all of the environment.
    """

    id: str
    repository: str
    environment: str
    commit: Sha
    stacks: tuple[str, ...] = ()
    asked_by: str
    account: int
    asked_at: datetime
    status: AskedStatus = AskedStatus.WAITING


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanAnswer:
    """What is answered to an ``AskedPlan``, as JSON data.

    ``text`` is what the command line prints, ``styles`` the style of each of its lines, and ``plan``
    what is printed for programs. ``unread`` says by stack why it could not be planned. ``digests`` are
    the digests, by the stack's label, that an ``/apply`` on ``pull_request`` takes now. ``error`` is
    set where nothing could be planned. ``diagnostics`` are the problems of the specs.
    """

    text: str = ""
    styles: Sequence[str] = ()
    plan: Mapping[str, Any] = field(default_factory=dict)
    changes: bool = False
    unread: Mapping[str, str] = field(default_factory=dict)
    pull_request: int | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    error: str = ""
    diagnostics: Sequence[Any] = ()
