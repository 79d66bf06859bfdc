"""Every native type fulfils the same contract, against a local AWS over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.errors import CloudError, ConflictError
from gitbot.language.keywords import validator_of
from gitbot.model.names import RemoteId
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.reconciler.tags import tags_of
from gitbot_sandbox.aws import Fault, FaultKind
from tests.contract.aws.cases import CASES, every_type, some_types
from tests.contract.aws.cases.case import Case
from tests.contract.aws.world import ADDRESS, TOKEN, AwsWorld

pytestmark = pytest.mark.model


def in_place(world: AwsWorld, case: Case) -> set[str]:
    """The top-level properties that the type changes in place."""
    schema = world.schema(case.type)
    tops = {path.split("/")[1] for path in schema.handled or ()}
    return tops - {path[1:] for path in schema.create_only if path.count("/") == 1}


def without(
    full: Mapping[str, Any], changes: Mapping[str, Any], alternatives: Mapping[str, Any]
) -> dict[str, Any]:
    """The full spec without the property whose place the alternatives take."""
    return {key: value for key, value in full.items() if not (alternatives and key in changes)}


def others_of(world: AwsWorld, case: Case) -> Mapping[str, Any]:
    """The alternatives of the case, none for most."""
    return case.alternatives(world) if case.alternatives else {}


def table_of(case: Case) -> Any:
    """The table of the type; None where it has a handler of its own."""
    return getattr(NATIVE_TYPES[case.type].handler, "table", None)


FIRST_ELSEWHERE = [one for one in CASES if (table := table_of(one)) and table.delete.first]


def test_every_native_type_has_a_case() -> None:
    assert {case.type for case in CASES} == set(NATIVE_TYPES)


@every_type
def test_the_specs_of_the_case_are_valid_and_change_every_changeable_property(
    world: AwsWorld, case: Case
) -> None:
    validator = validator_of(world.schema(case.type).json_schema)
    full, changes = case.full(world), case.changes(world)
    alternatives = others_of(world, case)
    assert set(changes) | set(alternatives) | case.elsewhere == in_place(world, case)
    assert {name for name, value in changes.items() if full.get(name) == value} == case.one_value
    assert validator.errors(full) == []
    assert validator.errors({**full, **changes}) == []
    for name, value in alternatives.items():
        other = {**without(full, changes, alternatives), name: value}
        assert validator.errors(other) == []
        assert validator.errors({**full, name: value}) != []


@every_type
def test_a_created_object_reads_back_as_declared(world: AwsWorld, case: Case) -> None:
    spec = case.full(world)
    remote_id = world.create(case.type, spec)
    assert world.differences(case.type, remote_id, spec) == ()


@some_types(1)
def test_an_object_with_a_minimal_spec_reads_back_with_all_attributes(
    world: AwsWorld, case: Case
) -> None:
    spec = case.minimal(world)
    remote_id = world.create(case.type, spec)
    assert world.differences(case.type, remote_id, spec) == ()
    observed = world.properties(case.type, remote_id)
    assert case.attributes <= {name for name, value in observed.items() if value not in (None, "")}


@some_types(2)
def test_a_created_object_is_found_with_its_ownership(world: AwsWorld, case: Case) -> None:
    operation = world.operation(case.type, case.full(world))
    assert world.cloud.find(operation) is None
    remote_id = world.cloud.create(operation)
    found = world.cloud.find(world.again(operation))
    assert found is not None
    assert found.remote_id == remote_id
    if case.tagged:
        assert (found.operation, found.lineage, found.address) == (TOKEN, "lineage-1", ADDRESS)


@some_types(3)
def test_creating_and_settling_again_makes_no_second_object(world: AwsWorld, case: Case) -> None:
    spec = case.full(world)
    operation = world.operation(case.type, spec)
    first = world.cloud.create(operation)
    world.cloud.settle(operation, first)
    operation = world.again(operation)
    assert world.cloud.create(operation) == first
    world.cloud.settle(operation, first)
    assert world.differences(case.type, first, spec) == ()


@some_types(4)
def test_one_update_changes_every_changeable_property(world: AwsWorld, case: Case) -> None:
    spec = case.full(world)
    remote_id = world.create(case.type, spec)
    changes = case.changes(world)
    wanted = {**spec, **changes}
    world.update(case.type, remote_id, spec, wanted)
    assert world.differences(case.type, remote_id, wanted) == ()
    world.update(case.type, remote_id, spec, wanted)  # again, as after a lost answer
    assert world.differences(case.type, remote_id, wanted) == ()


@some_types(5)
def test_each_property_can_be_changed_alone(world: AwsWorld, case: Case) -> None:
    spec = case.full(world)
    changes = case.changes(world)
    remote_id = world.create(case.type, spec)
    for name in sorted(changes):
        wanted = {**spec, name: changes[name]}
        world.update(case.type, remote_id, spec, wanted)
        assert world.differences(case.type, remote_id, wanted) == (), name
        spec = wanted


@some_types(9, lambda case: bool(case.alternatives))
def test_each_alternative_replaces_the_one_before(world: AwsWorld, case: Case) -> None:
    spec, alternatives = case.full(world), others_of(world, case)
    rest = without(spec, case.changes(world), alternatives)
    remote_id = world.create(case.type, spec)
    for name, value in alternatives.items():
        wanted = {**rest, name: value}
        world.update(case.type, remote_id, spec, wanted)
        assert world.differences(case.type, remote_id, wanted) == (), name
        observed = world.properties(case.type, remote_id)
        assert not (set(spec) - set(wanted)) & set(observed), name
        spec = wanted


@some_types(6)
def test_a_removed_property_goes_back_to_its_declared_default(world: AwsWorld, case: Case) -> None:
    spec = {**case.full(world), **case.changes(world)}
    remote_id = world.create(case.type, spec)
    removals = world.schema(case.type).removals
    tops = [path[1:] for path in removals if path.count("/") == 1 and path[1:] not in case.needed]
    for name in [top for top in tops if not others_of(world, case)]:
        rest = {key: value for key, value in spec.items() if key != name}
        world.update(case.type, remote_id, spec, rest)
        assert world.differences(case.type, remote_id, rest) == (), name
        default: Any = removals[f"/{name}"].default
        observed = world.properties(case.type, remote_id)
        if f"/{name}" == world.schema(case.type).tags_path:
            assert {key.split(":")[0] for key in tags_of(observed[name])} == {"gitbot"}
        elif f"/{name}" in world.schema(case.type).open_lists:
            assert not [one for one in observed.get(name, ()) if one in spec[name]], name
        elif default is None:
            assert not observed.get(name), name
        else:
            with_default = {**rest, name: default}
            assert world.differences(case.type, remote_id, with_default) == (), name
        spec = rest


@some_types(7)
def test_a_deleted_object_is_gone_and_deleting_it_again_succeeds(
    world: AwsWorld, case: Case
) -> None:
    spec = case.full(world)
    remote_id = world.create(case.type, spec)
    operation = world.operation(case.type, spec)
    world.cloud.delete(operation, remote_id)
    assert world.is_absent(case.type, remote_id)
    assert world.cloud.find(world.again(operation)) is None
    world.cloud.delete(operation, remote_id)


@pytest.mark.parametrize("case", FIRST_ELSEWHERE, ids=lambda case: case.type)
def test_a_deletion_that_aws_refuses_leaves_the_object_as_it_was(
    world: AwsWorld, case: Case
) -> None:
    """One row for each type whose deletion begins with other calls."""
    table = table_of(case)
    spec = case.full(world)
    spec |= {"State": "ENABLED"} if "State" in spec else {}
    remote_id = world.create(case.type, spec)
    operation = world.operation(case.type, spec, within_s=60)
    before = world.properties(case.type, remote_id), world.cloud.power(operation, remote_id)
    call = table.dialect.action(table.delete.call).split(":")[1]
    refused = Fault(kind=FaultKind.ERROR, operation=call, status=400, code="No", count=None)
    world.aws.forget_calls()
    world.aws.inject(refused)
    with pytest.raises(CloudError):
        world.cloud.delete(operation, remote_id)
    world.aws.clear_faults()
    made = {one.operation for one in world.aws.calls}
    assert not made & {"DeleteLoginProfile", "DeletePolicyVersion", "ChangeResourceRecordSets"}
    after = world.properties(case.type, remote_id), world.cloud.power(operation, remote_id)
    assert after == before
    world.cloud.delete(operation, remote_id)
    assert world.is_absent(case.type, remote_id)


@some_types(8)
def test_an_object_that_never_existed_is_absent_and_can_be_deleted(
    world: AwsWorld, case: Case
) -> None:
    remote_id = RemoteId(case.absent)
    assert world.is_absent(case.type, remote_id)
    world.cloud.delete(world.operation(case.type, {}), remote_id)


@some_types(10, lambda case: case.tagged)
def test_an_adopted_object_has_the_ownership_tags_of_its_stack(world: AwsWorld, case: Case) -> None:
    spec = case.full(world)
    remote_id = world.create(case.type, spec, ownership={})
    operation = world.operation(case.type, spec)
    world.cloud.adopt(operation, remote_id)
    world.cloud.adopt(operation, remote_id)
    found = world.cloud.find(operation)
    assert found is not None
    assert (found.remote_id, found.operation) == (remote_id, TOKEN)
    assert world.differences(case.type, remote_id, spec) == ()


def names_apart(case: Case) -> bool:
    """Whether two objects can differ that have one natural key."""
    declaration = NATIVE_TYPES[case.type].declaration
    key = {f"/{name}" for name in declaration.natural_key or ()}
    return bool(key) and not declaration.handled <= key


@some_types(11, names_apart)
def test_a_name_that_is_taken_is_a_conflict_and_nothing_is_changed(
    world: AwsWorld, case: Case
) -> None:
    spec = case.full(world)
    remote_id = world.create(case.type, spec, token="5" * 32)
    other = {**spec, **case.changes(world), **case.others(world)}
    with pytest.raises(ConflictError, match="import"):
        world.cloud.create(world.operation(case.type, other))
    assert world.differences(case.type, remote_id, spec) == ()
