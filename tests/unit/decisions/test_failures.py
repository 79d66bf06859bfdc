"""Where a job's last error is told, and in which words."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gitbot.decisions.failures import (
    InAnswer,
    InAskedPlan,
    OnCommit,
    OnHead,
    OnTip,
    Place,
    ends_command,
    place_of,
    words,
)
from gitbot.errors import (
    AbsentStoreError,
    BrokenStoreError,
    CloudError,
    LeaseUnavailableError,
    TransientError,
    UserError,
)
from gitbot.model.commands import CommandRef, Source
from gitbot.model.keys import (
    AdoptDrift,
    AnswerComment,
    ApplyDrift,
    ApplyEnvironment,
    ApplyPullRequest,
    ClosePullRequest,
    DestroyStack,
    ExpireStacks,
    FollowTip,
    JobKey,
    OpenWindows,
    PlanCommit,
    PlanMergeGroup,
    PlanPullRequest,
    Promote,
    PruneRuns,
    RerunChecks,
    RestoreComment,
    Sweep,
    SwitchStack,
    TellWaiting,
)
from gitbot.model.names import Sha

SAID = CommandRef(
    source=Source.REVIEW, comment=11, text_at=datetime(2026, 1, 1, tzinfo=UTC), line=0
)


@pytest.mark.parametrize(
    ("key", "place"),
    [
        (PlanPullRequest(repository="7", number=3, reason="d"), OnHead(number=3)),
        (RestoreComment(repository="7", number=3, comment=9, reason="d"), OnTip()),
        (ClosePullRequest(repository="7", number=3, reason="d"), OnHead(number=3)),
        (
            AnswerComment(repository="7", number=3, source="comment", comment=11),
            InAnswer(source=Source.COMMENT, comment=11),
        ),
        (
            ApplyPullRequest(repository="7", environment="dev", number=3, command=SAID),
            InAnswer(source=Source.REVIEW, comment=11),
        ),
        (
            ApplyDrift(repository="7", environment="dev", number=3, command=SAID),
            InAnswer(source=Source.REVIEW, comment=11),
        ),
        (
            AdoptDrift(repository="7", environment="dev", stack="web", number=3, command=SAID),
            InAnswer(source=Source.REVIEW, comment=11),
        ),
        (
            ApplyEnvironment(repository="7", environment="dev", tip="t", why="w", command=SAID),
            InAnswer(source=Source.REVIEW, comment=11),
        ),
        (
            ApplyEnvironment(repository="7", environment="dev", tip="t", why="w"),
            OnTip(check="gitbot/dev/apply"),
        ),
        (
            PlanMergeGroup(repository="7", head="h", branch="b", reason="d"),
            OnCommit(commit=Sha("h")),
        ),
        (
            RerunChecks(repository="7", head="h", check="gitbot/dev", by="ada", reason="d"),
            OnCommit(commit=Sha("h"), check="gitbot/dev"),
        ),
        (
            RerunChecks(repository="7", head="h", check="", by="ada", reason="d"),
            OnCommit(commit=Sha("h")),
        ),
        (PlanCommit(repository="7", login="ada", reason="f00d"), InAskedPlan(id="f00d")),
        (FollowTip(repository="7", reason="d"), OnTip()),
        (Sweep(repository="7", reason="d"), OnTip()),
        (TellWaiting(repository="7", reason="d"), OnTip()),
        (PruneRuns(repository="7", day="2026-05-01"), OnTip()),
        (
            OpenWindows(repository="7", environment="dev", reason="d"),
            OnTip(check="gitbot/dev/freeze"),
        ),
        (
            ExpireStacks(repository="7", environment="dev", reason="d"),
            OnTip(check="gitbot/dev/expiry"),
        ),
        (
            DestroyStack(repository="7", environment="dev", stack="s", region="r", reason="d"),
            OnTip(check="gitbot/dev/expiry"),
        ),
        (
            SwitchStack(repository="7", environment="dev", stack="s", region="r", reason="d"),
            OnTip(check="gitbot/dev/expiry"),
        ),
        (
            Promote(repository="7", environment="prod", reason="d"),
            OnTip(check="gitbot/prod/promotion"),
        ),
    ],
    ids=lambda value: type(value).__name__,
)
def test_every_job_has_a_place_where_people_look(key: JobKey, place: Place) -> None:
    assert place_of(key) == place


@pytest.mark.parametrize(
    ("error", "ends"),
    [
        (UserError("no"), True),
        (ValueError("bug"), True),
        (TransientError("later"), False),
        (LeaseUnavailableError("busy"), False),
    ],
    ids=["refused", "a bug", "worth trying again", "another apply runs"],
)
def test_a_command_ends_with_an_error_that_stays(error: Exception, ends: bool) -> None:
    assert ends_command(error) is ends


def test_an_unexpected_error_is_told_by_its_job_and_never_by_its_text() -> None:
    assert words(CloudError("ec2 said no"), "plan:7:3:d") == "ec2 said no"
    told = words(ValueError("password=hunter2"), "plan:7:3:d")
    assert "plan:7:3:d" in told
    assert "hunter2" not in told


@pytest.mark.parametrize("kind", [BrokenStoreError, AbsentStoreError])
def test_where_the_database_lies_is_told_in_the_log_alone(kind: type[Exception]) -> None:
    told = words(kind("The database sqlite:////srv/gitbot.db is damaged"), "plan:7:3:d")
    assert "/srv" not in told
    assert "`plan:7:3:d`" in told
