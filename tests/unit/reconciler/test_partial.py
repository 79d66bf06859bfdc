"""Tests for the record after an update that failed part-way.

The kind: what the cloud does not show is not gone. Whatever rewrites a record from what was
observed keeps, at every depth, the values that no call can read back.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import Route, TypeSchema
from gitbot.model.values import redactor
from gitbot.providers.aws.catalog import Catalog, open_catalog
from gitbot.reconciler.compare import compare
from gitbot.reconciler.partial import after_failed_update, after_refused_follow_up
from gitbot.reconciler.pointers import Path, PatternSet, put
from tests.model_checks import WHOLE, some
from tests.unit.reconciler.whole_specs import leaves_of, whole_spec

CATALOG: Catalog = open_catalog()
REDACTOR = redactor(b"k" * 32, "k1")


def record(properties: Mapping[str, Any]) -> RecordedResource:
    return RecordedResource(
        address=Address("thing"),
        type="AWS::X::Y",
        remote_id=RemoteId("y-1"),
        properties=properties,
        account="1",
        region="r",
    )


def shown(schema: TypeSchema, properties: Mapping[str, Any]) -> Any:
    """What the cloud shows of an object with these properties: more keys, and fewer."""
    hidden = PatternSet(schema.write_only)

    def seen(path: Path, value: Any) -> Any:
        if isinstance(value, dict):
            here = {
                name: seen((*path, name), item)
                for name, item in value.items()
                if not hidden.reaches((*path, name))
            }
            return here | ({"AddedByTheCloud": "x"} if path else {})
        if isinstance(value, list):
            return [seen((*path, "*"), item) for item in value]
        return value

    return seen((), properties)


def changed_in_place(schema: TypeSchema, spec: dict[str, Any]) -> dict[str, Any]:
    """The spec with another value at every path that an update can change."""
    fixed = PatternSet((*schema.create_only, *schema.conditional_create_only))
    names = {key for keys in schema.identities.values() for key in keys}
    for path, value in tuple(leaves_of(spec)):
        if not fixed.reaches(path) and path[-1] not in names:
            other = not value if isinstance(value, bool) else 2 if value == 1 else f"{value}!"
            spec = put(spec, path, other)
    return spec


def forced(schema: TypeSchema, desired: Any, recorded: Any, observed: Any) -> set[str]:
    paths = compare(
        schema, desired=desired, recorded=recorded, observed=observed, redactor=REDACTOR
    )
    return {path.path for path in paths if path.forces}


def every_type() -> list[str]:
    """The native types, and those of the registry that cannot read back all that they take."""
    names = [
        name
        for name in CATALOG.names()
        if (schema := CATALOG.lookup(name)) is not None and schema.updatable and schema.write_only
    ]
    return [*CATALOG.native_names(), *some(60, sorted({*names} - {*CATALOG.native_names()}))]


@pytest.mark.model
def test_after_any_failed_update_of_any_type_an_unchanged_spec_forces_nothing() -> None:
    """The types come from the schema pack and the tables: nobody has to add one here."""
    tried = 0
    for name in every_type():
        schema = CATALOG.lookup(name)
        assert schema is not None
        before = whole_spec(schema)
        after = changed_in_place(schema, before)
        assert forced(schema, after, before, shown(schema, before)) == set(), name
        changed = [top for top in after if after[top] != before[top]]
        for done in {0, len(changed) // 2, len(changed)}:
            reached = before | {top: after[top] for top in changed[:done]}
            observed = shown(schema, reached)
            partial = after_failed_update(record(before), record(after), observed, schema)
            for wanted in (before, after):
                assert forced(schema, wanted, partial.properties, observed) == set(), (
                    f"{name} after {changed[:done]}: {partial.properties}"
                )
            tried += 1
    assert tried > (500 if WHOLE else 70), tried


@pytest.mark.model
def test_after_a_refused_follow_up_of_any_type_the_new_object_is_finished_in_place() -> None:
    """The kind: what was created and is whole but for follow-ups is never made anew."""
    for name in every_type():
        schema = CATALOG.lookup(name)
        assert schema is not None
        wanted = whole_spec(schema)
        sent = {path.split("/")[1] for path in schema.create_only} & wanted.keys()
        for more in ([], sorted(wanted)[::2], sorted(wanted)):
            observed = shown(schema, {top: wanted[top] for top in sent.union(more)})
            made = replace(record(wanted), create_only=schema.create_only)
            partial = after_refused_follow_up(made, observed, schema)
            assert forced(schema, wanted, partial.properties, observed) == set(), name


def hidden(**more: Any) -> TypeSchema:
    return TypeSchema(name="AWS::X::Y", route=Route.NATIVE, write_only=("/Disks/*/Key",), **more)


BY_NAME = {"identities": {"/Disks": ("Name",)}}
BIG, SMALL = {"Name": "a", "Size": 2}, {"Name": "a", "Size": 1, "Key": "k"}
OTHER = {"Name": "b", "Size": 9, "Owner": "them"}


@pytest.mark.parametrize(
    ("schema", "observed", "recorded"),
    [
        pytest.param(None, [BIG, OTHER], [BIG, {"Name": "b", "Size": 9}], id="no schema"),
        pytest.param(
            hidden(**BY_NAME),
            [OTHER, BIG, "text"],
            [{"Name": "b", "Size": 9}, BIG | {"Key": "k"}, "text"],
            id="pairs by name, and records of others' elements what is declared",
        ),
        pytest.param(
            hidden(**BY_NAME, open_lists=frozenset({"/Disks"})),
            [OTHER, BIG],
            [BIG | {"Key": "k"}],
            id="an open list",
        ),
        pytest.param(hidden(), [BIG], [BIG | {"Key": "k"}], id="pairs by place"),
        pytest.param(hidden(), "gone", "gone", id="no list any more"),
    ],
)
def test_elements_keep_what_cannot_be_read(
    schema: TypeSchema | None, observed: Any, recorded: Any
) -> None:
    old, new = record({"Disks": [SMALL]}), record({"Disks": [BIG | {"Key": "new"}]})
    partial = after_failed_update(old, new, {"Disks": observed}, schema)
    assert partial.properties == {"Disks": recorded}


def test_an_element_that_is_never_shown_stays_in_the_record() -> None:
    schema = replace(hidden(**BY_NAME), create_only=("/Disks/*/Name", "/Disks/*/Key"))
    left_out = {"Name": "c", "Key": "k"}
    old, new = (record({"Disks": [one, left_out]}) for one in (SMALL, BIG))
    partial = after_failed_update(old, new, {"Disks": [BIG]}, schema)
    assert partial.properties == {"Disks": [BIG | {"Key": "k"}, left_out]}


def test_of_a_map_of_tags_only_ours_are_recorded() -> None:
    schema = TypeSchema(name="AWS::X::Y", route=Route.NATIVE, tags_path="/Tags")
    partial = after_failed_update(
        record({"Tags": {"a": "1"}}), record({}), {"Tags": {"a": "2", "b": "3"}}, schema
    )
    assert partial.properties == {"Tags": {"a": "2"}}
