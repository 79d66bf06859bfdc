"""Tests for the reading of launch templates: EC2 has no filter for their identifiers."""

from __future__ import annotations

import pytest

from gitbot.language.keywords import validator_of
from gitbot.model.names import RemoteId
from gitbot.model.observed import Absent, Observation, Present
from tests.contract.aws.test_identities import read_many
from tests.contract.aws.world import AwsWorld

TEMPLATE = "AWS::EC2::LaunchTemplate"


def test_a_template_is_read_without_all_others_of_the_account(world: AwsWorld) -> None:
    """One that is gone is absent, and no reason to fail, whether a few are read or many."""
    names = [f"template-{number}" for number in range(6)]
    first, *others = (
        {"LaunchTemplateName": name, "LaunchTemplateData": {"InstanceType": "t3.micro"}}
        for name in names
    )
    made = world.create(TEMPLATE, first)
    gone = RemoteId("lt-0123456789abcdef0")

    def told() -> tuple[Observation, int]:
        world.aws.forget_calls()
        observed = world.observe(TEMPLATE, made)
        return observed, sum(call.bytes_received for call in world.aws.calls)

    alone = told()
    more = [world.create(TEMPLATE, one, token=f"{n:032x}") for n, one in enumerate(others)]
    assert told() == alone
    for some in ([made, gone], [made, gone, *more]):
        together = read_many(world, TEMPLATE, some)
        there, observed = together[made], alone[0]
        assert isinstance(there, Present)
        assert isinstance(observed, Present)
        assert there.properties == observed.properties
        assert isinstance(together[gone], Absent)


@pytest.mark.parametrize("by_hand", ["a newer version", "an older default"])
def test_a_version_by_hand_is_drift_and_replaced_by_one_of_the_spec(
    world: AwsWorld, by_hand: str
) -> None:
    """The kind: what starts from ``LatestVersionNumber`` would be made from what no spec says."""
    before = {"LaunchTemplateName": "drifting", "LaunchTemplateData": data("t3.micro")}
    spec = {"LaunchTemplateName": "drifting", "LaunchTemplateData": data("g4dn.xlarge")}
    made = world.create(TEMPLATE, before)
    world.update(TEMPLATE, made, before, spec)
    ec2 = world.aws.client("ec2")
    if by_hand == "a newer version":
        other = {"InstanceType": "p4d.24xlarge", "SecurityGroupIds": ["sg-99999999"]}
        ec2.create_launch_template_version(LaunchTemplateId=made, LaunchTemplateData=other)
    else:
        ec2.modify_launch_template(LaunchTemplateId=made, DefaultVersion="1")
    drifted = {one.path for one in world.differences(TEMPLATE, made, spec)}
    assert "/LaunchTemplateData/InstanceType" in drifted
    world.update(TEMPLATE, made, before, spec)
    assert world.differences(TEMPLATE, made, spec) == ()
    found = ec2.describe_launch_template_versions(
        LaunchTemplateId=made, Versions=["$Latest", "$Default"]
    )
    assert {one["VersionNumber"] for one in found["LaunchTemplateVersions"]} == {
        4 if by_hand == "a newer version" else 2
    }


def data(instance_type: str) -> dict[str, object]:
    disk = {"DeviceName": "/dev/sdf", "Ebs": {"VolumeSize": 10}}
    return {
        "InstanceType": instance_type,
        "BlockDeviceMappings": [disk],
        "SecurityGroupIds": ["sg-12345678"],
    }


def test_each_network_card_counts_its_devices(world: AwsWorld) -> None:
    """A machine for training has a first device on each of its cards."""
    first, second = (
        {"DeviceIndex": 0, "InterfaceType": "efa", "Groups": ["sg-12345678"]},
        {"DeviceIndex": 0, "InterfaceType": "efa-only", "NetworkCardIndex": 1},
    )

    def spec(*interfaces: dict[str, object]) -> dict[str, object]:
        return {
            "LaunchTemplateName": "cards",
            "LaunchTemplateData": {"NetworkInterfaces": list(interfaces)},
        }

    validator = validator_of(world.schema(TEMPLATE).json_schema)
    assert validator.errors(spec(first, second)) == []
    assert validator.errors(spec(first, first)) != []
    made = world.create(TEMPLATE, spec(first, second))
    assert world.differences(TEMPLATE, made, spec(second, first)) == ()
    changed = spec({**second, "InterfaceType": "efa"}, {**first, "NetworkCardIndex": 0})
    assert [one.path for one in world.differences(TEMPLATE, made, changed)] == [
        "/LaunchTemplateData/NetworkInterfaces/0/InterfaceType"
    ]
