"""What a scan tells of what a stack uses and does not manage."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.newer import (
    is_as_applied,
    lost_secrets,
    may_rotate,
    newer_answers,
    rotation_of,
)
from gitbot.model.desired import DesiredResource, DesiredStack, Lifecycle
from gitbot.model.lookups import PlannedLookup
from gitbot.model.names import Address, RemoteId
from gitbot.model.newer import LostSecret, NewerAnswer, Rotation
from gitbot.model.plan import Action, Change, PathChange, Trigger, Unseen
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.secret_references import SecretProblem
from gitbot.model.values import Origin, Redacted, Unknown
from tests.unit.decisions.drift.drift_by_hand import STACK
from tests.unit.decisions.test_lookups import DESIRED, IMAGE
from tests.unit.render.plans_by_hand import plan

A = "ssm:/a"


def stack(**replace_when: Any) -> DesiredStack:
    one = DesiredResource(
        address=Address("bucket"),
        type="T",
        properties={},
        lifecycle=Lifecycle(replace_when=replace_when),
        source=DESIRED.source,
    )
    return replace(DESIRED, resources={one.address: one})


def state(**secrets: str) -> RecordedStack:
    """A stack of one object, which is made of secrets with these versions."""
    value = Redacted(digest="d", key_id="k", origin=Origin(secrets=secrets, definition="x"))
    one = RecordedResource(
        address=Address("bucket"),
        type="T",
        remote_id=RemoteId("b"),
        properties={"Tags": [{"Value": value}, "plain"]},
        account="1",
        region="r",
    )
    return RecordedStack(id=STACK, lineage="l", resources={one.address: one}, desired_hash="h")


@pytest.mark.parametrize(
    ("desired", "now", "moved"),
    [
        (stack(), {A: "1"}, None),
        (stack(), {}, None),
        (stack(), {A: "2"}, ("ssm:/a (version 1 → 2)",)),
        (stack(x=Unknown(template="t", secrets={A: ""})), {A: "1"}, ()),
        (stack(x=1), {A: "1"}, None),
    ],
)
def test_a_secret_is_rotated_when_its_version_is_not_the_recorded_one(
    desired: DesiredStack, now: dict[str, str], moved: tuple[str, ...] | None
) -> None:
    assert may_rotate(desired, state(**{A: "1"}), now) == moved


ROTATED = PathChange(path="/Tags", unseen=Unseen.ROTATED)
UPDATED = Change(address=Address("b"), type="T", action=Action.UPDATE, paths=(ROTATED,))
REPLACED = replace(UPDATED, address=Address("c"), action=Action.REPLACE)
TRIGGERED = replace(REPLACED, address=Address("d"), paths=(), triggers=(Trigger(name="x"),))
PERHAPS = replace(TRIGGERED, triggers=(Trigger(name="x", may=True),))
DRIFTED = replace(UPDATED, address=Address("e"), paths=(PathChange(path="/Tags"),))


@pytest.mark.parametrize(
    ("moved", "changes", "told"),
    [
        ((), [DRIFTED, PERHAPS], ()),
        (("s",), [DRIFTED], (Rotation(secrets=("s",)),)),
        (
            ("s",),
            [UPDATED, REPLACED, DRIFTED],
            (Rotation(secrets=("s",), updates=(Address("b"),), replaces=(Address("c"),)),),
        ),
        ((), [TRIGGERED], (Rotation(secrets=(), replaces=(Address("d"),)),)),
    ],
)
def test_of_a_plan_counts_what_is_changed_because_of_a_secret(
    moved: tuple[str, ...], changes: list[Change], told: tuple[Rotation, ...]
) -> None:
    assert rotation_of(moved, plan(*changes)) == told


def test_only_what_is_remarked_or_cannot_be_had_is_told() -> None:
    fine = PlannedLookup(address=IMAGE.address, type="T", asked={})
    newer = replace(fine, remark="ami-2 would be found now")
    says = NewerAnswer(lookup=IMAGE.address, says="ami-2 would be found now")
    assert newer_answers([fine, newer]) == (says,)
    gone = SecretProblem(detail="It is gone.", fix="Make it.")
    told = lost_secrets({A: "3", "ssm:/b": gone})
    assert told == (LostSecret(reference="ssm:/b", says="It is gone. Make it."),)


def test_nothing_is_told_of_specs_that_were_not_applied_yet() -> None:
    assert is_as_applied(DESIRED, state())
    assert not is_as_applied(replace(DESIRED, hash="other"), state())
