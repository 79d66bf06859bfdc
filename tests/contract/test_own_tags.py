"""Tags of gitbot's own that somebody took off are put back by the next apply, whatever API the type has.

The kind: an object that a lost state finds no more, and that looks as if nobody owned it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.model.places import SqlitePlace
from gitbot.model.plan import Action, Cause
from gitbot.model.tags import LINEAGE_TAG, RESOURCE_TAG, STACK_TAG
from gitbot_sandbox.aws import LocalAws
from tests.contract.engine_world import apply, plans, stack, target

STACK = """\
bucket: {type: AWS::S3::Bucket, properties: {BucketName: wiped-data}}
jobs: {type: AWS::SQS::Queue, properties: {QueueName: wiped-jobs, Tags: [{Key: owner, Value: ml}]}}
net: {type: AWS::EC2::VPC, properties: {CidrBlock: 10.0.0.0/16}}
logs: {type: AWS::Logs::LogGroup, properties: {LogGroupName: wiped}}
people:
  type: AWS::IAM::Role
  properties:
    RoleName: wiped
    AssumeRolePolicyDocument:
      Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, Action: sts:AssumeRole}]
"""
OWN = (LINEAGE_TAG, RESOURCE_TAG, STACK_TAG)


@pytest.fixture
def aws() -> Iterator[LocalAws]:
    with LocalAws() as made:
        made.reset()
        yield made


@pytest.fixture
def opened(aws: LocalAws, tmp_path: Path) -> Iterator[Opened]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in aws.environment.items():
            patch.setenv(name, value)
        with open_engine(SqlitePlace(tmp_path / "state.db"), hash_key="k" * 32) as made:
            yield made


def tags(aws: LocalAws) -> Mapping[str, Mapping[str, str]]:
    """The tags of each object, by its address."""
    iam, logs, sqs = aws.client("iam"), aws.client("logs"), aws.client("sqs")
    url = sqs.get_queue_url(QueueName="wiped-jobs")["QueueUrl"]
    lists: Mapping[str, Any] = {
        "bucket": aws.client("s3").get_bucket_tagging(Bucket="wiped-data")["TagSet"],
        "net": vpc(aws)["Tags"],
        "people": iam.list_role_tags(RoleName="wiped")["Tags"],
    }
    return {
        **{name: {tag["Key"]: tag["Value"] for tag in some} for name, some in lists.items()},
        "jobs": sqs.list_queue_tags(QueueUrl=url)["Tags"],
        "logs": logs.list_tags_log_group(logGroupName="wiped")["tags"],
    }


def vpc(aws: LocalAws) -> Mapping[str, Any]:
    found = aws.client("ec2").describe_vpcs()["Vpcs"]
    (ours,) = [one for one in found if one["CidrBlock"] == "10.0.0.0/16"]
    return ours  # type: ignore[no-any-return]


def wipe(aws: LocalAws) -> None:
    """Take gitbot's tags off every object, and leave the others."""
    sqs = aws.client("sqs")
    s3 = aws.client("s3")
    left = [
        tag for tag in s3.get_bucket_tagging(Bucket="wiped-data")["TagSet"] if tag["Key"] not in OWN
    ]
    s3.put_bucket_tagging(Bucket="wiped-data", Tagging={"TagSet": left})
    aws.client("ec2").delete_tags(Resources=[vpc(aws)["VpcId"]], Tags=[{"Key": key} for key in OWN])
    url = sqs.get_queue_url(QueueName="wiped-jobs")["QueueUrl"]
    sqs.untag_queue(QueueUrl=url, TagKeys=list(OWN))
    aws.client("iam").untag_role(RoleName="wiped", TagKeys=list(OWN))
    aws.client("logs").untag_log_group(logGroupName="wiped", tags=list(OWN))


def test_they_are_put_back_and_nothing_else_is_changed(opened: Opened, aws: LocalAws) -> None:
    it = target(opened, stack(STACK))
    apply(opened, it)
    assert plans(opened, it) == []
    before = tags(aws)
    wipe(aws)
    (plan,) = plans(opened, it)
    assert {change.address for change in plan.effective} == {
        "bucket",
        "jobs",
        "net",
        "logs",
        "people",
    }
    for change in plan.effective:
        (path,) = change.paths
        assert (change.action, path.cause) == (Action.UPDATE, Cause.DRIFT)
        assert path.path == f"/Tags/{LINEAGE_TAG}"
    assert {one.address for one in plan.drift} == {change.address for change in plan.effective}
    apply(opened, it)
    assert plans(opened, it) == []
    for name, own in tags(aws).items():
        assert {key: own[key] for key in before[name] if key != "gitbot:operation"} == {
            key: value for key, value in before[name].items() if key != "gitbot:operation"
        }


def test_a_tag_that_names_another_stack_is_drift_and_is_put_right(
    opened: Opened, aws: LocalAws
) -> None:
    it = target(opened, stack(STACK))
    apply(opened, it)
    before = tags(aws)
    aws.client("ec2").create_tags(
        Resources=[vpc(aws)["VpcId"]], Tags=[{"Key": STACK_TAG, "Value": "prod/theirs"}]
    )
    aws.client("iam").tag_role(RoleName="wiped", Tags=[{"Key": RESOURCE_TAG, "Value": "theirs"}])
    (plan,) = plans(opened, it)
    found = {
        change.address: [(path.path, path.before, path.cause) for path in change.paths]
        for change in plan.effective
    }
    assert found == {
        "net": [(f"/Tags/{STACK_TAG}", "prod/theirs", Cause.DRIFT)],
        "people": [(f"/Tags/{RESOURCE_TAG}", "theirs", Cause.DRIFT)],
    }
    assert {one.address for one in plan.drift} == found.keys()
    apply(opened, it)
    assert plans(opened, it) == []
    for name, own in tags(aws).items():
        assert [own[key] for key in OWN] == [before[name][key] for key in OWN]


def test_a_renamed_stack_names_its_objects_anew(opened: Opened, aws: LocalAws) -> None:
    it = target(opened, stack(STACK))
    apply(opened, it)
    renamed = {
        path: text.replace("{name: it,", "{name: other, moved: it,")
        for path, text in stack(STACK).items()
    }
    it = target(opened, renamed)
    (plan,) = plans(opened, it)
    assert (plan.renamed_from, plan.drift) == ("it", ())
    assert {path.path for change in plan.effective for path in change.paths} == {
        f"/Tags/{STACK_TAG}"
    }
    apply(opened, it)
    assert plans(opened, it) == []
    assert {own[STACK_TAG] for own in tags(aws).values()} == {"dev/other"}
