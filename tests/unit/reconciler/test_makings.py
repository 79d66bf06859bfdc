"""What is asked of the cloud about the objects that a plan makes.

The kind: a valid spec that means one thing and makes another, because of what is in the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.names import Address
from gitbot.model.observed import Making, Objection
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import Route
from gitbot.model.values import Sensitive, Value
from gitbot.reconciler.makings import makings_of, refusals
from tests.unit.reconciler.planning_world import (
    MACHINE,
    SPAN,
    TYPES,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

OLD: dict[str, Value] = {"Image": "a", "Size": "s"}
DISKS: list[Value] = [{"Name": "x", "Size": unknown("${b.Size}")}]


def asked(properties: Mapping[str, Value], recorded: RecordedStack) -> tuple[Making, ...]:
    wanted = stack(resource("m", MACHINE, properties), resource("b", "Test::Bucket"))
    seen = present("m", **OLD) if recorded.resources else {}
    made = makings_of(plan_of(wanted, recorded, seen), wanted, TYPES.get)
    return tuple(each for each in made if each.address == "m")


def test_what_is_created_replaced_or_changed_is_asked_about() -> None:
    there = state(record("m", MACHINE, OLD))
    assert asked(OLD, there) == ()
    assert [each.changed for each in asked({**OLD, "Size": "l"}, there)] == [frozenset({"Size"})]
    (replaced,) = asked({**OLD, "Image": "b"}, there)
    assert (replaced.properties["Image"], replaced.changed) == ("b", None)
    assert [(each.properties, each.changed) for each in asked(OLD, state())] == [(OLD, None)]


def test_the_question_keeps_back_what_is_unknown_or_sensitive() -> None:
    wanted = {"Image": Sensitive("secret"), "Disks": DISKS}
    expected = {"Image": None, "Disks": [{"Name": "x", "Size": None}]}
    assert asked(wanted, state()) == (
        Making(address=Address("m"), type=MACHINE.name, route=Route.NATIVE, properties=expected),
    )


def test_an_objection_is_a_diagnostic_at_its_resource() -> None:
    wanted = stack(resource("m", MACHINE, OLD))
    objection = Objection(address=Address("m"), why="it is called so.", fix="Write this.")
    (problem,) = refusals(wanted, [objection])
    assert (problem.code, problem.line, problem.fix) == ("made-otherwise", SPAN.line, "Write this.")
    assert "`m` (Test::Machine): it is called so." in problem.detail
    assert refusals(wanted, []) == ()
