"""Specs with types that Cloud Control serves: apply, plan again, lose state, adopt, destroy."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.existing import read_existing
from gitbot.jobs.steps.lease import hold
from gitbot.model.places import SqlitePlace
from gitbot.model.plan import Action
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.cloud_control.rights import rights_of
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.aws.cloud_control.door import CLOUD_CONTROL
from tests.contract.aws.world import environment
from tests.contract.engine_world import MINUTE, apply, plans, stack, target

TAGGED = """\
work:
  type: AWS::Athena::WorkGroup
  properties: {Name: runs, State: ENABLED}
group:
  type: AWS::ResourceGroups::Group
  properties: {Name: every-group, Description: "of ${work.Name}"}
app:
  type: AWS::AppConfig::Application
  properties: {Name: app}
stage:
  type: AWS::AppConfig::Environment
  properties: {Name: dev, ApplicationId: "${app.ApplicationId}", Description: "of ${app.Name}"}
"""
TRACELESS = """\
query:
  type: AWS::Athena::NamedQuery
  properties: {Database: runs, QueryString: "select 1"}
"""


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as made:
        yield made


@pytest.fixture
def opened(
    aws: LocalAws, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opened]:
    aws.reset()
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    place = SqlitePlace(tmp_path_factory.mktemp("types") / "state.db")
    with open_engine(place, hash_key="k" * 32) as made:
        yield made


def there() -> dict[str, list[str]]:
    """The identifiers of what Cloud Control has made, by type."""
    region = CLOUD_CONTROL.region("123456789012", "us-east-1")
    return {type_: sorted(some) for type_, some in region.objects.items() if some}


@pytest.mark.parametrize("text", [TAGGED, TAGGED + TRACELESS])
def test_apply_then_plan_is_empty_and_destroy_leaves_nothing(opened: Opened, text: str) -> None:
    it = target(opened, stack(text))
    apply(opened, it)
    assert plans(opened, it) == []
    made = there()
    assert len(made) == text.count("type:")
    (stage,) = made["AWS::AppConfig::Environment"]
    assert stage.split("|")[0] == made["AWS::AppConfig::Application"][0]
    apply(opened, target(opened, stack(text), nothing=True))
    assert there() == {}


def test_what_state_lost_is_found_by_its_tags_and_adopted(opened: Opened) -> None:
    it = target(opened, stack(TAGGED))
    apply(opened, it)
    made, state = there(), opened.engine.state
    name = LocalProcesses().name("test")
    with hold(state, it.key, name, ttl=MINUTE, clock=opened.engine.clock) as lease:
        for one in state.stacks(it.key):
            for address in state.read(one).resources:
                state.forget(lease(), one, address)
    (plan,) = plans(opened, it)
    assert {change.action for change in plan.effective} == {Action.ADOPT}
    apply(opened, it)
    assert plans(opened, it) == []
    assert there() == made


def test_an_object_that_nobody_manages_is_read_to_be_adopted(opened: Opened, aws: LocalAws) -> None:
    model = {"Name": "theirs", "Description": "by hand", "Tags": [{"Key": "a", "Value": "b"}]}
    aws.client("cloudcontrol").create_resource(
        TypeName="AWS::Athena::WorkGroup", DesiredState=json.dumps(model)
    )
    (found,) = read_existing(environment(), [("AWS::Athena::WorkGroup", "theirs")], []).objects
    assert found.remote_id == "theirs"
    assert found.properties["Description"] == "by hand"


def test_every_call_is_one_that_the_policy_allows(opened: Opened, aws: LocalAws) -> None:
    aws.forget_calls()
    it = target(opened, stack(TAGGED))
    apply(opened, it)
    apply(opened, target(opened, stack(TAGGED.replace("ENABLED", "DISABLED"))))
    apply(opened, target(opened, stack(TAGGED), nothing=True))
    rights = rights_of(open_catalog().handlers("AWS::Athena::WorkGroup"))
    made = {call.operation for call in aws.calls if "cloudcontrol" in call.service}
    assert len(made) >= 5
    assert {f"cloudformation:{one}" for one in made} <= rights.reads | rights.writes
