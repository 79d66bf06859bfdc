"""The lines of what a recovery of state found."""

from __future__ import annotations

import pytest

from gitbot.model.names import Address, RemoteId, StackId
from gitbot.model.recovery import Finding, How, Stranger
from gitbot.render.recovering import recovery_lines, stranger_lines

STACK = StackId(repository="1", environment="dev", name="web", region="eu-west-1")


@pytest.mark.parametrize(
    ("how", "says"),
    [
        (How.KNOWN, "stays"),
        (How.FOUND, "found"),
        (How.MOVED, "found again, until now as main"),
        (How.DEPOSED, "the next apply deletes it"),
        (How.GONE, "leaves state"),
        (How.RIVAL, "not recorded"),
    ],
)
def test_each_object_says_what_becomes_of_it(how, says):
    one = Finding(
        address=Address("vpc"),
        type="AWS::EC2::VPC",
        remote_id=RemoteId("vpc-1"),
        how=how,
        former=Address("main"),
    )
    heading, line = recovery_lines(STACK, "abc", [one])
    assert heading.text == "dev/web: what the state of lineage abc becomes"
    assert line.text.startswith("  vpc  AWS::EC2::VPC  vpc-1  ")
    assert says in line.text


def test_a_stack_of_which_nothing_is_there_says_so():
    (line,) = recovery_lines(STACK, "abc", [])
    assert line.text == "dev/web: nothing was found, and state has nothing"


def test_strangers_are_listed_by_the_state_that_they_name():
    def stranger(name: str, number: int) -> Stranger:
        return Stranger(
            stack=f"dev/{name}",
            lineage="xyz",
            address=Address("vpc"),
            type="AWS::EC2::VPC",
            remote_id=RemoteId(f"vpc-{number}"),
            why="no spec declares that stack",
        )

    lines = [
        one.text for one in stranger_lines([stranger("a", 1), stranger("a", 2), stranger("b", 3)])
    ]
    assert lines == [
        "Left alone of dev/a, lineage xyz: no spec declares that stack",
        "  vpc  AWS::EC2::VPC  vpc-1",
        "  vpc  AWS::EC2::VPC  vpc-2",
        "Left alone of dev/b, lineage xyz: no spec declares that stack",
        "  vpc  AWS::EC2::VPC  vpc-3",
    ]
