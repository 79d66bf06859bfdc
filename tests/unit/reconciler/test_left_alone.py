"""Drift that the specs say to ignore is not corrected, unless the spec changes that very path."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from gitbot.model.desired import DesiredResource, Lifecycle
from gitbot.model.drift import IgnoreRule
from gitbot.model.names import Address
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedResource
from gitbot.model.values import Sensitive, Value, redact
from gitbot.reconciler.drift import differences
from gitbot.reconciler.left_alone import left_alone
from gitbot.reconciler.operations import operation_properties
from tests.unit.decisions.drift.drift_by_hand import NOW
from tests.unit.reconciler.planning_world import (
    BUCKET,
    REDACT,
    absent,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)


def tags(**values: Value) -> list[dict[str, Value]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


def ignoring(properties: dict[str, Value], *paths: str) -> DesiredResource:
    rules = tuple(
        IgnoreRule(stack="web", resource=Address("web"), path=path, until=NOW, because="a handover")
        for path in paths
    )
    return resource("web", BUCKET, properties, lifecycle=Lifecycle(ignore_drift=rules))


def planned(wanted: DesiredResource, was: RecordedResource, **now: Any) -> Plan:
    return plan_of(stack(wanted), state(was), present("web", **now))


WAS = record("web", BUCKET, {"BucketName": "b", "Tags": tags(owner="ada", team="ml")})
WANTED = {"BucketName": "b", "Tags": tags(owner="ada", team="ml")}


def test_an_ignored_path_is_neither_corrected_nor_told_as_drift_and_the_plan_remarks_it() -> None:
    plan = planned(
        ignoring(WANTED, "/Tags/owner"), WAS, BucketName="b", Tags=tags(owner="bob", team="ml")
    )
    assert change_of(plan, "web").action is Action.NOOP
    assert plan.drift == ()
    assert plan.left_alone == (
        "`web` Tags.owner is left as the cloud has it until 2026-11-28 12:00 UTC, unless the spec "
        "changes it (a handover).",
    )


def test_other_drift_of_the_same_resource_is_corrected() -> None:
    plan = planned(
        ignoring(WANTED, "/Tags/owner"), WAS, BucketName="b", Tags=tags(owner="bob", team="x")
    )
    assert [path.path for path in change_of(plan, "web").paths] == ["/Tags/team"]


def test_what_is_sent_keeps_the_ignored_value_of_the_cloud() -> None:
    wanted = ignoring(WANTED, "/Tags/owner")
    seen = {"BucketName": "b", "Tags": tags(owner="bob", team="x")}
    plan = planned(wanted, WAS, **seen)
    ignore = left_alone(BUCKET, wanted.lifecycle, wanted.properties, WAS.properties, REDACT)
    sent, changed, _ = operation_properties(
        BUCKET,
        wanted.properties,
        change_of(plan, "web").paths,
        observed=seen,
        ignore=ignore,
    )
    assert changed == {"Tags"}
    assert sent["Tags"] == tags(owner="bob", team="ml")


def test_a_spec_that_changes_that_very_path_sets_it() -> None:
    wanted = {"BucketName": "b", "Tags": tags(owner="eve", team="ml")}
    plan = planned(
        ignoring(wanted, "/Tags/owner"), WAS, BucketName="b", Tags=tags(owner="bob", team="ml")
    )
    assert [(one.path, one.after) for one in change_of(plan, "web").paths] == [
        ("/Tags/owner", "eve")
    ]


def test_a_spec_that_no_longer_declares_the_path_removes_it() -> None:
    wanted = {"BucketName": "b", "Tags": tags(team="ml")}
    plan = planned(
        ignoring(wanted, "/Tags/owner"), WAS, BucketName="b", Tags=tags(owner="bob", team="ml")
    )
    assert [(one.path, one.removed) for one in change_of(plan, "web").paths] == [
        ("/Tags/owner", True)
    ]


def test_a_path_that_is_no_tag_and_one_above_several_are_ignored_too() -> None:
    was = record("web", BUCKET, {"BucketName": "b", "Versioning": {"Status": "Enabled"}})
    wanted = {"BucketName": "b", "Versioning": {"Status": "Enabled"}}
    for path in ("/Versioning/Status", "/Versioning"):
        plan = planned(
            ignoring(wanted, path), was, BucketName="b", Versioning={"Status": "Suspended"}
        )
        assert change_of(plan, "web").action is Action.NOOP


def test_a_sensitive_value_that_the_spec_has_not_changed_is_ignored_by_its_hash() -> None:
    secret = {"BucketName": "b", "Versioning": {"Status": Sensitive("hunter2")}}
    was = record("web", BUCKET, redact(secret, REDACT))
    plan = planned(
        ignoring(secret, "/Versioning/Status"), was, BucketName="b", Versioning={"Status": "x"}
    )
    assert change_of(plan, "web").action is Action.NOOP


SCALED = Lifecycle(may_drift=("/Versioning/Status",))


def test_what_others_may_change_stays_until_the_spec_changes_it_and_nothing_is_said() -> None:
    was = record("web", BUCKET, {"BucketName": "b", "Versioning": {"Status": "Enabled"}})
    was = replace(was, ignore_changes=(), may_drift=SCALED.may_drift)
    now = {"BucketName": "b", "Versioning": {"Status": "Suspended"}}
    plans = [
        planned(
            resource(
                "web",
                BUCKET,
                {"BucketName": "b", "Versioning": {"Status": status}},
                lifecycle=SCALED,
            ),
            was,
            **now,
        )
        for status in ("Enabled", "Off")
    ]
    assert plans[0].empty
    assert (plans[0].drift, plans[0].left_alone) == ((), ())
    assert [(one.path, one.after) for one in change_of(plans[1], "web").paths] == [
        ("/Versioning/Status", "Off")
    ]


def test_what_others_may_change_is_no_drift_with_and_without_the_spec() -> None:
    was = record("web", BUCKET, {"BucketName": "b", "Versioning": {"Status": "Enabled"}})
    was = replace(was, may_drift=SCALED.may_drift)
    seen = present("web", BucketName="b", Versioning={"Status": "Suspended"})
    for ignored in ({}, {Address("web"): SCALED.untold}):
        told = differences(state(was), seen, {BUCKET.name: BUCKET}.get, REDACT, ignored=ignored)
        assert told == ()


def test_a_value_that_is_not_known_yet_counts_as_changed() -> None:
    lifecycle = ignoring({}, "/Versioning/Status").lifecycle
    wanted = {"Versioning": {"Status": unknown("${other.Status}")}}
    was = {"Versioning": {"Status": "Enabled"}}
    assert left_alone(BUCKET, lifecycle, wanted, was, REDACT) == ()


def test_an_object_that_is_created_again_is_made_as_the_spec_says() -> None:
    plan = plan_of(stack(ignoring(WANTED, "/Tags")), state(WAS), absent("web"))
    change = change_of(plan, "web")
    assert change.action is Action.CREATE
    assert "/Tags/owner" in {path.path for path in change.paths}


def test_the_digest_does_not_tell_of_what_is_ignored() -> None:
    seen = present("web", **WANTED)
    plain = plan_of(stack(resource("web", BUCKET, WANTED)), state(WAS), seen)
    assert plan_of(stack(ignoring(WANTED, "/Tags/owner")), state(WAS), seen).digest == plain.digest
