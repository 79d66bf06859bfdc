"""``placement`` and ``snapshotOnDelete`` in specs: what they become, and what is wrong with them."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.language.load import load_tree
from gitbot.model.desired import DesiredResource, LoadedTree
from gitbot.model.names import Address
from gitbot.model.placement import PLACEMENT
from gitbot.model.values import Unknown
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import HEAD, codes, tree

CATALOG = open_catalog()
ENVIRONMENT = """
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1}
"""
NET = """\
    net: {type: AWS::EC2::Subnet, properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24}}
"""


def spec(placement: str, properties: str = "{ImageId: ami-1}", more: str = "") -> str:
    return (
        f"{HEAD}  resources:\n{NET}    trainer:\n      type: AWS::EC2::Instance\n"
        f"      placement: {placement}\n      properties: {properties}\n{more}"
    )


def load(text: str) -> LoadedTree:
    files = {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/demo.yaml": text}
    return load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)


def loaded(placement: str, properties: str = "{ImageId: ami-1}") -> DesiredResource:
    found = load(spec(placement, properties))
    assert found.diagnostics == ()
    return found.stacks[0].resources[Address("trainer")]


def test_a_placement_is_evaluated_and_needs_what_it_names() -> None:
    one = loaded(
        '{spot: "${env.name == \'dev\'}", instanceTypes: [a, b], subnets: ["${net.SubnetId}"]}'
    )
    given: Any = one.properties[PLACEMENT]
    assert (given["spot"], given["instanceTypes"]) == (True, ["a", "b"])
    [subnet] = given["subnets"]
    assert isinstance(subnet, Unknown)
    assert one.depends_on == {"net"}


def test_other_choices_are_another_desired_state() -> None:
    def hash_of(placement: str) -> str:
        return load(spec(placement)).stacks[0].hash

    assert hash_of("{instanceTypes: [a, b]}") != hash_of("{instanceTypes: [b, a]}")
    assert hash_of("{spot: true}") != hash_of("{spot: false}")


@pytest.mark.parametrize(
    ("placement", "properties"),
    [
        pytest.param(
            "{instanceTypes: [a]}", "{ImageId: ami-1, InstanceType: a}", id="a type twice"
        ),
        pytest.param(
            "{subnets: [s-1]}",
            "{ImageId: ami-1, SubnetId: subnet-0123456789abcdef0}",
            id="a subnet twice",
        ),
        pytest.param(
            "{subnets: [s-1]}",
            "{ImageId: ami-1, NetworkInterfaces: [{DeviceIndex: '0', SubnetId: subnet-0123456789abcdef0}]}",
            id="a subnet beside interfaces",
        ),
        pytest.param(
            "{zones: [a]}",
            "{ImageId: ami-1, SubnetId: subnet-0123456789abcdef0}",
            id="a zone beside a subnet",
        ),
        pytest.param("{zones: [a], subnets: [s-1]}", "{ImageId: ami-1}", id="zones and subnets"),
        pytest.param("{onDemand: true}", "{ImageId: ami-1}", id="on demand without spot"),
        pytest.param("{spot: maybe}", "{ImageId: ami-1}", id="no flag"),
        pytest.param("{spot: '${net.SubnetId}'}", "{ImageId: ami-1}", id="a flag of the cloud"),
        pytest.param("{instanceTypes: []}", "{ImageId: ami-1}", id="no type"),
        pytest.param("{instanceTypes: a}", "{ImageId: ami-1}", id="no list"),
        pytest.param("{instanceTypes: [a, a]}", "{ImageId: ami-1}", id="the same twice"),
        pytest.param("{instanceTypes: [1]}", "{ImageId: ami-1}", id="a number"),
    ],
)
def test_what_does_not_fit_together_is_a_problem(placement: str, properties: str) -> None:
    assert codes(load(spec(placement, properties))) == ["bad-placement"]


@pytest.mark.parametrize(
    ("database", "said", "kept"),
    [
        ("DBInstanceClass: db.t3.micro, Engine: e, ManageMasterUserPassword: true", "", True),
        ("DBInstanceClass: db.t3.micro, Engine: e, ManageMasterUserPassword: true", "false", False),
        ("SourceDBInstanceIdentifier: d", "", False),
        ("DBInstanceClass: db.t3.micro, Engine: e, DBClusterIdentifier: d", "", False),
        ("SourceDBInstanceIdentifier: d", "true", None),
    ],
)
def test_a_database_is_kept_in_a_snapshot_unless_it_holds_nothing_or_the_spec_says_so(
    database: str, said: str, kept: bool | None
) -> None:
    """The kind: a plan that deletes data because nobody asked to keep it."""
    lifecycle = f"      lifecycle: {{snapshotOnDelete: {said}}}\n" if said else ""
    found = load(
        f"{HEAD}  resources:\n    data:\n      type: AWS::RDS::DBInstance\n"
        f"{lifecycle}      properties: {{{database}}}\n"
    )
    if kept is None:
        assert codes(found) == ["no-snapshots"]
        return
    assert found.diagnostics == ()
    assert found.stacks[0].resources[Address("data")].lifecycle.snapshot_on_delete is kept


LASTS = "DeploymentType: PERSISTENT_2, PerUnitStorageThroughput: 125"


@pytest.mark.parametrize(
    ("files", "said", "kept"),
    [
        (f"FileSystemType: LUSTRE, LustreConfiguration: {{{LASTS}}}", "", True),
        (f"FileSystemType: LUSTRE, LustreConfiguration: {{{LASTS}}}", "false", False),
        ("FileSystemType: LUSTRE", "", False),
        ("FileSystemType: LUSTRE", "true", None),
        ("FileSystemType: LUSTRE, LustreConfiguration: {DeploymentType: SCRATCH_2}", "", False),
        ("FileSystemType: LUSTRE, LustreConfiguration: {ImportPath: 's3://a'}", "true", None),
        (
            "FileSystemType: ONTAP, OntapConfiguration: {DeploymentType: SINGLE_AZ_1, ThroughputCapacity: 128}",
            "",
            False,
        ),
    ],
)
def test_a_file_system_is_kept_in_a_backup_where_fsx_makes_one(
    files: str, said: str, kept: bool | None
) -> None:
    """The kind: a plan that says that a snapshot is made of what has none."""
    lifecycle = f"      lifecycle: {{snapshotOnDelete: {said}}}\n" if said else ""
    found = load(
        f"{HEAD}  resources:\n    data:\n      type: AWS::FSx::FileSystem\n"
        f"{lifecycle}      properties: {{StorageCapacity: 1200, SubnetIds: [s], {files}}}\n"
    )
    if kept is None:
        assert codes(found) == ["no-snapshots"]
        return
    assert found.diagnostics == ()
    assert found.stacks[0].resources[Address("data")].lifecycle.snapshot_on_delete is kept


def test_only_machines_are_placed_and_only_volumes_have_snapshots() -> None:
    for field, code in (
        ("placement: {spot: true}", "no-placement"),
        ("lifecycle: {snapshotOnDelete: true}", "no-snapshots"),
    ):
        text = (
            f"{HEAD}  resources:\n    net:\n      type: AWS::EC2::Subnet\n      {field}\n"
            "      properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24}\n"
        )
        assert codes(load(text)) == [code]
    text = (
        f"{HEAD}  resources:\n    data:\n      type: AWS::EC2::Volume\n"
        "      lifecycle: {snapshotOnDelete: true}\n"
        "      properties: {AvailabilityZone: a, Size: 8}\n"
    )
    found = load(text)
    assert found.diagnostics == ()
    assert found.stacks[0].resources[Address("data")].lifecycle.snapshot_on_delete
