"""Tables of what explains a difference, and of when to look for it again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gitbot.decisions.drift import causes
from gitbot.model.causes import CallerKind, Cause, CauseKind, Deed, Told
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.runs import RunStatus
from tests.unit.decisions.facts_by_hand import a_run

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
A = Address("a")


def difference(
    path: str = "/Tags/owner", how: Differs = Differs.CHANGED, address: str = "a", **more: Any
) -> Difference:
    return Difference(address=Address(address), path=path, how=how, **({"since": NOW} | more))


def deed(call: str, *, ours: bool = False, minutes_ago: int = 5) -> Deed:
    at = NOW - timedelta(minutes=minutes_ago)
    return Deed(call=call, at=at, kind=CallerKind.USER, who="bob", ours=ours)


GONE = difference("", Differs.GONE)
EVICTED = deed("ec2:BidEvictedEvent")


@pytest.mark.parametrize(
    ("one", "told", "kind", "calls", "sure"),
    [
        (difference(), Told(deeds=(deed("ec2:CreateTags"),)), "somebody", ["ec2:CreateTags"], True),
        (difference(), Told(deeds=(deed("s3:PutBucketTagging"),)), "somebody", ["s3:PutBucketTagging"], True),
        (difference(), Told(deeds=(deed("ec2:ModifyInstanceAttribute"),)), "somebody", ["ec2:ModifyInstanceAttribute"], False),
        (difference(), Told(deeds=(deed("ec2:CreateTags", ours=True),)), "ourselves", ["ec2:CreateTags"], True),
        (difference(), Told(deeds=(deed("ec2:CreateTags", ours=True), deed("ec2:DeleteTags"))), "somebody", ["ec2:DeleteTags"], True),
        (difference(), Told(deeds=(deed("ec2:StopInstances", ours=True),)), "unknown", [], False),
        (difference(), Told(), "unknown", [], False),
        (difference(), Told(refused="cloudtrail:LookupEvents"), "no right", [], True),
        (difference(), Told(state_reason="Server.ScheduledStop"), "unknown", [], False),
        (difference("/SecurityGroupIngress/-", Differs.ADDED), Told(deeds=(deed("ec2:CreateTags"), deed("ec2:AuthorizeSecurityGroupIngress"))), "somebody", ["ec2:AuthorizeSecurityGroupIngress"], True),
        (difference("/SecurityGroupIngress/-", Differs.ADDED), Told(deeds=(deed("ec2:ModifyInstanceAttribute"),)), "somebody", ["ec2:ModifyInstanceAttribute"], False),
        (difference("/InstanceType"), Told(deeds=(deed("ec2:ModifyInstanceAttribute"),)), "somebody", ["ec2:ModifyInstanceAttribute"], True),
        (difference("/ManagedPolicyArns/0"), Told(deeds=(deed("iam:DetachRolePolicy"),)), "somebody", ["iam:DetachRolePolicy"], True),
        (difference("/AssumeRolePolicyDocument/Statement"), Told(deeds=(deed("iam:UpdateAssumeRolePolicy"),)), "somebody", ["iam:UpdateAssumeRolePolicy"], True),
        (difference("/BucketEncryption"), Told(deeds=(deed("s3:DeleteBucketEncryption"),)), "somebody", ["s3:DeleteBucketEncryption"], True),
        (difference("/VersioningConfiguration/Status"), Told(deeds=(deed("s3:PutBucketVersioning"),)), "somebody", ["s3:PutBucketVersioning"], True),
        (difference("", Differs.ERROR), Told(deeds=(deed("s3:PutBucketVersioning"),)), "somebody", ["s3:PutBucketVersioning"], False),
        (GONE, Told(deeds=(deed("ec2:TerminateInstances"), deed("ec2:DeleteTags"))), "somebody", ["ec2:TerminateInstances"], True),
        (GONE, Told(state_reason="Server.SpotInstanceTermination", refused="x"), "taken back", [], True),
        (GONE, Told(deeds=(EVICTED,)), "taken back", ["ec2:BidEvictedEvent"], True),
        (GONE, Told(deeds=(EVICTED,), state_reason="Server.SpotInstanceTermination"), "taken back", ["ec2:BidEvictedEvent"], True),
        (GONE, Told(deeds=(EVICTED, deed("ec2:TerminateInstances")), state_reason="Client.UserInitiatedShutdown"), "somebody", ["ec2:TerminateInstances"], True),
        (GONE, Told(state_reason="Client.InstanceInitiatedShutdown"), "from inside", [], True),
        (difference("", Differs.STOPPED), Told(deeds=(deed("ec2:StopInstances"),)), "somebody", ["ec2:StopInstances"], True),
        (difference("", Differs.UNMANAGED), Told(deeds=(deed("ec2:CreateTags"), deed("ec2:RunInstances"))), "somebody", ["ec2:RunInstances"], True),
    ],
)  # fmt: skip
def test_a_cause_is_the_call_that_makes_such_a_difference(
    one: Difference, told: Told, kind: str, calls: list[str], sure: bool
) -> None:
    found = causes.cause_of([one], told, None, NOW)
    assert (found.kind, [each.call for each in found.deeds], found.sure) == (kind, calls, sure)


def test_a_cause_names_the_newest_three_calls_at_most() -> None:
    told = Told(deeds=tuple(deed("ec2:CreateTags", minutes_ago=ago) for ago in range(5)))
    assert causes.cause_of([difference()], told, None, NOW).deeds == told.deeds[:3]


def cause(kind: CauseKind = CauseKind.UNKNOWN, **more: Any) -> Cause:
    fields = {"since": NOW, "looked_at": NOW, "sure": kind is not CauseKind.UNKNOWN}
    return Cause(kind=kind, **(fields | more))


@pytest.mark.parametrize(
    ("known", "after"),
    [
        (None, timedelta()),
        (cause(since=NOW - timedelta(hours=1)), timedelta()),
        (cause(), timedelta(minutes=5)),
        (cause(tries=2), timedelta(minutes=10)),
        (cause(tries=3), timedelta(minutes=30)),
        (cause(tries=4), None),
        (cause(CauseKind.SOMEBODY), None),
        (cause(CauseKind.SOMEBODY, sure=False), timedelta(minutes=5)),
        (cause(CauseKind.TAKEN_BACK), None),
        (cause(CauseKind.NO_RIGHT, tries=9), timedelta(days=1)),
    ],
)
def test_what_is_not_known_is_looked_for_again_for_a_while(
    known: Cause | None, after: timedelta | None
) -> None:
    at = causes.next_look([difference()], known, NOW)
    assert at == (None if after is None else NOW + after)


def test_a_later_look_counts_the_tries_and_keeps_what_was_found() -> None:
    later = NOW + timedelta(minutes=5)
    first = causes.cause_of([difference()], Told(), None, NOW)
    second = causes.cause_of([difference()], Told(deeds=(deed("ec2:X"),)), first, later)
    assert (second.kind, second.tries, second.looked_at) == (CauseKind.SOMEBODY, 2, later)
    third = causes.cause_of([difference()], Told(refused="cloudtrail:LookupEvents"), second, later)
    assert (third.kind, third.deeds, third.tries) == (CauseKind.SOMEBODY, second.deeds, 3)
    new = [difference(), difference("/Tags/cost", since=later)]
    assert causes.cause_of(new, Told(), third, later).tries == 1


def test_new_differences_are_looked_for_first_and_only_so_many_at_once() -> None:
    old = [
        difference(address=f"b{number:02}", since=NOW - timedelta(minutes=number))
        for number in range(30)
    ]
    known = {Address("b29"): cause(CauseKind.SOMEBODY, since=NOW - timedelta(minutes=29))}
    chosen = causes.wanted(
        [*old, difference("/x", address="b05"), difference(since=None)], known, NOW
    )
    assert len(chosen) == causes.MOST_AT_ONCE
    assert Address("b29") not in chosen
    assert next(iter(chosen)) == "b28"
    assert len(causes.wanted(old, known, NOW, most=3)) == 3
    assert causes.wanted(old, known, NOW, most=0) == {}
    assert causes.wanted([difference()], {A: cause()}, NOW) == {}


def test_what_was_before_the_last_apply_is_not_looked_at() -> None:
    day = timedelta(days=1)
    assert causes.window([difference()], None, NOW) == (NOW - day, NOW)
    assert causes.window([difference()], NOW - day / 2, NOW) == (NOW - day / 2, NOW)
    assert causes.window([], NOW - 2 * day, NOW) == (NOW - day, NOW)


APPLIES = [
    (a_run("3", RunStatus.FAILED, started_at=NOW), ["a", "b"]),
    (a_run("2", started_at=NOW - timedelta(hours=2), finished_at=NOW - timedelta(hours=1)), ["a"]),
    (a_run("1", started_at=NOW - timedelta(hours=5)), ["a", "b"]),
]


@pytest.mark.parametrize(
    ("addresses", "hours"),
    [("a", 2), ("b", 5), ("ab", 5), ("ac", None), ("", None)],
    ids=["its beginning, not its end", "not the failed one", "of all", "one never", "none"],
)
def test_causes_are_looked_for_since_an_apply_that_succeeded_began(
    addresses: str, hours: int | None
) -> None:
    applies = [(run, [Address(each) for each in changed]) for run, changed in APPLIES]
    since = None if hours is None else NOW - timedelta(hours=hours)
    assert causes.applied_since(applies, [Address(each) for each in addresses]) == since


def test_the_next_look_is_the_earliest_of_all_and_never_at_once() -> None:
    later = NOW + timedelta(minutes=5)
    both = [difference(), difference(address="b")]
    known = {A: cause(), Address("b"): cause(CauseKind.SOMEBODY)}
    assert causes.look_again(both, known, NOW) == later
    assert causes.look_again(both, {A: cause()}, NOW) == NOW + causes.SOON
    assert causes.look_again(both[1:], known, NOW) is None
    assert causes.look_again([], known, NOW) is None
