"""Plans tell where a secret can still be read after it was changed."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.model.plan import Action, Change
from gitbot.model.values import Sensitive, Value
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.reconciler.planning_world import (
    REDACT,
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

CATALOG = open_catalog()
WORDS = "see that nothing takes a former secret any more"
OLD, NEW = "Kanarie-one", "Kanarie-two"


def container(secret: Any, memory: int = 128) -> dict[str, Any]:
    environment = [{"Name": "TOKEN", "Value": secret}]
    return {"Name": "a", "Image": "i", "Memory": memory, "Environment": environment}


KEEPERS: list[tuple[str, Any]] = [
    ("AWS::EC2::LaunchTemplate", lambda one: {"LaunchTemplateData": {"UserData": one}}),
    (
        "AWS::Batch::JobDefinition",
        lambda one: {
            "Type": "container",
            "JobDefinitionName": "a",
            "ContainerProperties": {
                "Image": "i",
                "Environment": [{"Name": "TOKEN", "Value": one}],
            },
        },
    ),
    (
        "AWS::ECS::TaskDefinition",
        lambda one: {"Family": "a", "ContainerDefinitions": [container(one)]},
    ),
    ("AWS::SSM::Parameter", lambda one: {"Name": "a", "Type": "String", "Value": one}),
]


def changed(type_: str, wanted: dict[str, Value], was: dict[str, Any], seen: Any) -> Change:
    schema = CATALOG.lookup(type_)
    assert schema is not None
    plan = plan_of(
        stack(resource("it", schema, wanted)),
        state(record("it", schema, was)),
        present("it", **seen),
        schemas=CATALOG.lookup,
    )
    return change_of(plan, "it")


@pytest.mark.parametrize(("type_", "having"), KEEPERS)
def test_a_plan_that_changes_a_secret_tells_where_the_former_one_can_be_read(
    type_: str, having: Any
) -> None:
    change = changed(type_, having(Sensitive(NEW)), having(REDACT(OLD)), having(OLD))
    assert change.action in (Action.UPDATE, Action.REPLACE)
    (said,) = [one for one in change.reasons if WORDS in one]
    assert "with the values that they have" in said
    assert "Kanarie" not in f"{change.reasons}"


@pytest.mark.parametrize(("type_", "having"), KEEPERS)
def test_a_plan_that_hides_what_was_shown_tells_so_too(type_: str, having: Any) -> None:
    change = changed(type_, having(Sensitive(NEW)), having(OLD), having(OLD))
    assert any(WORDS in one for one in change.reasons)


def test_another_change_of_what_has_a_secret_tells_nothing() -> None:
    wanted, was = container(Sensitive(OLD), memory=256), container(REDACT(OLD))
    change = changed(
        "AWS::ECS::TaskDefinition",
        {"Family": "a", "ContainerDefinitions": [wanted]},
        {"Family": "a", "ContainerDefinitions": [was]},
        {"Family": "a", "ContainerDefinitions": [container(OLD)]},
    )
    assert change.action is Action.REPLACE
    assert not any(WORDS in one for one in change.reasons)


def test_a_type_that_keeps_nothing_tells_nothing() -> None:
    def having(one: Any) -> dict[str, Any]:
        return {"QueueName": "a", "Tags": [{"Key": "k", "Value": one}]}

    change = changed("AWS::SQS::Queue", having(Sensitive(NEW)), having(REDACT(OLD)), having(OLD))
    assert change.action is Action.UPDATE
    assert not any(WORDS in one for one in change.reasons)


@pytest.mark.parametrize(("type_", "having"), KEEPERS)
def test_a_new_object_has_no_former_secret(type_: str, having: Any) -> None:
    schema = CATALOG.lookup(type_)
    assert schema is not None
    plan = plan_of(stack(resource("it", schema, having(Sensitive(NEW)))), schemas=CATALOG.lookup)
    assert not any(WORDS in one for one in change_of(plan, "it").reasons)
