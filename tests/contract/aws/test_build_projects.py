"""What projects of CodeBuild need beyond the contract of every type, against a local AWS over HTTP.

The kinds: an update that drops the tags which say whose the object is, a webhook that is asked for before its
source is there, and a secret that a description has.
"""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import made_role
from tests.contract.aws.world import TOKEN, AwsWorld

PROJECT = "AWS::CodeBuild::Project"
GITHUB = {"Type": "GITHUB", "Location": "https://github.com/ml/models.git"}
BUCKET = {"Type": "S3", "Location": "models/code.zip"}
PUSHED = {
    "Webhook": True,
    "FilterGroups": [[{"Type": "EVENT", "Pattern": "PUSH"}]],
}


def spec_of(world: AwsWorld, **more: Any) -> dict[str, Any]:
    return {
        "Name": "build",
        "Source": GITHUB,
        "Artifacts": {"Type": "NO_ARTIFACTS"},
        "Environment": {
            "Type": "LINUX_CONTAINER",
            "ComputeType": "BUILD_GENERAL1_SMALL",
            "Image": "aws/codebuild/standard:7.0",
        },
        "ServiceRole": made_role(world, "codebuild.amazonaws.com"),
        **more,
    }


def calls_of_webhooks(world: AwsWorld) -> list[str]:
    return [one.operation for one in world.aws.calls if one.operation.endswith("Webhook")]


def test_a_change_keeps_the_tags_that_say_whose_the_project_is(world: AwsWorld) -> None:
    spec = spec_of(world)
    remote_id = world.create(PROJECT, spec)
    changed = {**spec, "Description": "builds images"}
    world.update(PROJECT, remote_id, spec, changed)
    found = world.cloud.find(world.operation(PROJECT, changed))
    assert found is not None
    assert found.operation == TOKEN


def test_a_webhook_comes_after_the_source_that_has_it_and_goes_before_one_that_has_none(
    world: AwsWorld,
) -> None:
    stored, hosted = spec_of(world, Source=BUCKET), spec_of(world, Triggers=PUSHED)
    remote_id = world.create(PROJECT, stored)
    for before, after in ((stored, hosted), (hosted, stored)):
        world.update(PROJECT, remote_id, before, after)
        assert world.differences(PROJECT, remote_id, after) == ()
    assert world.properties(PROJECT, remote_id)["Triggers"] == {"Webhook": False}


def test_changed_filters_keep_the_webhook_and_none_make_a_new_one(world: AwsWorld) -> None:
    spec = spec_of(world, Triggers=PUSHED)
    remote_id = world.create(PROJECT, spec)
    merged = [[{"Type": "EVENT", "Pattern": "PULL_REQUEST_MERGED"}]]
    changed = spec_of(world, Triggers={"Webhook": True, "FilterGroups": merged})
    world.aws.forget_calls()
    world.update(PROJECT, remote_id, spec, changed)
    assert calls_of_webhooks(world) == ["UpdateWebhook"]
    bare = spec_of(world, Triggers={"Webhook": True, "FilterGroups": []})
    world.aws.forget_calls()
    world.update(PROJECT, remote_id, changed, bare)
    assert calls_of_webhooks(world) == ["DeleteWebhook", "CreateWebhook"]
    assert not world.properties(PROJECT, remote_id)["Triggers"].get("FilterGroups")


def test_the_secret_of_a_webhook_is_not_shown(world: AwsWorld) -> None:
    remote_id = world.create(PROJECT, spec_of(world, Triggers=PUSHED))
    at_aws = world.aws.client("codebuild").batch_get_projects(names=["build"])["projects"][0]
    assert at_aws["webhook"]["secret"] not in str(world.properties(PROJECT, remote_id))


def test_a_webhook_goes_with_its_project(world: AwsWorld) -> None:
    spec = spec_of(world, Triggers=PUSHED)
    remote_id = world.create(PROJECT, spec)
    world.aws.forget_calls()
    world.cloud.delete(world.operation(PROJECT, spec), remote_id)
    assert calls_of_webhooks(world) == ["DeleteWebhook"]
