"""What is asked of the cloud about the objects that a plan makes.

The kind: a valid spec that means one thing and makes another, because of what is in the cloud.
"""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.names import Address
from gitbot.model.observed import Making, Objection, Removing
from gitbot.model.recorded import RecordedStack
from gitbot.model.schema import Route
from gitbot.model.values import Sensitive, Value
from gitbot.reconciler.digest import digest
from gitbot.reconciler.makings import deeds_of, makings_of, refusals, with_remarks
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


def test_what_is_deleted_is_asked_about_too() -> None:
    there = state(record("m", MACHINE, OLD), record("old", MACHINE, OLD))
    wanted = stack(resource("m", MACHINE, {**OLD, "Image": "b"}))
    plan = plan_of(wanted, there, {**present("m", **OLD), **present("old", **OLD)})
    made = deeds_of(plan, wanted, there, TYPES.get)
    assert [type(each) for each in made] == [Making, Removing, Removing]
    assert [(each.address, each.remote_id) for each in made if isinstance(each, Removing)] == [
        ("m", there.resources[Address("m")].remote_id),
        ("old", there.resources[Address("old")].remote_id),
    ]
    gone = plan_of(None, there, {**present("m", **OLD), **present("old", **OLD)})
    assert len(deeds_of(gone, None, there, TYPES.get)) == 2
    same = stack(resource("m", MACHINE, OLD), resource("old", MACHINE, OLD))
    still = plan_of(same, there, {**present("m", **OLD), **present("old", **OLD)})
    assert deeds_of(still, same, there, TYPES.get) == ()


def test_a_remark_is_told_in_the_plan_and_stops_nothing() -> None:
    wanted = stack(resource("m", MACHINE, OLD))
    plan = plan_of(wanted, state())
    remark = Objection(address=Address("m"), why="It is full.", fix="Empty it.", remark=True)
    assert refusals(wanted, [remark]) == ()
    told = with_remarks(plan, [remark, remark])
    assert told.foretold == ("`m` (Test::Machine): It is full. Empty it.",)
    assert told.digest == plan.digest == digest(told)
    assert with_remarks(plan, []) is plan
