"""What state has recorded is known to expressions that are tried, without the cloud."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from gitbot.language.bind import bind
from gitbot.model.lookups import DesiredLookup, KeptLookup, question_hash
from gitbot.model.names import Address
from gitbot.model.recorded import RecordedOutput
from gitbot.model.uses import OutputUse, outputs_address
from gitbot.model.values import Unknown
from gitbot.reconciler.binding import Scope
from gitbot.reconciler.informed import inform
from tests.unit.reconciler.planning_world import BUCKET, SPAN, record, resource, stack, state

IMAGE = DesiredLookup(
    address=Address("lookups.image"), type="T", identifier="i", attributes=("Id",), source=SPAN
)
OTHER = replace(IMAGE, address=Address("lookups.other"), identifier="j")
USE = OutputUse(stack="network", output="vpc_id", producer="network", source=SPAN)
FORGOTTEN = replace(USE, output="later")


def test_outputs_of_others_and_lookups_are_known_as_they_were_recorded() -> None:
    desired = replace(
        stack(resource("b", BUCKET, {"BucketName": "b"})),
        lookups={one.address: one for one in (IMAGE, OTHER)},
        uses=(USE, FORGOTTEN),
    )
    kept = KeptLookup(
        question=question_hash(IMAGE.asked),
        identifiers=("i",),
        attributes={"Id": "ami-1"},
        at=datetime(2026, 11, 28, tzinfo=UTC),
    )
    own = replace(state(record("b", BUCKET, {"BucketName": "b"})), lookups={IMAGE.address: kept})
    network = replace(
        state(),
        id=replace(own.id, name="network"),
        outputs={"vpc_id": RecordedOutput(value="vpc-1")},
    )
    scope = Scope(lambda requests: [bind(*one) for one in requests])
    inform(scope, desired, {own.id.name: own, "network": network})
    wanted = [
        Unknown(template="${l.Id}", references={"l": IMAGE.address}),
        Unknown(template="${l.Id}", references={"l": OTHER.address}),
        Unknown(template="${o.vpc_id}", references={"o": outputs_address("network")}),
        Unknown(template="${o.later}", references={"o": outputs_address("network")}),
        Unknown(template="${b.BucketName}", references={"b": Address("b")}),
    ]
    assert scope.bound(wanted) == ["ami-1", wanted[1], "vpc-1", wanted[3], "b"]
    inform(empty := Scope(lambda requests: [bind(*one) for one in requests]), desired, {})
    assert empty.bound(wanted) == wanted
