"""Which stacks still use what a plan would delete."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.names import StackId
from gitbot.model.plan import OutputChange, Plan
from gitbot.model.recorded import RecordedOutput, StackHeader
from gitbot.model.values import Unknown
from gitbot.reconciler.across import mark_of
from gitbot.reconciler.handing_over import waiting_users
from tests.unit.reconciler.planning_world import STACK, plan_of
from tests.unit.reconciler.test_across import destroying, using

ID = RecordedOutput(value="sg-1")
OUTPUTS = {"id": ID}


def plan(*changed: str) -> Plan:
    made = replace(plan_of(using("net")), stack=replace(STACK, name="net"))
    later = Unknown(template="${group.GroupId}")
    return replace(made, outputs=tuple(OutputChange(name=one, after=later) for one in changed))


def header(name: str, left: int = 1, **uses: str) -> StackHeader:
    return StackHeader(
        id=StackId(repository="1", environment="dev", name=name, region="us-east-1"),
        lineage="l",
        serial=1,
        resources=left,
        left=left,
        uses={key.replace("__", "."): mark for key, mark in uses.items()},
    )


@pytest.mark.parametrize(
    ("changed", "one", "waits"),
    [
        pytest.param((), header("web", net__id=mark_of("sg-1")), False, id="it has what there is"),
        pytest.param(("id",), header("web", net__id=mark_of("sg-1")), True, id="it changes"),
        pytest.param(
            ("other",), header("web", net__id=mark_of("sg-1")), False, id="another changes"
        ),
        pytest.param((), header("web", net__id="old"), True, id="it has changed before"),
        pytest.param((), header("web", net__gone="old"), True, id="it is no more"),
        pytest.param(
            ("id",), header("web", net2__id=mark_of("sg-1")), False, id="of another stack"
        ),
        pytest.param(
            ("id",), header("web", left=0, net__id=mark_of("sg-1")), False, id="an empty one"
        ),
        pytest.param(("id",), header("web"), False, id="it uses nothing"),
    ],
)
def test_a_stack_waits_that_was_applied_with_what_the_outputs_are_no_more(
    changed: tuple[str, ...], one: StackHeader, waits: bool
) -> None:
    assert waiting_users(plan(*changed), OUTPUTS, [one]) == (("web",) if waits else ())


def test_all_that_wait_are_named_and_a_destroy_waits_by_its_guards() -> None:
    two = [header("web", net__id="old"), header("job", net__id="older")]
    assert waiting_users(plan(), OUTPUTS, two) == ("job", "web")
    ends = replace(destroying("net"), stack=replace(STACK, name="net"))
    assert waiting_users(ends, OUTPUTS, two) == ()


def test_who_has_what_an_output_becomes_again_does_not_wait() -> None:
    """A replacement that is reverted half-way: who never moved has what there is."""
    back = replace(plan(), outputs=(OutputChange(name="id", before="sg-1", after="sg-0"),))
    never, moved = header("web", net__id=mark_of("sg-0")), header("job", net__id=mark_of("sg-1"))
    assert waiting_users(back, OUTPUTS, [never, moved]) == ("job",)
    gone = replace(plan(), outputs=(OutputChange(name="id", before="sg-1", removed=True),))
    assert waiting_users(gone, OUTPUTS, [never]) == ("web",)
