"""What is asked of the job queue: a name, a key and how it stands to other jobs. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from gitbot.model.values import Json


class JobName(StrEnum):
    """The jobs; each is one function of the same name in ``gitbot.jobs``."""

    PLAN_PULL_REQUEST = "plan_pull_request"
    CLOSE_PULL_REQUEST = "close_pull_request"
    ANSWER_COMMENT = "answer_comment"
    FOLLOW_TIP = "follow_tip"
    APPLY_ENVIRONMENT = "apply_environment"
    APPLY_PULL_REQUEST = "apply_pull_request"
    SWEEP = "sweep"


@dataclass(frozen=True, slots=True, kw_only=True)
class JobRequest:
    """One job to enqueue. ``id`` dedupes; ``partition`` serialises; a new job
    cancels the queued (never running) ones whose id starts with ``supersedes``."""

    job: JobName
    key: Mapping[str, Json]
    id: str
    partition: str | None = None
    supersedes: str | None = None
