"""The keys of the jobs, by lane. The queue stores the key of a job and nothing else. Pure."""

from __future__ import annotations

from typing import TypeAlias

from gitbot.model.keys.answers import AnswerComment, RestoreComment
from gitbot.model.keys.applies import ApplyDrift, ApplyEnvironment, ApplyPullRequest, HealDrift
from gitbot.model.keys.base import Key, Lane
from gitbot.model.keys.chores import (
    ClosePullRequest,
    FollowTip,
    PruneRuns,
    RerunChecks,
    Sweep,
    TellWaiting,
)
from gitbot.model.keys.ends import DestroyStack, SwitchStack
from gitbot.model.keys.hours import KeepHours
from gitbot.model.keys.plans import AdoptDrift, PlanCommit, PlanMergeGroup, PlanPullRequest
from gitbot.model.keys.times import DetectDrift, ExpireStacks, OpenWindows, Promote

JobKey: TypeAlias = (
    PlanPullRequest
    | ClosePullRequest
    | AnswerComment
    | RestoreComment
    | FollowTip
    | PlanMergeGroup
    | PlanCommit
    | RerunChecks
    | TellWaiting
    | AdoptDrift
    | ApplyDrift
    | ApplyEnvironment
    | ApplyPullRequest
    | KeepHours
    | Sweep
    | PruneRuns
    | DetectDrift
    | OpenWindows
    | ExpireStacks
    | SwitchStack
    | DestroyStack
    | Promote
    | HealDrift
)

__all__ = [
    "AdoptDrift",
    "AnswerComment",
    "ApplyDrift",
    "ApplyEnvironment",
    "ApplyPullRequest",
    "ClosePullRequest",
    "DestroyStack",
    "DetectDrift",
    "ExpireStacks",
    "FollowTip",
    "HealDrift",
    "JobKey",
    "KeepHours",
    "Key",
    "Lane",
    "OpenWindows",
    "PlanCommit",
    "PlanMergeGroup",
    "PlanPullRequest",
    "Promote",
    "PruneRuns",
    "RerunChecks",
    "RestoreComment",
    "Sweep",
    "SwitchStack",
    "TellWaiting",
]
