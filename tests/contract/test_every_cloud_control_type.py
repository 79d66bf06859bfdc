"""Every type that Cloud Control serves lives once: made, planned again, changed, drifted, put back, deleted.

The objects are made up from the types' schemas. The suite tries each hundredth type, `make soak` all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gitbot.model.desired import DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Action, Cause, WalkResult
from gitbot.providers.aws.catalog import open_catalog
from gitbot.reconciler.compare import compare
from gitbot.reconciler.pointers import parse, reaches
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.aws.cloud_control.door import CLOUD_CONTROL
from gitbot_sandbox.aws.cloud_control.instances import Change, instance, second_value
from gitbot_sandbox.aws.cloud_control.registry import ServedType, lookup
from gitbot_sandbox.aws.cloud_control.scalars import NotMadeError
from tests.contract.walk_world import REDACTOR, WalkWorld, resource, stack_of

CATALOG = open_catalog()
OTHERS = sorted({*CATALOG.served_names()} - {*CATALOG.native_names()})
EACH = 100
IT = Address("it")

NOT_MADE: Mapping[str, str] = {}
"""The types of which no object can be made up, and why."""


def cases() -> Iterator[Any]:
    for number, name in enumerate(one for one in OTHERS if one not in NOT_MADE):
        yield pytest.param(name, marks=() if number % EACH == 0 else pytest.mark.soak)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WalkWorld]:
    with LocalAws() as aws:
        aws.reset()
        made = WalkWorld(aws, CATALOG, tmp_path_factory.mktemp("types"))
        yield made
        made.engine.dispose()


def kind_named(name: str) -> ServedType:
    found = lookup(name)
    assert found is not None
    return found


def objects(name: str) -> dict[str, Any]:
    return CLOUD_CONTROL.region("123456789012", "us-east-1").of_type(name)


def applied(world: WalkWorld, desired: DesiredStack | None) -> WalkResult:
    result = world.apply(desired)
    assert result.ok, result.failures
    return result


def drifts(kind: ServedType, model: Mapping[str, Any], change: Change) -> bool:
    """Whether a plan can see that the changed property has its first value again.

    An empty map declares nothing: what somebody puts into it is theirs.
    """
    hidden = any(reaches(parse(one), (change.name,)) for one in kind.schema.write_only)
    was, now = (kind.readable(one) for one in (model, {**model, change.name: change.value}))
    declares = change.value != {} and change.name in model
    return not hidden and declares and was[change.name] != now[change.name]


def is_patchable(kind: ServedType) -> bool:
    """Whether an update can succeed: a required property that no patch may give, and no read returns, forbids it."""
    required = {f"/{name}" for name in kind.document.get("required", ())}
    stuck = required & {*kind.schema.write_only} & {*kind.schema.create_only}
    return kind.schema.updatable and not stuck


@pytest.mark.parametrize("name", [*cases()])
def test_an_object_of_every_type_lives(world: WalkWorld, name: str) -> None:
    kind = kind_named(name)
    model = instance(kind)
    wanted = stack_of(resource("it", name, model))
    try:
        applied(world, wanted)
        assert [list(one.paths) for one in world.plan(wanted).effective] == []
        assert list(objects(name)) == [world.recorded().resources[IT].remote_id]
        change = second_value(kind, model) if is_patchable(kind) else None
        (made,) = objects(name).values()
        # The second value may be AWS's default of a property that the spec does not have.
        if change is not None and made.get(change.name) != change.value:
            wanted = stack_of(resource("it", name, {**model, change.name: change.value}))
            assert [one.action for one in world.plan(wanted).effective] == [Action.UPDATE]
            applied(world, wanted)
            assert [list(one.paths) for one in world.plan(wanted).effective] == []
            if drifts(kind, model, change):
                (there,) = objects(name).values()
                there[change.name] = model[change.name]
                (seen,) = world.plan(wanted).effective
                assert {one.cause for one in seen.paths} == {Cause.DRIFT}
                applied(world, wanted)
                assert not world.plan(wanted).effective
        applied(world, None)
        assert world.recorded().empty
        assert not objects(name)
    finally:
        world.aws.reset()


def test_an_object_of_every_type_equals_what_aws_shows_and_its_change_is_seen() -> None:
    """Without the calls, so that the suite can try all types."""
    wrong = []
    for name in OTHERS:
        if name in NOT_MADE:
            continue
        kind, schema = kind_named(name), CATALOG.lookup(name)
        assert schema is not None
        model = instance(kind)
        shown = kind.readable(kind.declared(model))

        def changes(
            desired: Mapping[str, Any], schema: Any = schema, was: Any = model, now: Any = shown
        ) -> Any:
            return compare(schema, desired=desired, recorded=was, observed=now, redactor=REDACTOR)

        if changes(model):
            wrong.append(f"{name} differs from itself")
        change = second_value(kind, model) if schema.updatable else None
        if change is not None:
            found = changes({**model, change.name: change.value})
            if not found or any(path.forces for path in found):
                wrong.append(f"{name}: {change} is no update")
    assert wrong == []


def test_the_types_of_which_no_object_is_made_up_are_those_that_are_told() -> None:
    found = {}
    for name in OTHERS:
        try:
            instance(kind_named(name))
        except NotMadeError as error:
            found[name] = str(error)
    assert found.keys() == NOT_MADE.keys(), found
