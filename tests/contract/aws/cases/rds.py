"""Cases of the types of RDS."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.stacks import TWO_ZONES
from tests.contract.aws.world import AwsWorld


def subnets(world: AwsWorld, *zones: str) -> list[str]:
    """Subnets of the default network, one in each of these zones."""
    ec2 = world.aws.client("ec2")
    found = {one["AvailabilityZone"]: one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]}
    return [found[f"us-east-1{zone}"] for zone in zones]


NETWORK = (
    TWO_ZONES
    + """\
nets:
  type: AWS::RDS::DBSubnetGroup
  properties:
    DBSubnetGroupDescription: for experiments
    SubnetIds: ["${one.SubnetId}", "${two.SubnetId}"]
"""
)

_ROLE = "arn:aws:iam::123456789012:role/monitoring-{0}"
_KEY = "arn:aws:kms:us-east-1:123456789012:key/12345678-1234-1234-1234-12345678901{0}"


def group(world: AwsWorld, name: str) -> str:
    """A security group of the default network."""

    def make() -> str:
        made = world.aws.client("ec2").create_security_group(
            GroupName=f"db-{name}", Description="x"
        )
        return str(made["GroupId"])

    return str(world.thing(f"db-group-{name}", make))


def parameter_group(world: AwsWorld, name: str) -> str:
    """A group of parameters."""

    def make() -> str:
        world.aws.client("rds").create_db_parameter_group(
            DBParameterGroupName=f"own-{name}", DBParameterGroupFamily="postgres15", Description="x"
        )
        return f"own-{name}"

    return str(world.thing(f"db-parameters-{name}", make))


def option_group(world: AwsWorld, name: str) -> str:
    """A group of options."""

    def make() -> str:
        world.aws.client("rds").create_option_group(
            OptionGroupName=f"own-{name}",
            EngineName="mysql",
            MajorEngineVersion="5.6",
            OptionGroupDescription="x",
        )
        return f"own-{name}"

    return str(world.thing(f"db-options-{name}", make))


def subnet_group(world: AwsWorld, name: str) -> str:
    """A group of subnets."""

    def make() -> str:
        world.aws.client("rds").create_db_subnet_group(
            DBSubnetGroupName=f"nets-{name}",
            DBSubnetGroupDescription="x",
            SubnetIds=subnets(world, "a", "b"),
        )
        return f"nets-{name}"

    return str(world.thing(f"db-nets-{name}", make))


def snapshot(world: AwsWorld, name: str) -> str:
    """A snapshot of an instance that is gone."""

    def make() -> str:
        rds, own = world.aws.client("rds"), f"former-{name}"
        rds.create_db_instance(
            DBInstanceIdentifier=own,
            **{"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20},
            **{"MasterUsername": "ada", "MasterUserPassword": "secret-secret"},
        )
        rds.create_db_snapshot(DBSnapshotIdentifier=f"kept-{name}", DBInstanceIdentifier=own)
        rds.delete_db_instance(DBInstanceIdentifier=own, SkipFinalSnapshot=True)
        return f"kept-{name}"

    return str(world.thing(f"db-snapshot-{name}", make))


def source(world: AwsWorld, name: str) -> str:
    """An instance that has replicas."""

    def make() -> str:
        world.aws.client("rds").create_db_instance(
            DBInstanceIdentifier=f"source-{name}",
            **{"DBInstanceClass": "db.t3.micro", "Engine": "postgres", "AllocatedStorage": 20},
            **{"MasterUsername": "ada", "MasterUserPassword": "secret-secret"},
        )
        return f"source-{name}"

    return str(world.thing(f"db-source-{name}", make))


def least_instance(world: AwsWorld) -> dict[str, Any]:
    """A small instance."""
    return {
        "DBInstanceClass": "db.t3.micro",
        "Engine": "postgres",
        "AllocatedStorage": "20",
        "MasterUsername": "ada",
        "ManageMasterUserPassword": True,
    }


def _instance(world: AwsWorld) -> dict[str, Any]:
    return {
        "DBInstanceIdentifier": "tracking",
        "DBName": "mlflow",
        "Engine": "postgres",
        "EngineVersion": "15",
        "MasterUsername": "ada",
        "MasterUserPassword": "secret-secret",
        "CharacterSetName": "UTF8",
        "NcharCharacterSetName": "UTF16",
        "Timezone": "UTC",
        "StorageEncrypted": True,
        "KmsKeyId": _KEY.format(1),
        "AvailabilityZone": "us-east-1b",
        "DBSubnetGroupName": subnet_group(world, "a"),
        "CustomIAMInstanceProfile": "AWSRDSCustomInstanceProfile",
        "BackupTarget": "region",
        "EngineLifecycleSupport": "open-source-rds-extended-support",
        "DBInstanceClass": "db.t3.micro",
        "AllocatedStorage": "20",
        "MaxAllocatedStorage": 100,
        "StorageType": "gp3",
        "StorageThroughput": 125,
        "Iops": 3000,
        "VPCSecurityGroups": [group(world, "a")],
        "DBParameterGroupName": parameter_group(world, "a"),
        "OptionGroupName": option_group(world, "a"),
        "BackupRetentionPeriod": 3,
        "PreferredBackupWindow": "01:00-02:00",
        "PreferredMaintenanceWindow": "Sun:05:00-Sun:06:00",
        "MultiAZ": False,
        "AutoMinorVersionUpgrade": False,
        "LicenseModel": "postgresql-license",
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "CopyTagsToSnapshot": True,
        "MonitoringInterval": 60,
        "MonitoringRoleArn": _ROLE.format("a"),
        "Port": "5432",
        "PubliclyAccessible": False,
        "PromotionTier": 2,
        "EnableIAMDatabaseAuthentication": False,
        "DatabaseInsightsMode": "standard",
        "EnablePerformanceInsights": True,
        "PerformanceInsightsRetentionPeriod": 7,
        "PerformanceInsightsKMSKeyId": _KEY.format(2),
        "EnableCloudwatchLogsExports": ["postgresql"],
        "DeletionProtection": False,
        "NetworkType": "IPV4",
        "DedicatedLogVolume": False,
        "ApplyImmediately": False,
        "AllowMajorVersionUpgrade": False,
        "DeleteAutomatedBackups": True,
        "Tags": TAGS,
    }


def _instance_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "EngineVersion": "16.1",
        "MasterUserPassword": "other-secret",
        "DBInstanceClass": "db.t3.large",
        "AllocatedStorage": "40",
        "MaxAllocatedStorage": 200,
        "StorageType": "gp3",
        "StorageThroughput": 250,
        "Iops": 4000,
        "VPCSecurityGroups": [group(world, "b")],
        "DBParameterGroupName": parameter_group(world, "b"),
        "OptionGroupName": option_group(world, "b"),
        "BackupRetentionPeriod": 7,
        "PreferredBackupWindow": "02:00-03:00",
        "PreferredMaintenanceWindow": "mon:06:00-mon:07:00",
        "MultiAZ": True,
        "AutoMinorVersionUpgrade": True,
        "LicenseModel": "bring-your-own-license",
        "CACertificateIdentifier": "rds-ca-rsa4096-g1",
        "CopyTagsToSnapshot": False,
        "MonitoringInterval": 30,
        "MonitoringRoleArn": _ROLE.format("b"),
        "Port": "5433",
        "PubliclyAccessible": True,
        "PromotionTier": 3,
        "EnableIAMDatabaseAuthentication": True,
        "DatabaseInsightsMode": "advanced",
        "EnablePerformanceInsights": False,
        "PerformanceInsightsRetentionPeriod": 31,
        "EnableCloudwatchLogsExports": ["upgrade"],
        "DeletionProtection": True,
        "NetworkType": "DUAL",
        "DedicatedLogVolume": True,
        "ApplyImmediately": True,
        "AllowMajorVersionUpgrade": True,
        "DeleteAutomatedBackups": False,
        "Tags": OTHER_TAGS,
    }


_DATABASE = (
    NETWORK
    + """\
