"""What follows for people from what AWS told about the deeds of a plan: one table for each question.

The kind: a plan that people agree to and AWS then refuses in the middle of the apply.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Deed, Making, Objection, Removing
from gitbot.model.schema import Route
from gitbot.providers.aws.foretelling.architectures import ARCHITECTURES
from gitbot.providers.aws.foretelling.bucket_versions import BUCKET_VERSIONS, Bucket
from gitbot.providers.aws.foretelling.full_buckets import FULL_BUCKETS
from gitbot.providers.aws.foretelling.full_domains import FULL_DOMAINS
from gitbot.providers.aws.foretelling.full_repositories import FULL_REPOSITORIES
from gitbot.providers.aws.foretelling.groups_in_use import GROUPS_IN_USE, Interface
from gitbot.providers.aws.foretelling.images import Image
from gitbot.providers.aws.foretelling.instance_types import INSTANCE_TYPES
from gitbot.providers.aws.foretelling.locked_buckets import LOCKED_BUCKETS
from gitbot.providers.aws.foretelling.machine_quotas import MACHINE_QUOTAS, Running, quota_of
from gitbot.providers.aws.foretelling.machine_quotas import Answer as Machines
from gitbot.providers.aws.foretelling.machines import TypeFacts
from gitbot.providers.aws.foretelling.missing_images import MISSING_IMAGES
from gitbot.providers.aws.foretelling.missing_keys import MISSING_KEYS
from gitbot.providers.aws.foretelling.missing_rights import MISSING_RIGHTS, actions_of
from gitbot.providers.aws.foretelling.modern_pipelines import MODERN_PIPELINES
from gitbot.providers.aws.foretelling.network_quotas import NETWORK_QUOTAS
from gitbot.providers.aws.foretelling.network_quotas import Answer as Networks
from gitbot.providers.aws.foretelling.passed_roles import PASSED_ROLES, roles_in
from gitbot.providers.aws.foretelling.passed_roles import Answer as Passed
from gitbot.providers.aws.foretelling.question import Question
from gitbot.providers.aws.foretelling.root_disks import ROOT_DISKS
from gitbot.providers.aws.foretelling.rstudio_networks import RSTUDIO_NETWORKS
from gitbot.providers.aws.foretelling.simulating import Verdicts
from gitbot.providers.aws.foretelling.waiting_secrets import WAITING_SECRETS
from gitbot.providers.aws.foretelling.zones import ZONES
from gitbot.providers.aws.foretelling.zones import Answer as Zones
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.providers.aws.types.sagemaker.domain_users import User

REPOSITORY, SECRET = "AWS::ECR::Repository", "AWS::SecretsManager::Secret"
INSTANCE, GROUP, BUCKET = "AWS::EC2::Instance", "AWS::EC2::SecurityGroup", "AWS::S3::Bucket"


def making(
    type_: str = INSTANCE,
    *,
    changed: frozenset[str] | None = None,
    own: str = "",
    **properties: Any,
) -> Making:
    return Making(
        address=Address("it"),
        type=type_,
        route=Route.NATIVE,
        properties=properties,
        changed=changed,
        remote_id=RemoteId(own) if own else None,
    )


TEMPLATE, SCALING = "AWS::EC2::LaunchTemplate", "AWS::AutoScaling::AutoScalingGroup"


def template(*, changed: frozenset[str] | None = None, **data: Any) -> Making:
    return making(TEMPLATE, changed=changed, LaunchTemplateData=data)


def computing(*types: str | None) -> Making:
    return making("AWS::Batch::ComputeEnvironment", ComputeResources={"InstanceTypes": types})


def mixed(*types: str) -> Mapping[str, Any]:
    return {"LaunchTemplate": {"Overrides": [{"InstanceType": one} for one in types]}}


def removing(type_: str, own: str, *, empties: bool = False, first: bool = False) -> Removing:
    return Removing(
        address=Address("it"), type=type_, remote_id=RemoteId(own), empties=empties, first=first
    )


def said(question: Question[Any], answer: Any, *deeds: Deed) -> list[Objection]:
    concerned = [deed for deed in deeds if question.concerns(deed)]
    return list(question.say(answer, concerned, deeds)) if concerned else []


def check(found: list[Objection], expected: list[tuple[bool, str]]) -> None:
    """Each objection is a remark or not, and says this."""
    assert len(found) == len(expected), found
    for one, (remark, words) in zip(found, expected, strict=True):
        assert one.remark is remark
        assert words in f"{one.why} {one.fix}"


KINDS = frozenset({"g5.xlarge"})
SIZE = frozenset({"InstanceType"})


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (making(InstanceType="g5.xlarge"), []),
        (making(InstanceType="g5.xlrage"), [(False, "us-east-1 has no instance type `g5.xlrage`")]),
        (making(InstanceType="g5.xlrage"), [(False, "Did you mean `g5.xlarge`?")]),
        (making(InstanceType="odd"), [(False, "Choose one that this region has.")]),
        (making(InstanceType="odd", changed=SIZE), [(False, "`odd`")]),
        (making(InstanceType="odd", changed=frozenset({"Tags"})), []),
        (making(InstanceType=None), []),
        (making(placement={"instanceTypes": ["g5.xlarge", "odd", "odd"]}), [(False, "`odd`")]),
        (making("AWS::EC2::Volume", InstanceType="odd"), []),
        (removing(INSTANCE, "i-1"), []),
        (template(InstanceType="g5.xlarge"), []),
        (template(InstanceType="g5.xlrage"), [(False, "Did you mean `g5.xlarge`?")]),
        (template(changed=frozenset({"Tags"}), InstanceType="odd"), []),
        (making(TEMPLATE, LaunchTemplateData=None), []),
        (computing("optimal", "g5", "g5.xlarge", None), []),
        (computing("g5.xlarge", "odd.large"), [(False, "no instance type `odd.large`")]),
        (making("AWS::Batch::ComputeEnvironment", Type="UNMANAGED"), []),
        (making("AWS::EKS::Nodegroup", InstanceTypes=["g5.xlrage"]), [(False, "`g5.xlrage`")]),
        (making("AWS::EKS::Nodegroup", InstanceTypes=["odd.x"], changed=frozenset({"Tags"})), []),
        (making(SCALING, MixedInstancesPolicy=mixed("odd.x", "g5.xlarge")), [(False, "`odd.x`")]),
    ],
)
def test_a_type_that_the_region_lacks(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(INSTANCE_TYPES, ("us-east-1", KINDS, ("g5.xlarge",)), deed), expected)


ZONED = Zones(
    zones={"p4d": frozenset({"z1", "z2"}), "g5": frozenset({"z1", "z2", "z3"})},
    subnets={"subnet-3": "z3", "subnet-1": "z1"},
)


def placed(**choices: Any) -> Making:
    return making(placement=choices)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (making(InstanceType="p4d", AvailabilityZone="z1"), []),
        (making(InstanceType="p4d", AvailabilityZone="z3"), [(False, "z3 does not offer `p4d`.")]),
        (making(InstanceType="p4d", AvailabilityZone="z3"), [(False, "among z1, z2.")]),
        (making(InstanceType="p4d", SubnetId="subnet-3"), [(False, "z3 does not offer `p4d`.")]),
        (making(InstanceType="p4d", SubnetId="subnet-1"), []),
        (
            template(InstanceType="p4d", Placement={"AvailabilityZone": "z3"}),
            [(False, "z3 does not offer `p4d`.")],
        ),
        (
            template(InstanceType="p4d", NetworkInterfaces=[{"SubnetId": "subnet-3"}]),
            [(False, "z3 does not offer `p4d`.")],
        ),
        (template(InstanceType="p4d", NetworkInterfaces=[{"SubnetId": None}]), []),
        # EC2 refuses a subnet that it does not know, and a type that no zone has.
        (making(InstanceType="p4d", SubnetId="subnet-9"), []),
        (making(InstanceType="odd", AvailabilityZone="z3"), []),
        (making(InstanceType="p4d"), []),
        (making(InstanceType=None, AvailabilityZone="z3"), []),
        (
            making(InstanceType="p4d", SubnetId="subnet-3", changed=SIZE),
            [(False, "z3 does not offer")],
        ),
        (
            placed(instanceTypes=["p4d", "g5"], zones=["z3"], spot=True),
            [(True, "z3 does not offer `p4d`, so AWS refuses these choices")],
        ),
        (
            placed(instanceTypes=["p4d"], subnets=["subnet-3"], spot=True, onDemand=True),
            [(False, "z3 does not offer `p4d`.")],
        ),
        (placed(instanceTypes=["p4d", None], zones=["z3"]), [(True, "z3 does not offer `p4d`")]),
    ],
)
def test_a_type_that_the_zone_lacks(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(ZONES, ZONED, deed), expected)


TEMPLATE = "AWS::EC2::LaunchTemplate"
DISKS = {
    "ami-x": Image(root="/dev/xvda", architecture="x86_64", size=8),
    "ami-0": Image(root="", architecture=""),
}


def disk(name: str, **ebs: Any) -> dict[str, Any]:
    return {"DeviceName": name, "Ebs": ebs}


@pytest.mark.parametrize(
    ("mappings", "expected"),
    [
        ([disk("/dev/xvda", VolumeSize=8)], []),
        ([disk("/dev/xvda", VolumeSize=100)], []),
        ([disk("/dev/xvda", Encrypted=True)], []),
        ([disk("/dev/sdf", VolumeSize=4)], []),
        ([disk("/dev/sda1", VolumeSize=100)], [(False, "is called `/dev/xvda`")]),
        ([disk("/dev/xvda", VolumeSize=4)], [(True, "has 8 GiB, and VolumeSize is 4")]),
        ([disk("/dev/xvda", VolumeSize=4, SnapshotId="snap-1")], []),
        ([disk("/dev/xvda", VolumeSize=None)], []),
    ],
)
def test_a_root_disk_is_the_images(
    mappings: list[dict[str, Any]], expected: list[tuple[bool, str]]
) -> None:
    """Of a machine, and of a launch template; not where the image is found by a parameter, or nothing of it changes."""
    given = {"ImageId": "ami-x", "BlockDeviceMappings": mappings}
    found_by_parameter = {**given, "ImageId": "resolve:ssm:/image"}
    data = "LaunchTemplateData"
    check(said(ROOT_DISKS, DISKS, making(**given)), expected)
    check(said(ROOT_DISKS, DISKS, making(TEMPLATE, **{data: given})), expected)
    changed = making(TEMPLATE, changed=frozenset({data}), **{data: given})
    check(said(ROOT_DISKS, DISKS, changed), expected)
    for other in (
        making(TEMPLATE, **{data: found_by_parameter}),
        making(TEMPLATE, **{data: {**given, "ImageId": "ami-0"}}),
        making(TEMPLATE, changed=frozenset({"VersionDescription"}), **{data: given}),
        making(changed=frozenset({"InstanceType"}), **given),
    ):
        check(said(ROOT_DISKS, DISKS, other), [])


BUILT = (
    {
        "ami-x": Image(root="/dev/xvda", architecture="x86_64"),
        "ami-a": Image(root="/dev/xvda", architecture="arm64"),
        "ami-0": Image(root="", architecture=""),
    },
    {
        "g5": TypeFacts(architectures=("x86_64",), vcpus=4),
        "t4g": TypeFacts(architectures=("arm64",), vcpus=2),
        "t2": TypeFacts(architectures=("i386", "x86_64"), vcpus=2),
    },
)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ({"ImageId": "ami-x", "InstanceType": "g5"}, []),
        ({"ImageId": "ami-x", "InstanceType": "t2"}, []),
        ({"ImageId": "ami-a", "InstanceType": "t4g"}, []),
        (
            {"ImageId": "ami-a", "InstanceType": "t2"},
            [(False, "ami-a is for `arm64`, and a `t2` runs `i386` or `x86_64` only.")],
        ),
        ({"ImageId": "ami-x", "InstanceType": "t4g", "changed": SIZE}, [(False, "`t4g`")]),
        ({"ImageId": "ami-x", "placement": {"instanceTypes": ["g5", "t4g"]}}, [(False, "`t4g`")]),
        ({"ImageId": "ami-0", "InstanceType": "g5"}, []),
        ({"ImageId": "ami-gone", "InstanceType": "g5"}, []),
        ({"ImageId": "ami-x", "InstanceType": "odd"}, []),
        ({"ImageId": None, "InstanceType": "g5"}, []),
    ],
)
def test_an_image_for_other_processors(
    properties: Mapping[str, Any], expected: list[tuple[bool, str]]
) -> None:
    check(said(ARCHITECTURES, BUILT, making(**properties)), expected)
    if "placement" not in properties and "changed" not in properties:
        check(said(ARCHITECTURES, BUILT, template(**properties)), expected)


IMAGE = frozenset({"ImageId"})


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (making(ImageId="ami-x"), []),
        (making(ImageId="ami-9"), [(False, "us-east-1 has no image ami-9 that this account")]),
        (making(ImageId="ami-9", changed=IMAGE), [(False, "ami-9")]),
        (making(ImageId="ami-9", changed=SIZE), []),
        (making(ImageId=None), []),
        (making(ImageId="resolve:ssm:/images/a"), []),
        (template(ImageId="ami-x"), []),
        (template(ImageId="ami-9"), [(False, "ami-9")]),
        (template(ImageId="ami-9", changed=frozenset({"Tags"})), []),
        (making("AWS::EC2::Volume", ImageId="ami-9"), []),
        (removing(INSTANCE, "i-1"), []),
    ],
)
def test_an_image_that_there_is_not(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(MISSING_IMAGES, ("us-east-1", BUILT[0]), deed), expected)


PAIR = making("AWS::EC2::KeyPair", KeyName="new")


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ([making(KeyName="mine")], []),
        ([making(KeyName="gone")], [(True, "us-east-1 has no key pair `gone`")]),
        ([making(KeyName="new")], [(True, "`new`")]),
        ([making(KeyName="new"), PAIR], []),
        ([making(KeyName=None)], []),
        ([making(KeyName="gone", changed=SIZE)], []),
        ([template(KeyName="gone")], [(True, "`gone`")]),
        ([template(KeyName="mine")], []),
        ([PAIR], []),
    ],
)
def test_a_key_pair_that_there_is_not(deeds: list[Deed], expected: list[tuple[bool, str]]) -> None:
    check(said(MISSING_KEYS, ("us-east-1", {"mine": True}), *deeds), expected)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (removing(BUCKET, "full"), [(True, "bucket `full` is not empty")]),
        (removing(BUCKET, "full", empties=True), []),
        (removing(BUCKET, "empty"), []),
        (removing(GROUP, "full"), []),
        (making(BUCKET, BucketName="full"), []),
    ],
)
def test_a_bucket_that_is_not_empty(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(FULL_BUCKETS, {"full": True, "empty": False}, deed), expected)


VERSIONS, REPLICATES = "VersioningConfiguration", {"ReplicationConfiguration": {"Role": "r"}}
HELD, NOT_HELD = {"Status": "Enabled"}, {"Status": "Suspended"}


def bucket(own: str, *changed: str, **properties: Any) -> Making:
    return making(BUCKET, changed=frozenset(changed) if own else None, own=own, **properties)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (bucket("", ObjectLockEnabled=True), []),
        (bucket("", **REPLICATES), [(False, "ReplicationConfiguration needs versioning")]),
        (bucket("", **REPLICATES, ObjectLockEnabled=True), []),
        (bucket("", **REPLICATES, VersioningConfiguration=HELD), []),
        (bucket("", **REPLICATES, VersioningConfiguration=None), []),
        (bucket("", **REPLICATES, VersioningConfiguration={"Status": None}), []),
        (
            bucket("plain", "ObjectLockEnabled", ObjectLockEnabled=True),
            [(False, "ObjectLockEnabled needs versioning, which nothing turns on")],
        ),
        (
            bucket("plain", "ObjectLockConfiguration", ObjectLockConfiguration={"Rule": {}}),
            [(False, "Write `VersioningConfiguration: {Status: Enabled}` beside it.")],
        ),
        (bucket("plain", "ReplicationConfiguration", **REPLICATES), [(False, "needs versioning")]),
        (bucket("plain", "ReplicationConfiguration"), []),
        (bucket("plain", "Tags", ObjectLockEnabled=True), []),
        (bucket("plain", VERSIONS), []),
        (bucket("versioned", "ObjectLockEnabled", ObjectLockEnabled=True), []),
        (
            bucket("versioned", VERSIONS, "ObjectLockEnabled", ObjectLockEnabled=True),
            [(False, "ObjectLockEnabled needs versioning")],
        ),
        (bucket("versioned", VERSIONS, VersioningConfiguration=NOT_HELD), []),
        (bucket("locked", VERSIONS), [(False, "`locked` has Object Lock on, and S3 never")]),
        (
            bucket("locked", VERSIONS, VersioningConfiguration=NOT_HELD),
            [(False, "Keep `VersioningConfiguration: {Status: Enabled}`.")],
        ),
        (bucket("copied", VERSIONS), [(False, "end the replication that no spec says first")]),
        (bucket("copied", VERSIONS, **REPLICATES), [(False, "`copied` is replicated, and S3")]),
        (bucket("copied", VERSIONS, "ReplicationConfiguration"), []),
        (
            bucket("copied", VERSIONS, "ReplicationConfiguration", **REPLICATES),
            [(False, "`copied` is replicated, and S3")],
        ),
        (bucket("gone", VERSIONS), []),
        (removing(BUCKET, "locked"), []),
        (making(GROUP, changed=frozenset({VERSIONS}), own="locked"), []),
    ],
)
def test_a_bucket_that_needs_versions_it_does_not_have(
    deed: Deed, expected: list[tuple[bool, str]]
) -> None:
    there = {
        "plain": Bucket(),
        "versioned": Bucket(versioned=True),
        "locked": Bucket(versioned=True, locked=True),
        "copied": Bucket(versioned=True, replicated=True),
    }
    check(said(BUCKET_VERSIONS, there, deed), expected)


DOMAIN, MEMBER = "AWS::SageMaker::Domain", "AWS::SageMaker::UserProfile"
ANN = User(type=MEMBER, remote_id="ann|d-1", words="user profile ann")
MANY = [User(type=MEMBER, remote_id=f"u{i}|d-2", words=f"user profile u{i}") for i in range(7)]


@pytest.mark.parametrize(
    ("deeds", "expected"),
    [
        ([removing(DOMAIN, "d-1")], [(True, "`d-1` has user profile ann, and SageMaker")]),
        ([removing(DOMAIN, "d-1"), removing(MEMBER, "ann|d-1")], []),
        ([removing(DOMAIN, "d-2")], [(True, "user profile u4 and 2 more, and")]),
        ([removing(DOMAIN, "d-3")], []),
        ([removing(MEMBER, "d-1")], []),
        ([making(DOMAIN, DomainName="d-1")], []),
    ],
)
def test_a_domain_that_has_members(deeds: list[Deed], expected: list[tuple[bool, str]]) -> None:
    check(said(FULL_DOMAINS, {"d-1": [ANN], "d-2": MANY, "d-3": []}, *deeds), expected)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (removing(REPOSITORY, "full"), [(True, "repository `full` has images")]),
        (removing(REPOSITORY, "full", empties=True), []),
        (removing(REPOSITORY, "empty"), []),
        (removing(BUCKET, "full"), []),
    ],
)
def test_a_repository_that_has_images(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(FULL_REPOSITORIES, {"full": True, "empty": False}, deed), expected)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (
            making(SECRET, Name="old"),
            [(True, "has the name `old` until some time after 2026-12-01")],
        ),
        (making(SECRET, Name="new"), []),
        (making(SECRET, Name=None), []),
        (making(SECRET), []),
        (making(SECRET, changed=frozenset({"Description"}), Name="old"), []),
        (making(BUCKET, Name="old"), []),
        (removing(SECRET, "old"), []),
    ],
)
def test_a_secret_whose_name_a_deleted_one_has(
    deed: Deed, expected: list[tuple[bool, str]]
) -> None:
    check(said(WAITING_SECRETS, {"old": "2026-12-01", "new": ""}, deed), expected)


WITH_RSTUDIO = {"RStudioServerProDomainSettings": {"DomainExecutionRoleArn": "r"}}
NETWORK = frozenset({"AppNetworkAccessType"})


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (
            making(DOMAIN, changed=NETWORK, DomainSettings=WITH_RSTUDIO),
            [(False, "SageMaker does not change AppNetworkAccessType of a domain with RStudio")],
        ),
        (making(DOMAIN, changed=frozenset({"Tags"}), DomainSettings=WITH_RSTUDIO), []),
        (making(DOMAIN, changed=NETWORK, DomainSettings={"SecurityGroupIds": []}), []),
        (making(DOMAIN, changed=NETWORK, DomainSettings=None), []),
        (making(DOMAIN, changed=NETWORK), []),
        (making(DOMAIN, DomainSettings=WITH_RSTUDIO), []),
        (making(BUCKET, changed=NETWORK, DomainSettings=WITH_RSTUDIO), []),
        (removing(DOMAIN, "d-1"), []),
    ],
)
def test_a_network_of_a_domain_with_rstudio(deed: Deed, expected: list[tuple[bool, str]]) -> None:
    check(said(RSTUDIO_NETWORKS, None, deed), expected)


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (removing(BUCKET, "locked", empties=True), [(True, "`locked` has Object Lock on")]),
        (removing(BUCKET, "locked"), []),
        (removing(BUCKET, "open", empties=True), []),
        (removing(GROUP, "locked", empties=True), []),
        (making(BUCKET, BucketName="locked"), []),
    ],
)
def test_a_bucket_that_is_to_be_emptied_and_has_object_lock_on(
    deed: Deed, expected: list[tuple[bool, str]]
) -> None:
    check(said(LOCKED_BUCKETS, {"locked": True, "open": False}, deed), expected)


PIPELINE, KIND = "AWS::CodePipeline::Pipeline", frozenset({"PipelineType"})
V2_ALONE = {"queued": ("ExecutionMode",), "both": ("Variables", "Triggers"), "plain": ()}


@pytest.mark.parametrize(
    ("deed", "expected"),
    [
        (
            making(PIPELINE, changed=KIND, own="queued", PipelineType="V1"),
            [(False, "`queued` has ExecutionMode that its spec does not say")],
        ),
        (
            making(PIPELINE, changed=KIND, own="both", PipelineType="V1"),
            [(False, "Write `Variables: []`, `Triggers: []` beside `PipelineType: V1`")],
        ),
        (
            making(PIPELINE, changed=KIND | {"Triggers"}, own="both", PipelineType="V1"),
            [(False, "`both` has Variables that")],
        ),
        (
            making(PIPELINE, changed=KIND | {"ExecutionMode"}, own="queued", PipelineType="V1"),
            [],
        ),
        (making(PIPELINE, changed=KIND, own="plain", PipelineType="V1"), []),
        (making(PIPELINE, changed=KIND, own="queued", PipelineType="V2"), []),
        (making(PIPELINE, changed=frozenset({"Stages"}), own="queued", PipelineType="V1"), []),
        (making(PIPELINE, PipelineType="V1"), []),
        (making(BUCKET, changed=KIND, own="queued", PipelineType="V1"), []),
        (removing(PIPELINE, "queued"), []),
    ],
)
def test_a_pipeline_of_type_v1_that_would_keep_what_v2_has(
    deed: Deed, expected: list[tuple[bool, str]]
) -> None:
    check(said(MODERN_PIPELINES, V2_ALONE, deed), expected)


ON_MACHINE = Interface(id="eni-1", instance="i-1")
FREE = Interface(id="eni-2")
OF_NAT = Interface(id="eni-3", made_by="Interface for NAT Gateway nat-0a1")
OF_ELB = Interface(id="eni-4", made_by="ELB app/web/1")
LISTS = frozenset({"SecurityGroupIds"})


@pytest.mark.parametrize(
    ("users", "beside", "expected"),
    [
        ([ON_MACHINE], [], "in use by i-1, which the plan of this stack leaves"),
        ([ON_MACHINE], [removing(INSTANCE, "i-1")], ""),
        ([ON_MACHINE], [making(changed=LISTS, own="i-1")], ""),
        ([ON_MACHINE], [making(changed=SIZE, own="i-1")], "in use by i-1"),
        ([ON_MACHINE, FREE], [removing(INSTANCE, "i-1")], "in use by eni-2,"),
        ([FREE], [removing("AWS::EC2::NetworkInterface", "eni-2")], ""),
        ([OF_NAT], [], "in use by nat-0a1"),
        ([OF_NAT], [removing("AWS::EC2::NatGateway", "nat-0a1")], ""),
        ([OF_ELB], [], "in use by eni-4 (ELB app/web/1)"),
        ([OF_ELB], [removing("AWS::ElasticLoadBalancingV2::LoadBalancer", "arn")], ""),
        ([Interface(id=f"eni-{n}") for n in range(7)], [], "eni-4 and 2 more, which"),
        ([], [], ""),
    ],
)
def test_a_group_that_something_else_uses(
    users: list[Interface], beside: list[Deed], expected: str
) -> None:
    found = said(GROUPS_IN_USE, {"sg-1": users}, removing(GROUP, "sg-1"), *beside)
    check(found, [(True, expected)] if expected else [])


@pytest.mark.parametrize(
    ("type_", "spot", "code"),
    [
        ("t3.micro", False, "L-1216C47A"),
        ("im4gn.large", False, "L-1216C47A"),
        ("g5.xlarge", False, "L-DB2E81BA"),
        ("gr6.4xlarge", True, "L-3819A6DF"),
        ("vt1.3xlarge", False, "L-DB2E81BA"),
        ("p4d.24xlarge", False, "L-417A185B"),
        ("p5.48xlarge", False, "L-417A185B"),
        ("p4d.24xlarge", True, "L-7212CCBC"),
        ("p5en.48xlarge", True, "L-C4BD4855"),
        ("p6-b200.48xlarge", True, None),
        ("trn1.32xlarge", True, "L-6B0D517C"),
        ("inf2.xlarge", False, "L-1945791B"),
        ("x2idn.16xlarge", False, "L-7295265B"),
        ("u-6tb1.metal", False, None),
        ("hpc7a.96xlarge", False, None),
        ("mac2.metal", False, None),
        ("odd", False, None),
    ],
)
def test_a_machine_counts_for_the_quota_of_its_family_and_market(
    type_: str, spot: bool, code: str | None
) -> None:
    found = quota_of(type_, spot=spot)
    assert (None if found is None else found.code) == code


ON_DEMAND_G, SPOT_G = "L-DB2E81BA", "L-3819A6DF"
G5 = {"InstanceType": "g5.xlarge"}
RUNS = {
    "i-1": Running(type="g5.xlarge", spot=False),
    "i-2": Running(type="g4dn.xlarge", spot=True),
    "i-3": Running(type="t3.micro", spot=False),
}
VCPUS = {
    "g5.xlarge": TypeFacts(architectures=(), vcpus=4),
    "g5.2xlarge": TypeFacts(architectures=(), vcpus=8),
    "g4dn.xlarge": TypeFacts(architectures=(), vcpus=4),
    "t3.micro": TypeFacts(architectures=(), vcpus=2),
}


@pytest.mark.parametrize(
    ("limits", "deeds", "says"),
    [
        ({ON_DEMAND_G: 8}, [making(**G5)], ""),
        ({ON_DEMAND_G: 7}, [making(**G5)], "needs 4 more vCPUs of on-demand G and VT instances"),
        ({ON_DEMAND_G: 7}, [making(**G5)], "us-east-1 has 4 already, and the account may have 7"),
        ({ON_DEMAND_G: 8}, [making(**G5), making(**G5)], "needs 8 more"),
        ({}, [making(**G5)], ""),
        ({ON_DEMAND_G: 7}, [making(**G5), removing(INSTANCE, "i-1", first=True)], ""),
        ({ON_DEMAND_G: 7}, [making(**G5), removing(INSTANCE, "i-1")], "needs 4 more"),
        # A machine that runs and gets another type: the difference counts.
        ({ON_DEMAND_G: 8}, [making(InstanceType="g5.2xlarge", changed=SIZE, own="i-1")], ""),
        (
            {ON_DEMAND_G: 7},
            [making(InstanceType="g5.2xlarge", changed=SIZE, own="i-1")],
            "needs 4 more",
        ),
        # One that is stopped is not started by a change.
        ({ON_DEMAND_G: 0}, [making(InstanceType="g5.2xlarge", changed=SIZE, own="i-9")], ""),
        (
            {SPOT_G: 7},
            [placed(instanceTypes=["g5.xlarge"], zones=["a", "b"], spot=True)],
            "needs 4 more vCPUs of spot G and VT instances",
        ),
        # The next choice may count for another quota.
        ({SPOT_G: 0}, [placed(instanceTypes=["g5.xlarge"], spot=True, onDemand=True)], ""),
        ({ON_DEMAND_G: 0}, [making(InstanceType=None), making(InstanceType="hpc7a.96xlarge")], ""),
    ],
)
def test_more_machines_than_the_quota_allows(
    limits: Mapping[str, float], deeds: list[Deed], says: str
) -> None:
    answer = Machines(region="us-east-1", limits=limits, running=RUNS, types=VCPUS)
    check(said(MACHINE_QUOTAS, answer, *deeds), [(True, says)] if says else [])


VPC, EIP = "AWS::EC2::VPC", "AWS::EC2::EIP"


@pytest.mark.parametrize(
    ("deeds", "says"),
    [
        ([making(VPC)], ""),
        ([making(VPC), making(VPC)], "needs 2 more VPCs, us-east-1 has 4 already"),
        ([making(VPC), making(VPC), removing(VPC, "vpc-1", first=True)], ""),
        ([making(VPC), making(VPC), removing(VPC, "vpc-1")], "may have 5 there"),
        ([making(VPC, changed=frozenset({"Tags"}))], ""),
        ([making(EIP), making(VPC)], ""),
        ([removing(VPC, "vpc-1")], ""),
    ],
)
def test_more_networks_than_the_quota_allows(deeds: list[Deed], says: str) -> None:
    answer = Networks(region="us-east-1", limits={"L-F678F1CE": 5.0}, used={VPC: 4})
    check(said(NETWORK_QUOTAS, answer, *deeds), [(True, says)] if says else [])


CLUSTER, PARAMETER, QUEUE = "AWS::ECS::Cluster", "AWS::SSM::Parameter", "AWS::SQS::Queue"
WHO = "arn:aws:iam::123456789012:role/gitbot"


@pytest.mark.parametrize(
    ("deed", "actions"),
    [
        (making(INSTANCE), {"ec2:RunInstances"}),
        (removing(INSTANCE, "i-1"), {"ec2:TerminateInstances"}),
        (making(INSTANCE, changed=SIZE), set()),
        (making(BUCKET), {"s3:CreateBucket"}),
        (removing("AWS::S3::BucketPolicy", "b"), {"s3:DeleteBucketPolicy"}),
        (making(CLUSTER), {"ecs:CreateCluster"}),
        (making(CLUSTER, changed=frozenset({"ClusterSettings"})), {"ecs:UpdateCluster"}),
        (making(CLUSTER, changed=frozenset({"Tags"})), set()),
        (making("AWS::Athena::WorkGroup"), {"cloudformation:CreateResource"}),
        (
            making("AWS::Athena::WorkGroup", changed=frozenset({"State"})),
            {"cloudformation:UpdateResource"},
        ),
        (removing("AWS::Athena::WorkGroup", "w"), {"cloudformation:DeleteResource"}),
    ],
)
def test_what_a_deed_surely_needs(deed: Deed, actions: set[str]) -> None:
    assert actions_of(deed) == actions
    assert MISSING_RIGHTS.concerns(deed) is bool(actions)


@pytest.mark.parametrize("name", sorted(NATIVE_TYPES))
def test_every_native_type_says_what_makes_and_removes_its_objects(name: str) -> None:
    rights = NATIVE_TYPES[name].declaration.rights
    for action in (rights.makes, rights.removes, *rights.changes.values()):
        assert action in rights.writes


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        ({}, []),
        ({"s3:CreateBucket": "implicitDeny"}, [(True, f"no policy allows that to {WHO}")]),
        ({"s3:CreateBucket": "implicitDeny"}, [(True, "Allow `s3:CreateBucket` in its policy")]),
        ({"ec2:RunInstances": "explicitDeny"}, [(True, f"a policy denies that to {WHO}")]),
        (
            {"s3:CreateBucket": "explicitDeny", "ec2:RunInstances": "implicitDeny"},
            [(True, "`ec2:RunInstances`"), (True, "`s3:CreateBucket`")],
        ),
        ({"sqs:CreateQueue": "implicitDeny"}, []),
    ],
)
def test_a_right_that_is_missing(
    denied: Mapping[str, str], expected: list[tuple[bool, str]]
) -> None:
    verdicts = Verdicts(who=WHO, denied=denied)
    check(said(MISSING_RIGHTS, verdicts, making(INSTANCE), making(BUCKET)), expected)


ROLE = "arn:aws:iam::123456789012:role/job"
TO_EC2 = Passed(
    profiles={"gpu": ROLE},
    denied={
        "ec2.amazonaws.com": Verdicts(who=WHO, denied={ROLE: "implicitDeny"}),
        "lambda.amazonaws.com": Verdicts(who=WHO, denied={}),
    },
)


@pytest.mark.parametrize(
    ("deed", "says"),
    [
        (making(IamInstanceProfile="gpu"), f"it gives the role {ROLE} to ec2.amazonaws.com, and"),
        (making(IamInstanceProfile="other"), ""),
        (making(IamInstanceProfile=None), ""),
        (making(IamInstanceProfile="gpu", changed=SIZE), ""),
        (
            making(IamInstanceProfile="gpu", changed=frozenset({"IamInstanceProfile"})),
            "Allow `iam:PassRole` on this role",
        ),
        (making("AWS::Lambda::Function", Role=ROLE), ""),
        (making(QUEUE, Policy=ROLE), ""),
        (removing(INSTANCE, "i-1"), ""),
    ],
)
def test_a_role_that_may_not_be_passed_on(deed: Deed, says: str) -> None:
    check(said(PASSED_ROLES, TO_EC2, deed), [(True, says)] if says else [])


def test_roles_in_policies_are_given_to_nobody() -> None:
    inline = [{"PolicyDocument": {"Statement": [{"Resource": ROLE}]}}]
    assert roles_in(making("x", Policies=inline, Deep=[{"RoleArn": ROLE}])) == [ROLE]
    assert roles_in(making("x", Policies=inline)) == []
