"""Make moto's instances of RDS keep, delay and refuse what AWS's do. Shell.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.rds.exceptions import InvalidParameterCombination, InvalidParameterValue, RDSClientError
from moto.rds.models import DBInstance, RDSBackend

from gitbot_sandbox.aws.moto_patch import wrap

_LATE = (
    *("db_instance_class", "allocated_storage", "backup_retention_period", "multi_az"),
    *("engine_version", "license_model", "iops", "storage_throughput", "storage_type"),
    *("ca_certificate_identifier", "enable_iam_database_authentication", "dedicated_log_volume"),
)
"""What waits for the maintenance window unless it is to be applied at once."""
_KEPT: Mapping[str, Any] = {
    "promotion_tier": 1,
    "database_insights_mode": "standard",
    "enable_performance_insights": False,
    "performance_insights_retention_period": None,
    "performance_insights_kms_key_id": None,
    "network_type": "IPV4",
    "dedicated_log_volume": False,
    "timezone": None,
    "nchar_character_set_name": None,
    "custom_iam_instance_profile": None,
    "backup_target": "region",
    "engine_lifecycle_support": None,
    "ca_certificate_identifier": "rds-ca-rsa2048-g1",
}
_VERSIONS = {"postgres": "15.4", "mysql": "8.0.35", "mariadb": "10.11.6"}
_MINOR = {"15": "15.4", "16": "16.1", "8.0": "8.0.35"}
"""The minor versions that AWS takes for a major one."""


def patch() -> None:
    """Make all patches of this module."""
    DBInstance.default_engine_versions.update(_VERSIONS)
    wrap(RDSBackend, "create_db_instance", _whole)
    wrap(RDSBackend, "create_db_instance_read_replica", _replica)
    wrap(RDSBackend, "modify_db_instance", _modified)
    wrap(RDSBackend, "delete_db_instance", _with_its_snapshot)


def _keep(database: Any, asked: Mapping[str, Any]) -> None:
    """Remember what moto drops; a name that the asked lack keeps its value."""
    for name, default in _KEPT.items():
        value = asked.get(name)
        setattr(database, name, getattr(database, name, default) if value is None else value)
    database.performance_insights_enabled = database.enable_performance_insights
    if database.performance_insights_enabled:
        database.performance_insights_retention_period = (
            database.performance_insights_retention_period or 7
        )
        database.performance_insights_kms_key_id = database.performance_insights_kms_key_id or (
            f"arn:aws:kms:{database.region}:{database.account_id}:key/rds"
        )


def _whole(original: Any) -> Any:
    """Defects: a major version is kept as it is written, an engine is only known in small letters, and much
    of what is asked for is dropped."""

    @wraps(original)
    def create_db_instance(self: Any, db_kwargs: Any) -> Any:
        if db_kwargs.get("manage_master_user_password") and db_kwargs.get("master_user_password"):
            raise InvalidParameterCombination(
                "You can't specify MasterUserPassword when ManageMasterUserPassword is true."
            )
        if db_kwargs.get("engine"):
            db_kwargs["engine"] = db_kwargs["engine"].lower()
        _check_class(db_kwargs)
        _check_user(db_kwargs)
        version = db_kwargs.get("engine_version")
        if version in _MINOR:
            db_kwargs["engine_version"] = _MINOR[version]
        database = original(self, db_kwargs)
        database.ca_certificate_identifier = (
            db_kwargs.get("ca_certificate_identifier") or _KEPT["ca_certificate_identifier"]
        )
        _keep(database, db_kwargs)
        return database

    return create_db_instance


def _check_class(asked: Mapping[str, Any]) -> None:
    name = asked.get("db_instance_class")
    if name and not name.startswith("db."):
        raise InvalidParameterValue(f"Invalid DB Instance class: {name}")


def _check_user(asked: Mapping[str, Any]) -> None:
    """Refuse the names of users that engines keep for themselves.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html#RDS_Limits.Constraints
    """
    name = asked.get("master_username")
    is_postgres = asked.get("engine") in ("postgres", "aurora-postgresql")
    if name == "rdsadmin" or (is_postgres and name == "admin"):
        raise InvalidParameterValue(
            f"MasterUsername {name} cannot be used as it is a reserved word used by the engine"
        )


def _replica(original: Any) -> Any:
    """Defects: a replica has the name, the tags and the secret of its source."""

    @wraps(original)
    def create_db_instance_read_replica(self: Any, db_kwargs: Any) -> Any:
        name, tags = db_kwargs["db_instance_identifier"], db_kwargs.get("tags")
        if name in self.databases:
            raise RDSClientError("DBInstanceAlreadyExists", "DB instance already exists")
        replica = original(self, db_kwargs)
        replica.db_instance_identifier = name
        replica.tags = list(tags or [])
        replica.manage_master_user_password = False
        replica.deletion_protection = bool(db_kwargs.get("deletion_protection"))
        replica.backup_retention_period = 0
        _keep(replica, db_kwargs)
        return replica

    return create_db_instance_read_replica


def _modified(original: Any) -> Any:
    """Defects: nothing waits for the maintenance window, storage shrinks, the port stays as it is."""

    @wraps(original)
    def modify_db_instance(self: Any, db_instance_identifier: str, db_kwargs: Any) -> Any:
        [database] = self.describe_db_instances(db_instance_identifier)
        asked = dict(db_kwargs)
        _check(database, asked)
        version = asked.get("engine_version")
        if version is not None:
            asked["engine_version"] = _MINOR.get(version, version)
        waiting = getattr(database, "pending_modified_values", {})
        if asked.pop("apply_immediately", None):
            asked = {**{_snake(name): value for name, value in waiting.items()}, **asked}
            database.pending_modified_values = {}
        else:
            late = {name: asked.pop(name) for name in _LATE if asked.get(name) is not None}
            database.pending_modified_values = {
                **waiting,
                **{_camel(name): value for name, value in late.items()},
            }
        if asked.get("db_port_number"):
            database.port = asked.pop("db_port_number")
        _keep(database, asked)
        # Only the new type of storage may take the new throughput.
        ordered = dict(sorted(asked.items(), key=lambda one: one[0] != "storage_type"))
        return original(self, db_instance_identifier, ordered)

    return modify_db_instance


def _check(database: Any, asked: Mapping[str, Any]) -> None:
    """Refuse what AWS refuses of a change."""
    _check_class(asked)
    size, has = asked.get("allocated_storage"), database.allocated_storage
    if size is not None and size < has:
        raise InvalidParameterCombination(
            f"Requested storage size ({size}) cannot be less than the current storage size ({has})."
        )
    if asked.get("master_user_secret_kms_key_id") and database.manage_master_user_password:
        raise InvalidParameterCombination(
            "MasterUserSecretKmsKeyId can only be specified when the password is not managed yet."
        )
    version = str(asked.get("engine_version") or database.engine_version)
    major = version.split(".")[0] != database.engine_version.split(".")[0]
    if major and not asked.get("allow_major_version_upgrade"):
        raise InvalidParameterCombination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version."
        )
    interval = asked.get("monitoring_interval")
    role = asked.get("monitoring_role_arn") or database.monitoring_role_arn
    if interval and not role:
        raise InvalidParameterValue("A MonitoringRoleARN value is required.")


_NAMES = {
    "DBInstanceClass": "db_instance_class",
    "AllocatedStorage": "allocated_storage",
    "BackupRetentionPeriod": "backup_retention_period",
    "MultiAZ": "multi_az",
    "EngineVersion": "engine_version",
    "LicenseModel": "license_model",
    "Iops": "iops",
    "StorageThroughput": "storage_throughput",
    "StorageType": "storage_type",
    "CACertificateIdentifier": "ca_certificate_identifier",
    "IAMDatabaseAuthenticationEnabled": "enable_iam_database_authentication",
    "DedicatedLogVolume": "dedicated_log_volume",
}


def _snake(name: str) -> str:
    return _NAMES[name]


def _camel(name: str) -> str:
    return {value: key for key, value in _NAMES.items()}[name]


def _with_its_snapshot(original: Any) -> Any:
    """Defects: nobody has to say whether a final snapshot is made, and a replica gets one."""

    @wraps(original)
    def delete_db_instance(self: Any, db_instance_identifier: str, **asked: Any) -> Any:
        database = self.databases.get(db_instance_identifier)
        skips, name = asked.get("skip_final_snapshot"), asked.get("final_db_snapshot_identifier")
        copy = database is not None and (database.is_replica or database.db_cluster_identifier)
        if database is not None and not skips and not name and not copy:
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified."
            )
        if name and (copy or skips):
            raise InvalidParameterCombination(
                "FinalDBSnapshotIdentifier can not be specified when deleting a replica or a member "
                "of a cluster, or when the final snapshot is skipped."
            )
        return original(self, db_instance_identifier, **asked)

    return delete_db_instance
