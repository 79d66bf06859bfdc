"""Which state a store takes over from another one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.state_import import offers_of
from gitbot.errors import UserError
from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.recorded import RecordedResource, RecordedStack

STACK = StackId(repository="1", environment="dev", name="web", region="eu-west-1")


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
    assert (offer.state.id.repository, offer.state.lineage) == ("99", "web")
    assert [each[0] for each in offer.objects] == ["a", "b"]


def test_only_the_wanted_states_are_copied_and_a_missing_one_is_named() -> None:
    both = [state("web", "a"), state("api", "b")]
    assert [offer.state.id.name for offer in offers_of(both, "1", ["api"])] == ["api"]
    with pytest.raises(UserError, match=r"no state of db; it has: api, web"):
        offers_of(both, "1", ["db", "web"])
    with pytest.raises(UserError, match=r"it has: none"):
        offers_of([], "1", ["db"])
