"""How the cloud differs from what was last applied."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.model.drift import Difference, Differs
from gitbot.model.names import Address
from gitbot.model.observed import Observation, Unread
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Redacted, Sensitive, redact
from gitbot.reconciler.drift import differences
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    TYPES,
    absent,
    power_intent,
    present,
    record,
    state,
)


def drift(
    recorded: RecordedStack,
    observed: dict[Address, Observation],
    **ignored: tuple[str, ...],
) -> tuple[Difference, ...]:
    pointers = {Address(name): paths for name, paths in ignored.items()}
    return differences(recorded, observed, TYPES.get, REDACT, ignored=pointers)


def tags(**values: str) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in values.items()]


WEB = state(record("web", BUCKET, {"BucketName": "b", "Tags": tags(owner="ada", team="ml")}))


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        pytest.param({"Tags": tags(owner="ada", team="ml", mine="x")}, [], id="another's tag"),
        pytest.param(
            {"Tags": tags(owner="bob", team="ml")},
            [("/Tags/owner", Differs.CHANGED, "ada", "bob")],
            id="changed",
        ),
        pytest.param(
            {"Tags": tags(team="ml")}, [("/Tags/owner", Differs.MISSING, "ada", None)], id="missing"
        ),
    ],
)
def test_what_differs_is_told_by_path(
    properties: dict[str, Any], expected: list[tuple[Any, ...]]
) -> None:
    found = drift(WEB, present("web", BucketName="b", **properties))
    assert [(one.path, one.how, one.recorded, one.observed) for one in found] == expected
    assert {one.remote_id for one in found} <= {"id-web"}


def test_an_added_list_element_is_named_by_what_it_holds() -> None:
    ours = {"Port": 443}
    recorded = state(record("group", GROUP, {"Ingress": [ours]}))
    for theirs in ([{"Port": 22}, ours], [ours, {"Port": 22}]):
        (found,) = drift(recorded, present("group", Ingress=theirs))
        assert (found.path, found.how, found.observed) == (
            "/Ingress/-",
            Differs.ADDED,
            {"Port": 22},
        )


def test_an_object_that_is_gone_is_told_as_a_whole() -> None:
    (found,) = drift(WEB, absent("web"))
    assert (found.address, found.how, found.path) == ("web", Differs.GONE, "")


def test_what_was_not_read_and_what_has_no_schema_differs_in_nothing() -> None:
    assert drift(WEB, {Address("web"): Unread()}) == ()
    assert drift(WEB, {}) == ()
    other = state(replace(record("web", BUCKET, {"A": 1}), type="Test::Nobody"))
    assert drift(other, present("web", A=2)) == ()


def test_ignored_changes_are_those_of_the_specs_now_else_those_recorded() -> None:
    recorded = state(record("web", BUCKET, {"Tags": tags(owner="ada")}, ignore_changes=("/Tags",)))
    seen = present("web", Tags=tags(owner="bob"))
    assert drift(recorded, seen) == ()
    assert len(drift(recorded, seen, web=())) == 1
    assert drift(WEB, present("web", BucketName="b"), web=("/Tags",)) == ()


def test_a_machine_that_an_apply_left_stopped_is_told_unless_it_runs_again() -> None:
    machine = record("machine", MACHINE, {"Image": "i"})
    recorded = state(machine, intents=(power_intent(machine),))
    (found,) = drift(recorded, present("machine", Image="i", Power="stopped"))
    assert (found.how, found.path) == (Differs.STOPPED, "")
    assert drift(recorded, present("machine", Image="i", Power="running")) == ()
    assert drift(state(machine), present("machine", Image="i", Power="stopped")) == ()


def test_sensitive_values_are_compared_by_their_hash_and_never_shown() -> None:
    properties = redact({"BucketName": Sensitive("hunter2")}, REDACT)
    recorded = state(record("web", BUCKET, properties))
    assert drift(recorded, present("web", BucketName="hunter2")) == ()
    (found,) = drift(recorded, present("web", BucketName="other"))
    assert isinstance(found.recorded, Redacted)
    assert isinstance(found.observed, Redacted)
