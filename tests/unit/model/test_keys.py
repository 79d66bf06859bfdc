"""Tests for the ids and partitions of job keys, and for what they supersede."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest

from gitbot.model.codec import from_data, to_data
from gitbot.model.commands import CommandRef, Source
from gitbot.model.keys import (
    AdoptDrift,
    AnswerComment,
    ApplyDrift,
    ApplyEnvironment,
    ApplyPullRequest,
    ClosePullRequest,
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
    TellWaiting,
)

MOMENT = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
REF = CommandRef(source=Source.REVIEW, comment=99, text_at=MOMENT, line=2)
REF_ID = f"review:99:{int(MOMENT.timestamp())}:2"


def apply(**more: object) -> ApplyEnvironment:
    fields = {"repository": "7", "environment": "dev", "tip": "abc", "why": "push"}
    return ApplyEnvironment(**(fields | more))  # type: ignore[arg-type]


def apply_pull_request(**more: object) -> ApplyPullRequest:
    fields = {"repository": "7", "environment": "dev", "number": 1, "command": REF}
    return ApplyPullRequest(**(fields | more))  # type: ignore[arg-type]


def answer(again: str = "") -> AnswerComment:
    return AnswerComment(repository="7", number=1, source="comment", comment=99, again=again)


TABLE: list[tuple[JobKey, str, str, str | None]] = [
    (
        ApplyDrift(repository="7", environment="dev", number=1, command=REF),
        f"apply-drift:7:dev:1:{REF_ID}",
        "7:dev",
        None,
    ),
    (
        ApplyDrift(repository="7", environment="dev", number=1, command=REF, again="2"),
        f"apply-drift:7:dev:1:{REF_ID}:2",
        "7:dev",
        None,
    ),
    (
        AdoptDrift(repository="7", environment="dev", stack="web", number=1, command=REF),
        f"adopt:7:dev/web:{REF_ID}",
        "adopt:7:dev/web",
        None,
    ),
    (
        AdoptDrift(
            repository="7", environment="dev", stack="web", number=1, command=REF, again="2"
        ),
        f"adopt:7:dev/web:{REF_ID}:2",
        "adopt:7:dev/web",
        None,
    ),
    (
        PlanPullRequest(repository="7", number=1, reason="d1"),
        "plan:7:1:d1",
        "plan:7:1",
        "plan:7:1:",
    ),
    # The kind: untrusted work that takes all workers. Plans of forks wait for each other.
    (
        PlanPullRequest(repository="7", number=1, reason="d1", fork=True),
        "plan:7:1:d1:fork",
        "plan:forks",
        "plan:7:1:",
    ),
    (ClosePullRequest(repository="7", number=1, reason="d1"), "close:7:1:d1", "close:7:1", None),
    (answer(), "answer:comment:99", "answer:7:1", None),
    (answer("x"), "answer:comment:99:x", "answer:7:1", None),
    (
        RestoreComment(repository="7", number=1, comment=9, reason="d1"),
        "restore:7:9:d1",
        "restore:7:9",
        "restore:7:9:",
    ),
    (FollowTip(repository="7", reason="d1"), "tip:7:d1", "tip:7", "tip:7:"),
    (TellWaiting(repository="7", reason="r1"), "waiting:7:r1", "waiting:7", "waiting:7:"),
    (
        PlanMergeGroup(repository="7", head="c0", branch="b", reason="d1"),
        "group:7:c0:d1",
        "group:7:c0",
        None,
    ),
    # The kind: a person who asks for many plans. They wait for each other, and for nobody else.
    (
        PlanCommit(repository="7", login="ada", reason="f00d"),
        "asked:7:ada:f00d",
        "asked:7:ada",
        None,
    ),
    (
        PlanCommit(repository="7", login="ada", reason="f00d", again="2"),
        "asked:7:ada:f00d:2",
        "asked:7:ada",
        None,
    ),
    (
        RerunChecks(repository="7", head="c0", check="gitbot", by="ada", reason="d1"),
        "rerun:7:c0:d1",
        "rerun:7:c0",
        None,
    ),
    (apply(), "apply:7:dev:abc:push", "7:dev", "apply:7:dev:"),
    (apply(pull_request=1), "apply-for:7:dev:abc:push", "7:dev", None),
    (apply(pull_request=1, again="2"), "apply-for:7:dev:abc:push:2", "7:dev", None),
    (apply_pull_request(), f"apply-pr:7:dev:1:{REF_ID}", "7:dev", None),
    (apply_pull_request(again="2"), f"apply-pr:7:dev:1:{REF_ID}:2", "7:dev", None),
    (Sweep(repository="7", reason="d1"), "sweep:7:d1", "sweep:7", "sweep:7:"),
    (
        PruneRuns(repository="7", day="2026-05-01"),
        "prune:7:2026-05-01",
        "prune",
        "prune:7:",
    ),
    (
        OpenWindows(repository="7", environment="dev", reason="r"),
        "freeze:7:dev:r",
        "freeze:7:dev",
        "freeze:7:dev:",
    ),
    (
        Promote(repository="7", environment="prod", reason="d"),
        "promotion:7:prod:d",
        "promotion:7:prod",
        "promotion:7:prod:",
    ),
]


@pytest.mark.parametrize(("key", "id_", "partition", "supersedes"), TABLE)
def test_each_key_owns_its_id_its_partition_and_what_it_supersedes(
    key: JobKey, id_: str, partition: str, supersedes: str | None
) -> None:
    assert (key.id, key.partition, key.supersedes) == (id_, partition, supersedes)


@pytest.mark.parametrize("key", [key for key, *_ in TABLE])
def test_a_key_survives_being_written_down(key: JobKey) -> None:
    assert from_data(to_data(key), type(key)) == key


def test_a_key_supersedes_only_keys_of_its_own_type_and_partition() -> None:
    others: list[JobKey] = [
        PlanPullRequest(repository="7", number=12, reason="d1"),
        PlanPullRequest(repository="71", number=1, reason="d1"),
        apply(environment="dev2"),
        Sweep(repository="71", reason="d1"),
        PruneRuns(repository="71", day="2026-05-01"),
        FollowTip(repository="71", reason="d1"),
    ]
    keys: list[JobKey] = [*(key for key, *_ in TABLE), *others]
    for one, other in combinations(keys, 2):
        for newer, queued in ((one, other), (other, one)):
            if newer.supersedes and queued.id.startswith(newer.supersedes):
                assert type(newer) is type(queued)
                # A job that finds out that its pull request is a fork's goes on as another.
                assert len({newer.partition, queued.partition} - {"plan:forks"}) <= 1
