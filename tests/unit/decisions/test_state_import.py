"""Which state a store takes over, by tags or from another store."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.state_import import offer_by_tags, offers_of
from gitbot.errors import UserError
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.observed import Found, Lookup
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import Route

STACK = StackId(repository="1", environment="dev", name="web", region="eu-west-1")


def lookup(address: str) -> Lookup:
    return Lookup(
        address=Address(address),
        type="AWS::EC2::VPC",
        route=Route.NATIVE,
        properties={},
        named=False,
        lineage=None,
        stack="dev/web",
    )


def found(remote_id: str, address: str = "net", **more: str | None) -> Found:
    tags = {"lineage": "l1", "address": address, "stack": "dev/web", **more}
    return Found(remote_id=RemoteId(remote_id), **tags)  # type: ignore[arg-type]


NET = Address("net")


@pytest.mark.parametrize(
    ("objects", "lineage", "taken"),
    [
        pytest.param([found("vpc-1")], None, ("l1", ["vpc-1"]), id="one"),
        pytest.param([found("vpc-1"), found("vpc-2")], None, ("l1", ["vpc-1", "vpc-2"]), id="two"),
        pytest.param(
            [found("vpc-1"), found("vpc-2", lineage="l2")], "l2", ("l2", ["vpc-2"]), id="chosen"
        ),
        pytest.param([found("vpc-1")], "l9", None, id="not of the chosen state"),
        pytest.param([found("vpc-1", stack="dev/other")], None, None, id="another stack"),
        pytest.param([found("vpc-1", address="other")], None, None, id="another address"),
        pytest.param([found("vpc-1", lineage=None)], None, None, id="no lineage"),
        pytest.param([], None, None, id="nothing"),
    ],
)
def test_the_lineage_is_what_live_objects_of_the_stack_say(
    objects: list[Found], lineage: str | None, taken: tuple[str, list[str]] | None
) -> None:
    offer = offer_by_tags(STACK, [lookup("net")], {NET: objects}, lineage)
    if taken is None:
        assert offer is None
        return
    assert offer is not None
    assert (offer.state.lineage, offer.state.complete, offer.copied) == (taken[0], False, False)
    assert [each[2] for each in offer.objects] == taken[1]
    assert offer.objects[0][:2] == (NET, "AWS::EC2::VPC")


def test_two_states_with_the_name_of_one_stack_must_be_told_apart() -> None:
    both = [found("vpc-1"), found("vpc-2", lineage="l2")]
    with pytest.raises(UserError, match=r"l1: vpc-1; l2: vpc-2.*--lineage"):
        offer_by_tags(STACK, [lookup("net")], {NET: both}, None)


def state(name: str, *addresses: str) -> RecordedStack:
    resources = {
        Address(each): RecordedResource(
            address=Address(each),
            type="AWS::EC2::VPC",
            remote_id=RemoteId(f"vpc-{each}"),
            properties={},
            account="1",
            region="eu-west-1",
        )
        for each in addresses
    }
    return RecordedStack(id=replace(STACK, name=name), lineage=name, serial=4, resources=resources)


def test_states_are_copied_under_the_id_of_the_repository_here() -> None:
    made = offers_of([state("web", "b", "a"), state("gone")], "99", [])
    (offer,) = made
    assert (offer.state.id.repository, offer.state.lineage, offer.copied) == ("99", "web", True)
    assert [each[0] for each in offer.objects] == ["a", "b"]


def test_only_the_wanted_states_are_copied_and_a_missing_one_is_named() -> None:
    both = [state("web", "a"), state("api", "b")]
    assert [offer.state.id.name for offer in offers_of(both, "1", ["api"])] == ["api"]
    with pytest.raises(UserError, match=r"no state of db; it has: api, web"):
        offers_of(both, "1", ["db", "web"])
    with pytest.raises(UserError, match=r"it has: none"):
        offers_of([], "1", ["db"])