database:
  type: AWS::RDS::DBInstance
  lifecycle: {snapshotOnDelete: false}
  properties:
    DBInstanceClass: db.t3.micro
    Engine: postgres
    EngineVersion: "15"
    AllocatedStorage: "20"
    MasterUsername: ada
    ManageMasterUserPassword: true
    DBSubnetGroupName: ${nets.DBSubnetGroupName}
"""
)


CASES = (
    Case(
        type="AWS::RDS::DBInstance",
        creating="CreateDBInstance",
        absent="gone",
        minimal=least_instance,
        full=_instance,
        changes=_instance_changes,
        attributes=frozenset(
            {"DBInstanceIdentifier", "DBInstanceArn", "DbiResourceId", "Endpoint"}
        ),
        one_value=frozenset({"StorageType"}),
        elsewhere=frozenset({"ManageMasterUserPassword", "MasterUserSecret"}),
        stack=_DATABASE,
        samples={
            "DBInstanceIdentifier": ["one", "two"],
            "Engine": ["Postgres", "MySQL"],  # RDS keeps them in small letters
            "EngineVersion": ["15", "15.5"],
            "AllocatedStorage": ["30", "40"],
            "MaxAllocatedStorage": [100, 200],
            "DBInstanceClass": ["db.t3.large", "db.m5.large"],
            "Port": ["5433", "5434"],
            "BackupRetentionPeriod": [3, 7],
            "PreferredBackupWindow": ["01:00-02:00", "02:00-03:00"],
            "PreferredMaintenanceWindow": ["sun:05:00-sun:06:00", "mon:06:00-mon:07:00"],
            "MonitoringInterval": [30, 60],
            "MonitoringRoleArn": [_ROLE.format(name) for name in "ab"],
            "PerformanceInsightsKMSKeyId": [_KEY.format(number) for number in (1, 2)],
            "KmsKeyId": [_KEY.format(number) for number in (1, 2)],
            "NetworkType": ["IPV4", "DUAL"],
            "VPCSecurityGroups": lambda world: [[group(world, name)] for name in "ab"],
            "DBParameterGroupName": lambda world: [parameter_group(world, name) for name in "ab"],
            "OptionGroupName": lambda world: [option_group(world, name) for name in "ab"],
            "DBSubnetGroupName": lambda world: [subnet_group(world, name) for name in "ab"],
            "DBSnapshotIdentifier": lambda world: [snapshot(world, name) for name in "ab"],
            "SourceDBInstanceIdentifier": lambda world: [source(world, name) for name in "ab"],
            "MasterUsername": ["ada", "bob"],
            "ManageMasterUserPassword": [True, True],
            "MasterUserPassword": ["secret-one", "secret-two"],
            "MasterUserSecret/KmsKeyId": ["alias/one", "alias/two"],
        },
        beside={
            "": lambda world, name: {
                **({"AllowMajorVersionUpgrade": True} if name == "EngineVersion" else {}),
                **(
                    {"MonitoringRoleArn": _ROLE.format("a")} if name == "MonitoringInterval" else {}
                ),
                **({"MonitoringInterval": 60} if name == "MonitoringRoleArn" else {}),
                **({"ManageMasterUserPassword": False} if name == "MasterUserPassword" else {}),
                **({"StorageType": "gp3"} if name == "StorageThroughput" else {}),
            }
        },
    ),
    Case(
        type="AWS::RDS::DBSubnetGroup",
        creating="CreateDBSubnetGroup",
        absent="gone",
        minimal=lambda world: {
            "DBSubnetGroupDescription": "for experiments",
            "SubnetIds": subnets(world, "a", "b"),
        },
        full=lambda world: {
            "DBSubnetGroupName": "experiments",
            "DBSubnetGroupDescription": "for experiments",
            "SubnetIds": subnets(world, "a", "b"),
            "Tags": TAGS,
        },
        changes=lambda world: {
            "DBSubnetGroupDescription": "for all",
            "SubnetIds": subnets(world, "c", "b", "a"),
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"DBSubnetGroupName", "DBSubnetGroupArn"}),
        stack=NETWORK,
        samples={
            "DBSubnetGroupName": ["one", "two"],
            "SubnetIds": lambda world: [subnets(world, "a", "b"), subnets(world, "b", "c")],
        },
    ),
)
