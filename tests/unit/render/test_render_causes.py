"""Tests for the words that say who or what made a resource differ."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.model.causes import CallerKind, Cause, CauseKind, Deed
from gitbot.render.causes import cause_sentence

AT = datetime(2026, 11, 28, 12, 30, 5, tzinfo=UTC)


def deed(**more: Any) -> Deed:
    fields: dict[str, Any] = {
        "call": "ec2:CreateTags",
        "at": AT,
        "kind": CallerKind.USER,
        "who": "bob",
        "address": "203.0.113.7",
        "through": "console",
    }
    return Deed(**(fields | more))


@pytest.mark.parametrize(
    ("kind", "more", "says"),
    [
        (CauseKind.SOMEBODY, {"deeds": (deed(),)}, "Changed by `bob` in the AWS console, from `203.0.113.7`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`)."),
        (CauseKind.SOMEBODY, {"deeds": (deed(kind=CallerKind.ROLE, who="ada@acme.com", role="Admin", through="the AWS CLI"),)}, "Changed by `ada@acme.com` with the role `Admin` through `the AWS CLI`, from `203.0.113.7`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`)."),
        (CauseKind.SOMEBODY, {"deeds": (deed(kind=CallerKind.ROLE, who="i-1", through="", address=""),)}, "Changed by `i-1`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`)."),
        (CauseKind.SOMEBODY, {"deeds": (deed(kind=CallerKind.ROOT), deed(kind=CallerKind.SERVICE, who="autoscaling.amazonaws.com"))}, "Changed by the account's root user in the AWS console, from `203.0.113.7`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`); by the AWS service `autoscaling.amazonaws.com` in the AWS console, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`)."),
        (CauseKind.SOMEBODY, {"deeds": (deed(kind=CallerKind.SERVICE, who="a.amazonaws.com", through="a"),)}, "Changed by the AWS service `a.amazonaws.com`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`)."),
        (CauseKind.SOMEBODY, {"deeds": (deed(),), "sure": False}, "The last calls on it that gitbot did not make were by `bob` in the AWS console, from `203.0.113.7`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`): they may have done it."),
        (CauseKind.OURSELVES, {"deeds": (deed(through="gitbot"),)}, "gitbot itself made the last call that changes this, by `bob` through `gitbot`, from `203.0.113.7`, at 2026-11-28 12:30:05 UTC (`ec2:CreateTags`)."),
        (CauseKind.TAKEN_BACK, {"code": "Server.ScheduledStop"}, "AWS took it back: the host of the machine is retired; a start moves it to another. Nobody called for it."),
        (CauseKind.TAKEN_BACK, {"code": "Server.SpotInstanceTermination", "deeds": (deed(),)}, "AWS took it back: the spot instance was interrupted and ended, at 2026-11-28 12:30:05 UTC. Nobody called for it."),
        (CauseKind.TAKEN_BACK, {"code": "Server.New"}, "AWS took it back: its reason is `Server.New`. Nobody called for it."),
        (CauseKind.FROM_INSIDE, {}, "The machine was shut down from inside, as by `sudo shutdown`: no call was made."),
        (CauseKind.NO_RIGHT, {"code": "cloudtrail:LookupEvents"}, "Who did it is not known, because `roles.plan` may not ask. Allow it `cloudtrail:LookupEvents`: `gitbot permissions dev` prints the policy."),
        (CauseKind.UNKNOWN, {}, "Who did it is not known yet: CloudTrail tells of a call only minutes later. It is added here when it is found."),
        (CauseKind.UNKNOWN, {"tries": 4}, "Who did it is not known: CloudTrail's event history has no call that explains it until 2026-11-28 12:30:05 UTC."),
    ],
)  # fmt: skip
def test_a_cause_says_who_when_from_where_and_with_which_call(
    kind: CauseKind, more: Any, says: str
) -> None:
    assert cause_sentence(Cause(kind=kind, since=AT, looked_at=AT, **more), "dev") == says


def test_texts_from_the_cloud_mention_nobody() -> None:
    found = Cause(
        kind=CauseKind.SOMEBODY, since=AT, looked_at=AT, deeds=(deed(who="`@ada <!-- x"),)
    )
    assert cause_sentence(found, "dev").startswith("Changed by `` `@ada <!\u2060-- x `` in")
