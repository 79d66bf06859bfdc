"""What a plan says before a machine is stopped, changed or replaced.

The kind: a change that does more, or less, than its words say, so that work is lost in silence.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from gitbot.errors import SpecError
from gitbot.model.plan import Action, Cause
from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.aws.changes import changed
from tests.unit.reconciler.planning_world import (
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

LOOKUP = open_catalog().lookup
MACHINE = LOOKUP("AWS::EC2::Instance")
BUCKET = LOOKUP("AWS::S3::Bucket")
CERTIFICATE = LOOKUP("AWS::CertificateManager::Certificate")
SUBSCRIPTION = LOOKUP("AWS::SNS::Subscription")
assert MACHINE is not None
assert CERTIFICATE is not None
assert SUBSCRIPTION is not None
assert BUCKET is not None
WIPED = "what is on its local disks is wiped"
STOPS = "the running job stops"


def machine(type_: str, script: str = "echo a", image: str = "ami-1") -> dict[str, Any]:
    return {"InstanceType": type_, "UserData": script, "ImageId": image}


@pytest.mark.parametrize(
    ("before", "after", "loses", "says"),
    [
        pytest.param(
            machine("g4dn.xlarge"),
            machine("g5.xlarge"),
            f"{STOPS}; {WIPED}",
            ["local disks"],
            id="a machine with local disks is stopped",
        ),
        pytest.param(
            machine("t3.micro"), machine("g5.xlarge"), STOPS, [], id="one without local disks"
        ),
        pytest.param(machine("g5g.xlarge"), machine("t4g.small"), STOPS, [], id="g5g has none"),
        pytest.param(
            machine("t3.micro"),
            machine("t3.micro", "echo b"),
            STOPS,
            ["first boot only"],
            id="changed user data does not run at the next boot",
        ),
        pytest.param(
            machine("p4d.24xlarge"),
            machine("p4d.24xlarge", "echo b"),
            f"{STOPS}; {WIPED}",
            ["local disks", "first boot only"],
            id="user data is changed by a stop that wipes the disks",
        ),
        pytest.param(
            machine("g5.xlarge"),
            machine("g5.xlarge", image="ami-2"),
            "its disk and the running job are lost",
            [],
            id="a new image replaces the machine",
        ),
        pytest.param(machine("g5.xlarge"), machine("g5.xlarge"), "", [], id="nothing changes"),
    ],
)
def test_a_change_of_a_machine_says_what_is_lost(
    before: dict[str, Any], after: dict[str, Any], loses: str, says: list[str]
) -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, after)),
        state(record("vm", MACHINE, before)),
        present("vm", **before),
        schemas=LOOKUP,
    )
    change = change_of(plan, "vm")
    assert change.loses == loses
    told = " ".join(change.reasons)
    assert [part for part in ("local disks", "first boot only") if part in told] == says


@pytest.mark.parametrize(
    ("type_", "retain", "loses"),
    [
        pytest.param(MACHINE, False, "its disk and the running job are lost", id="a machine"),
        pytest.param(BUCKET, False, "all its data is lost", id="what holds data"),
        pytest.param(MACHINE, True, "", id="what stays in the cloud"),
    ],
)
def test_a_deletion_says_what_is_lost(type_: Any, retain: bool, loses: str) -> None:
    plan = plan_of(stack(), state(record("old", type_, retain=retain)), schemas=LOOKUP)
    assert change_of(plan, "old").loses == loses


@pytest.mark.parametrize(
    ("schema", "properties", "says"),
    [
        pytest.param(
            CERTIFICATE,
            {"DomainName": "a.example"},
            ["until its names are proven"],
            id="a certificate",
        ),
        pytest.param(
            SUBSCRIPTION,
            {"TopicArn": "t", "Protocol": "email"},
            ["until who is there confirms"],
            id="a mail",
        ),
        pytest.param(
            SUBSCRIPTION, {"TopicArn": "t", "Protocol": "sqs"}, [], id="a queue confirms itself"
        ),
    ],
)
def test_a_new_object_says_what_people_must_do_for_it(
    schema: TypeSchema, properties: dict[str, Any], says: list[str]
) -> None:
    """Also one that replaces another; not one that is changed in place."""
    wanted = stack(resource("a", schema, properties))
    made = change_of(plan_of(wanted, state(), schemas=LOOKUP), "a")
    first = next(iter(properties))
    old = {**properties, first: "old"}
    recorded = state(record("a", schema, old))
    replaced = change_of(plan_of(wanted, recorded, present("a", **old), schemas=LOOKUP), "a")
    assert (made.action, replaced.action) == (Action.CREATE, Action.REPLACE)
    for change in (made, replaced):
        told = [one for one in change.reasons if "until" in one]
        assert len(told) == len(says)
        assert all(text in one for text, one in zip(says, told, strict=True))


PITR = "PointInTimeRecoverySpecification"
BACK = "there is no way back to an earlier version"
AWAY = "it cannot be reached for some minutes"
OPEN = "its protection against deletion ends"
DATABASE = "AWS::RDS::DBInstance"


@pytest.mark.parametrize(
    ("type_", "before", "after", "loses"),
    [
        (DATABASE, {"DBInstanceClass": "db.t3.micro"}, {"DBInstanceClass": "db.t3.large"}, AWAY),
        (DATABASE, {"Port": "5432"}, {"Port": "5433"}, AWAY),
        (
            DATABASE,
            {"EngineVersion": "15.4"},
            {"EngineVersion": "16", "AllowMajorVersionUpgrade": True},
            f"{AWAY}; {BACK}",
        ),
        (DATABASE, {"EngineVersion": "15.4"}, {"EngineVersion": "15"}, ""),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            {"DesiredCapacity": "3"},
            {"DesiredCapacity": "0"},
            "machines are terminated, with what runs on them",
        ),
        *(
            (
                "AWS::AutoScaling::AutoScalingGroup",
                {"MaxSize": "7", "MinSize": "0", "DesiredCapacity": runs},
                {"MaxSize": "4", "MinSize": "0"},
                loses,
            )
            for runs, loses in (("4", ""), ("5", "machines are terminated, with what runs on them"))
        ),
        (
            "AWS::EKS::Nodegroup",
            {"ScalingConfig": {"MaxSize": 7, "MinSize": 0, "DesiredSize": 1}},
            {"ScalingConfig": {"MaxSize": 4, "MinSize": 0, "DesiredSize": 1}},
            "",
        ),
        (
            "AWS::EKS::Nodegroup",
            {"ScalingConfig": {"DesiredSize": 2}},
            {"ScalingConfig": {"DesiredSize": 0}},
            "machines are terminated, with what runs on them",
        ),
        (
            DATABASE,
            {"BackupRetentionPeriod": 7},
            {"BackupRetentionPeriod": 1},
            "backups that are older are deleted, at 0 all of them, and none are made then",
        ),
        (DATABASE, {"BackupRetentionPeriod": 1}, {"BackupRetentionPeriod": 7}, ""),
        (DATABASE, {"DeletionProtection": True}, {"DeletionProtection": False}, OPEN),
        (DATABASE, {"DeletionProtection": True}, {}, OPEN),
        (DATABASE, {"DeletionProtection": False}, {"DeletionProtection": True}, ""),
        (
            "AWS::EKS::Cluster",
            {"Version": "1.29"},
            {"Version": "1.30"},
            "there is no way back to an earlier version after seven days",
        ),
        ("AWS::EKS::Cluster", {"DeletionProtection": True}, {"DeletionProtection": False}, OPEN),
        ("AWS::DynamoDB::Table", {"DeletionProtectionEnabled": True}, {}, OPEN),
        (
            "AWS::DynamoDB::Table",
            {PITR: {"PointInTimeRecoveryEnabled": True}},
            {},
            "it cannot be put back in time any more",
        ),
        (
            "AWS::S3::Bucket",
            {"VersioningConfiguration": {"Status": "Enabled"}},
            {"VersioningConfiguration": {"Status": "Suspended"}},
            "what is overwritten or deleted from then on cannot be restored",
        ),
        (
            "AWS::KMS::Key",
            {"Enabled": True},
            {"Enabled": False},
            "what is encrypted with it cannot be read until it is enabled again",
        ),
        (
            "AWS::EFS::FileSystem",
            {"BackupPolicy": {"Status": "ENABLED"}},
            {},
            "no more backups of it are made",
        ),
        ("AWS::Logs::LogGroup", {}, {"RetentionInDays": 7}, "events that are older are deleted"),
        (
            "AWS::SQS::Queue",
            {"MessageRetentionPeriod": 600},
            {"MessageRetentionPeriod": 60},
            "messages that are older are deleted",
        ),
        (
            "AWS::Kinesis::Stream",
            {"RetentionPeriodHours": 48},
            {},
            "records that are older are deleted",
        ),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]},
            {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "false"}]},
            OPEN,
        ),
        (
            "AWS::AutoScaling::AutoScalingGroup",
            {"DeletionProtection": "prevent-all-deletion"},
            {"DeletionProtection": "none"},
            OPEN,
        ),
        (
            "AWS::ECR::Repository",
            {"ImageTagMutability": "IMMUTABLE"},
            {},
            "tags can be moved to other images",
        ),
        (
            "AWS::FSx::FileSystem",
            {"LustreConfiguration": {"PerUnitStorageThroughput": 125}},
            {"LustreConfiguration": {"PerUnitStorageThroughput": 250}},
            AWAY,
        ),
        (
            "AWS::FSx::FileSystem",
            {"FileSystemTypeVersion": "2.12"},
            {"FileSystemTypeVersion": "2.15"},
            BACK,
        ),
        # Types of Cloud Control, by the names that AWS gives such properties everywhere.
        ("AWS::RDS::DBCluster", {"DeletionProtection": True}, {"DeletionProtection": False}, OPEN),
        ("AWS::MSK::Cluster", {"KafkaVersion": "3.5.1"}, {"KafkaVersion": "3.6.0"}, BACK),
        (
            "AWS::MemoryDB::Cluster",
            {"SnapshotRetentionLimit": 7},
            {"SnapshotRetentionLimit": 0},
            "backups that are older are deleted, at 0 all of them, and none are made then",
        ),
    ],
)
def test_a_change_says_what_it_costs(
    type_: str, before: dict[str, Any], after: dict[str, Any], loses: str
) -> None:
    """The kind: a change of one line that takes a service down, or that nobody can take back."""
    change = changed(type_, before, after)
    assert change.loses == loses
    assert change.action is Action.UPDATE or not loses


BALANCED = "AWS::ElasticLoadBalancingV2"
FORWARD = {"Type": "forward", "TargetGroupArn": "tg"}
SAYING = {
    "Type": "fixed-response",
    "Order": 1,
    "FixedResponseConfig": {"StatusCode": "503", "MessageBody": "gone"},
}


@pytest.mark.parametrize(
    ("type_", "actions"),
    [(f"{BALANCED}::Listener", "DefaultActions"), (f"{BALANCED}::ListenerRule", "Actions")],
)
def test_an_action_that_somebody_set_is_told_as_what_goes(type_: str, actions: str) -> None:
    schema = LOOKUP(type_)
    assert schema is not None
    wanted = {actions: [FORWARD]}
    plan = plan_of(
        stack(resource("it", schema, wanted)),
        state(record("it", schema, wanted)),
        present("it", **{actions: [SAYING]}),
        schemas=LOOKUP,
    )
    added, gone = change_of(plan, "it").paths
    assert added.added
    assert added.after["ForwardConfig"]
    assert gone.removed
    assert gone.before == SAYING
    assert {one.path for one in (added, gone)} == {f"/{actions}/0"}
    assert {one.cause for one in (added, gone)} == {Cause.DRIFT}


TTL = "TimeToLiveSpecification"
RULES = {"Rules": [{"Id": "old", "Status": "Enabled", "ExpirationInDays": 9}]}
EXPIRED = {"LifecyclePolicyText": '{"rules": [{"rulePriority": 1}]}'}


@pytest.mark.parametrize(
    ("type_", "without", "with_", "says"),
    [
        ("AWS::DynamoDB::Table", {}, {TTL: {"AttributeName": "t", "Enabled": True}}, "time has"),
        (
            "AWS::DynamoDB::Table",
            {TTL: {"AttributeName": "t", "Enabled": False}},
            {TTL: {"AttributeName": "t", "Enabled": True}},
            "time has",
        ),
        ("AWS::ECR::Repository", {}, {"LifecyclePolicy": EXPIRED}, "rules expire"),
        ("AWS::S3::Bucket", {}, {"LifecycleConfiguration": RULES}, "rules expire"),
        ("AWS::CodeBuild::Project", {}, {"Visibility": "PUBLIC_READ"}, "everybody can read"),
        (
            "AWS::CodeBuild::Project",
            {"Visibility": "PRIVATE"},
            {"Visibility": "PUBLIC_READ"},
            "everybody can read",
        ),
    ],
)
def test_what_begins_is_said_and_not_where_it_ends(
    type_: str, without: dict[str, Any], with_: dict[str, Any], says: str
) -> None:
    """The kind: a remark that looks at the name of a property, and not at the way that it goes."""
    for before, after, told in ((without, with_, True), (with_, without, False)):
        change = changed(type_, before, after)
        assert change.action is Action.UPDATE
        assert any(says in one for one in change.reasons) is told


def test_a_version_of_a_cluster_that_eks_does_not_take_is_refused() -> None:
    """EKS takes one minor version after the other, and so back again for seven days."""
    schema = LOOKUP("AWS::EKS::Cluster")
    assert schema is not None
    for before, after in (("1.29", "1.31"), ("1.31", "1.29")):
        with pytest.raises(SpecError) as refused:
            plan_of(
                stack(resource("it", schema, {"Version": after})),
                state(record("it", schema, {"Version": before})),
                present("it", Version=before),
                schemas=LOOKUP,
            )
        (problem,) = refused.value.diagnostics
        assert problem.code == "version-skipped"
        assert f"is {before} and cannot become {after} at once" in problem.detail


VERBS = re.compile(r"\b(is|are|can|cannot|do|ends?|get|leads|must|stops)\b")


@pytest.mark.parametrize("name", open_catalog().native_names())
def test_what_is_lost_is_said_in_a_clause(name: str) -> None:
    """It stands behind a colon: ``disk will be deleted: every file on it is lost``."""
    schema = LOOKUP(name)
    assert schema is not None
    losses = (schema.losses.gone, schema.losses.restart)
    for words in (*losses, *(caution.loses for caution in schema.cautions)):
        assert not words or VERBS.search(words), words


@pytest.mark.parametrize(
    ("before", "after", "refused"),
    [
        ("15.4", {"EngineVersion": "16"}, True),
        ("5.7.44", {"EngineVersion": "8.0"}, True),
        ("15.4", {"EngineVersion": "16", "AllowMajorVersionUpgrade": False}, True),
        ("15.4", {"EngineVersion": "16", "AllowMajorVersionUpgrade": True}, False),
        ("15.4", {"EngineVersion": "15.6"}, False),
        ("16.1", {"EngineVersion": "15.6"}, False),
    ],
)
def test_a_major_upgrade_of_a_database_needs_that_it_is_allowed(
    before: str, after: dict[str, Any], refused: bool
) -> None:
    schema = LOOKUP("AWS::RDS::DBInstance")
    assert schema is not None
    arguments = (
        stack(resource("it", schema, after)),
        state(record("it", schema, {"EngineVersion": before})),
        present("it", EngineVersion=before),
    )
    if not refused:
        assert change_of(plan_of(*arguments, schemas=LOOKUP), "it").action is Action.UPDATE
        return
    with pytest.raises(SpecError) as found:
        plan_of(*arguments, schemas=LOOKUP)
    assert [one.code for one in found.value.diagnostics] == ["upgrade-not-allowed"]
