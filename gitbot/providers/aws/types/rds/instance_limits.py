"""Say what RDS wants of the spec of an instance beyond the registry's schema. Pure.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.types.rds.family import SMALL_LETTERS
from gitbot.providers.aws.types.rds.instance_shapes import (
    GROUPS,
    LOGS,
    MANAGED,
    PASSWORD,
    SECRET,
    SNAPSHOT,
    SOURCE,
    STORAGE,
)

_TEXTS = (
    *("DBName", "Engine", "CharacterSetName", "NcharCharacterSetName", "Timezone", "KmsKeyId"),
    *("AvailabilityZone", "DBSubnetGroupName", "DBClusterIdentifier", "BackupTarget", SNAPSHOT),
    *("CustomIAMInstanceProfile", "PerformanceInsightsKMSKeyId", "EngineLifecycleSupport"),
    *(SOURCE, "DBInstanceClass", "PreferredBackupWindow", "PreferredMaintenanceWindow"),
    *("EngineVersion", "LicenseModel", "StorageType", "CACertificateIdentifier", "NetworkType"),
    *(
        "MonitoringRoleArn",
        "DBParameterGroupName",
        "OptionGroupName",
        PASSWORD,
        f"{SECRET}/KmsKeyId",
    ),
)


def _unless(wanted: Mapping[str, Any], *names: str) -> Mapping[str, Any]:
    """Keywords that hold for specs with none of these properties."""
    for name in names:
        wanted = {"if": {"required": [name]}, "else": wanted}
    return wanted


def _reserved(name: str) -> Mapping[str, Any]:
    """Keywords of a user's name that the engine keeps for itself."""
    return {
        "enum": [name],
        "title": "is a name that the engine keeps for itself: choose another one",
    }


_POSTGRES = ["postgres", "aurora-postgresql"]
_OF_ITS_SOURCE = ["MasterUsername", PASSWORD, "StorageEncrypted", "CharacterSetName", SNAPSHOT]
LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "dependentExcluded": {
            SOURCE: _OF_ITS_SOURCE,
            SNAPSHOT: [
                "MasterUsername",
                PASSWORD,
                "StorageEncrypted",
                "CharacterSetName",
                "DBName",
            ],
        },
        "ascending": [(STORAGE, "MaxAllocatedStorage")],
        "dependentRequired": {
            SECRET: [MANAGED],
            "MonitoringRoleArn": ["MonitoringInterval"],
            "StorageThroughput": ["StorageType"],
        },
        "allOf": [
            _unless({"required": ["DBInstanceClass", "Engine"]}, SNAPSHOT, SOURCE),
            _unless({"requiredOr": [PASSWORD, MANAGED]}, SNAPSHOT, SOURCE, "DBClusterIdentifier"),
            {
                "if": {"required": [MANAGED], "properties": {MANAGED: {"const": True}}},
                "then": {"not": {"required": [PASSWORD]}},
            },
            {
                "if": {"required": ["Engine"], "properties": {"Engine": {"enum": _POSTGRES}}},
                "then": {"properties": {"MasterUsername": {"not": _reserved("admin")}}},
            },
        ],
    },
    **{name: {"minLength": 1} for name in _TEXTS},
    "Engine": {
        "minLength": 1,
        "not": {
            "enum": ["aurora-postgres", "db2", "mssql", "oracle", "postgresql", "sqlserver"],
            "title": "is no engine of RDS: those are called postgres, mysql, mariadb, aurora-postgresql, aurora-mysql, "
            "or have an edition, as oracle-se2, sqlserver-ex and db2-se",
        },
    },
    "DBInstanceClass": {
        "minLength": 1,
        "not": {
            "pattern": r"^(?!db\.)",
            "title": "is no class of RDS: those begin with db., as db.t3.micro",
        },
    },
    "MasterUsername": {"not": _reserved("rdsadmin")},
    "DBInstanceIdentifier": {"minLength": 1, **SMALL_LETTERS},
    STORAGE: {"pattern": "^[0-9]+$"},
    "Port": {"pattern": "^[0-9]+$"},
    SECRET: {"required": ["KmsKeyId"]},
    GROUPS: {"minItems": 1},
    LOGS: {"uniqueItems": True},
    "MonitoringInterval": {"enum": [0, 1, 5, 10, 15, 30, 60]},
    "BackupRetentionPeriod": {"minimum": 0, "maximum": 35},
    "Iops": {"minimum": 1},
    "StorageThroughput": {"minimum": 1},
}
