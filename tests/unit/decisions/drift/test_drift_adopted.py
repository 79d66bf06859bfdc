"""Whether the specs came to want what had differed in the cloud."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.decisions.drift.adopted import is_adopted
from gitbot.decisions.drift.ignoring import check_differs
from gitbot.errors import RefusedError
from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address, RemoteId
from gitbot.model.recorded import RecordedResource, RecordedStack
from tests.unit.decisions.drift.drift_by_hand import STACK, difference


def state(address: str = "bucket", **properties: Any) -> RecordedStack:
    resource = RecordedResource(
        address=Address(address),
        type="AWS::S3::Bucket",
        remote_id=RemoteId("b-1"),
        properties=properties,
        account="123456789012",
        region="eu-west-1",
    )
    return RecordedStack(id=STACK, lineage="l", serial=5, resources={resource.address: resource})


STRAY = difference(path="", how=Differs.UNMANAGED, remote_id=RemoteId("b-1"))
ADDED = difference(path="/Tags/team", how=Differs.ADDED, recorded=None, observed="x")
ITEM = difference(path="/Rules/-", how=Differs.ADDED, recorded=None, observed="x")


@pytest.mark.parametrize(
    ("of", "now", "adopted"),
    [
        (difference(), state(Tags={"owner": "bob"}), True),
        (difference(), state(Tags={"owner": "ada"}), False),
        (difference(), state("role"), True),
        (difference(how=Differs.MISSING, observed=None), state(Tags={}), True),
        (ADDED, state(Tags={"team": "x"}), True),
        (ADDED, state(Tags={}), False),
        (ITEM, state(Rules=["w", "x"]), True),
        (ITEM, state(Rules=["w"]), False),
        (ITEM, state(), False),
        (difference(path="", how=Differs.GONE), state(), False),
        (STRAY, state("other"), True),
        (difference(path="", how=Differs.UNMANAGED, remote_id=RemoteId("b-2")), state(), False),
    ],
)
def test_what_differed_is_adopted_when_state_has_it_now(
    of: Difference, now: RecordedStack, adopted: bool
) -> None:
    assert is_adopted(of, now) is adopted


def test_only_a_path_that_differs_is_ignored() -> None:
    check_differs("bucket", "/Tags", [difference()])
    check_differs("bucket", "/Tags/owner", [difference()])
    for resource, path in (("bucket", "/Tags/ownr"), ("role", "/Tags/owner")):
        with pytest.raises(RefusedError, match="what differs: `bucket` `/Tags/owner`"):
            check_differs(resource, path, [difference()])
    with pytest.raises(RefusedError, match="nothing that has a path"):
        check_differs("bucket", "/Tags", [STRAY])
