"""Which objects a state has after a look at the tags in the cloud."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.errors import StaleError
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Present
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.model.recovery import How
from gitbot.model.schema import Route, TypeSchema
from gitbot.reconciler.claimants import MOST_GENERATIONS, generation_of
from gitbot.reconciler.digest import operation_token
from gitbot.reconciler.rebuilding import (
    SERIAL_LEAP,
    Rebuilt,
    adopted,
    rebuild,
    rebuilt,
)

STACK = StackId(repository="1", environment="dev", name="web", region="eu-west-1")
BEFORE = RecordedStack(id=STACK, lineage="mine", serial=7)
TYPE = "AWS::EC2::VPC"


def schemas(name: str) -> TypeSchema:
    return TypeSchema(name=name, route=Route.NATIVE, json_schema={}, create_only=("/A",))


def record(address: str, number: int, generation: int = 1, **more) -> RecordedResource:
    return RecordedResource(
        address=Address(address),
        type=TYPE,
        remote_id=RemoteId(f"id-{number}"),
        properties={"A": 1},
        account="1",
        region="eu-west-1",
        generation=generation,
        **more,
    )


def having(*resources: RecordedResource, **more) -> RecordedStack:
    return replace(BEFORE, resources={one.address: one for one in resources}, **more)


def live(number: int, address: str = "", generation: int = 1, lineage: str = "mine", **shows):
    tags = {}
    if address:
        operation = operation_token(lineage, Address(address), generation, "create")
        tags = {
            "gitbot:lineage": lineage,
            "gitbot:resource": address,
            "gitbot:operation": operation,
        }
    remote_id = RemoteId(f"id-{number}")
    return {
        (TYPE, remote_id): Present(remote_id=remote_id, properties=shows, ownership=tags),
    }


def look(before: RecordedStack, *objects) -> Rebuilt:
    together = {each: seen for one in objects for each, seen in one.items()}
    return rebuild(before, together, schemas, "1")


def ids(state: RecordedStack) -> dict[str, str]:
    return {str(at): str(one.remote_id) for at, one in state.resources.items()}


def test_a_tagged_object_that_state_does_not_know_is_recorded_where_its_tags_say():
    found = look(BEFORE, live(1, "vpc", 3), live(2, "net", 4, VpcId="id-1"))
    assert ids(found.state) == {"net": "id-2", "vpc": "id-1"}
    net = found.state.resources[Address("net")]
    assert (net.generation, net.depends_on, net.properties) == (4, ("vpc",), {})
    assert found.state.serial == 7 + SERIAL_LEAP
    assert [(one.address, one.how) for one in found.findings()] == [
        ("net", How.FOUND),
        ("vpc", How.FOUND),
    ]


@pytest.mark.parametrize(
    ("objects", "why"),
    [([live(1, "vpc", lineage="theirs")], "another's"), ([live(1)], "nobody's"), ([], "gone")],
)
def test_what_is_not_of_the_lineage_is_not_taken(objects, why):
    assert ids(look(BEFORE, *objects).state) == {}, why


def test_what_state_has_and_the_cloud_has_not_leaves_state():
    found = look(having(record("vpc", 1), record("net", 2)), live(2))
    assert ids(found.state) == {"net": "id-2"}
    assert [(one.address, one.how) for one in found.findings()] == [
        ("net", How.KNOWN),
        ("vpc", How.GONE),
    ]


def test_what_has_another_address_in_its_tags_moves_there_with_what_depends_on_it():
    before = having(record("vpc", 1), record("net", 2, depends_on=(Address("vpc"),)))
    found = look(before, live(1, "main"), live(2, "net"))
    assert ids(found.state) == {"main": "id-1", "net": "id-2"}
    assert found.state.resources[Address("net")].depends_on == ("main",)
    assert found.state.resources[Address("main")].properties == {"A": 1}
    moved = [one for one in found.findings() if one.how is How.MOVED]
    assert [(one.address, one.former) for one in moved] == [("main", "vpc")]


def test_of_two_objects_of_an_address_the_newer_counts_and_the_older_is_deposed():
    new = operation_token("mine", Address("vpc"), 5, "create")
    found = look(having(record("vpc", 1, 2)), live(1, "vpc", 2), live(9, "vpc", 5))
    assert ids(found.state) == {"vpc": "id-9"}
    assert [(one.resource.remote_id, one.operation) for one in found.state.deposed] == [
        ("id-1", new)
    ]
    assert [one.how for one in found.findings()] == [How.FOUND, How.DEPOSED]


def test_an_object_whose_tags_were_removed_ranks_by_its_record():
    found = look(having(record("vpc", 1, 9)), live(1), live(2, "vpc", 5))
    assert ids(found.state) == {"vpc": "id-1"}
    newer = operation_token("mine", Address("vpc"), 9, "create")
    assert [one.operation for one in found.state.deposed] == [newer]


def test_two_objects_of_which_nothing_tells_the_newer_are_not_recorded():
    found = look(BEFORE, live(1, "vpc", MOST_GENERATIONS + 1), live(2, "vpc", 5), live(3, "vpc", 5))
    assert ids(found.state) == {}
    assert [one.how for one in found.findings()] == [How.RIVAL] * 3


def test_a_deposed_object_stays_deposed_as_long_as_it_exists():
    old = [Deposed(resource=record("vpc", n), operation="o") for n in (1, 2)]
    found = look(having(record("vpc", 3, 4), deposed=tuple(old)), live(1, "vpc"), live(3, "vpc", 4))
    assert found.state.deposed == (old[0],)
    assert ids(found.state) == {"vpc": "id-3"}


def test_an_operation_that_no_generation_explains_has_none():
    assert generation_of("mine", Address("vpc"), "what") is None
    for kind in ("create", "update"):
        operation = operation_token("mine", Address("vpc"), 12, kind)
        assert generation_of("mine", Address("vpc"), operation) == 12


def test_what_has_no_tags_is_recorded_at_the_address_that_names_it():
    state = adopted(having(record("b", 1)), {Address("a"): (TYPE, RemoteId("x"))}, schemas, "1")
    assert ids(state) == {"a": "x", "b": "id-1"}
    assert state.resources[Address("a")].create_only == ("/A",)


def test_a_rebuilt_state_is_written_only_over_the_one_that_was_read():
    after = rebuilt(BEFORE, BEFORE, having(record("vpc", 1), serial=1007))
    assert (after.serial, ids(after)) == (1008, {"vpc": "id-1"})
    for moved in (replace(BEFORE, serial=8), replace(BEFORE, lineage="x")):
        with pytest.raises(StaleError, match="moved meanwhile"):
            rebuilt(moved, BEFORE, after)
