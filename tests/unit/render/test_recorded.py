"""What state lists of a stack reads the same from a store and from a server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.recorded import Moved, RecordedResource, RecordedStack
from gitbot.render.recorded import stack_data, stack_lines

STACK = RecordedStack(
    id=StackId(repository="7", environment="dev", name="web", region="us-east-1"),
    lineage="l",
    serial=3,
    complete=True,
    commit=Sha("c" * 40),
    resources={
        Address(name): RecordedResource(
            address=Address(name),
            type=type_,
            remote_id=RemoteId(id_),
            properties={},
            account="1",
            region="us-east-1",
        )
        for name, type_, id_ in (("vpc", "AWS::EC2::VPC", "vpc-1"), ("b", "AWS::S3::Bucket", "x"))
    },
)


def test_resources_are_listed_by_address() -> None:
    data = stack_data(STACK)
    assert data["resources"] == {"b": "x", "vpc": "vpc-1"}
    assert [line.text for line in stack_lines(data)] == [
        "web  serial 3",
        "  b  AWS::S3::Bucket  x",
        "  vpc  AWS::EC2::VPC  vpc-1",
    ]


@pytest.mark.parametrize(
    ("edited", "words"),
    [(True, "changed by hand since its last apply"), (False, "its last apply did not finish")],
)
def test_what_the_next_apply_looks_at_is_told(edited: bool, words: str) -> None:
    stack = replace(STACK, complete=False, edited=edited, resources={})
    assert [line.text for line in stack_lines(stack_data(stack))] == [f"web  serial 3  ({words})"]


def test_a_copy_is_told_with_the_store_that_has_the_stack() -> None:
    moved = Moved(to="new.db", lineage="l", serial=4)
    data = stack_data(replace(STACK, moved=moved, resources={}))
    assert data["moved_to"] == "new.db"
    assert [line.text for line in stack_lines(data)] == ["web  serial 3  (a copy: new.db has it)"]
    # A server of an earlier version does not say.
    del data["moved_to"]
    assert [line.text for line in stack_lines(data)] == ["web  serial 3"]
