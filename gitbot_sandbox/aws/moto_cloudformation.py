"""Make moto's CloudFormation hide what AWS hides, and delete what AWS deletes. Shell.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.cloudformation.models import Stack
from moto.cloudformation.parsing import ResourceMap
from moto.ec2.models.elastic_network_interfaces import NetworkInterface
from moto.rds.models import DBInstance, rds_backends

from gitbot_sandbox.aws.moto_patch import wrap

_MASK = "****"


def patch() -> None:
    """Make the patches of this module."""
    wrap(Stack, "parameter_list", lambda _: property(_shown))
    wrap(ResourceMap, "_delete_resource", _deleted)


def _shown(stack: Any) -> list[dict[str, Any]]:
    """Defect: the values of parameters with ``NoEcho`` are shown to whoever describes the stack."""
    declared = stack.resource_map._template.get("Parameters", {})
    return [
        {
            "ParameterKey": name,
            "ParameterValue": _MASK if _is_hidden(declared.get(name, {})) else value,
        }
        for name, value in stack.resource_map.resolved_parameters.items()
    ]


def _is_hidden(parameter: Mapping[str, Any]) -> bool:
    return str(parameter.get("NoEcho")).lower() == "true"


def _deleted(original: Any) -> Any:
    """Defects: a network interface stays, and a database goes without the snapshot that AWS makes by default."""

    def _delete_resource(self: Any, resource: Any, declared: Mapping[str, Any]) -> None:
        if isinstance(resource, NetworkInterface):
            resource.delete()
        elif isinstance(resource, DBInstance):
            _delete_database(resource, declared.get("DeletionPolicy"))
        else:
            original(self, resource, declared)

    return _delete_resource


def _delete_database(database: DBInstance, policy: str | None) -> None:
    name = database.db_instance_identifier
    copied = policy != "Delete" and not (database.is_replica or database.db_cluster_identifier)
    rds_backends[database.account_id][database.region].delete_db_instance(
        name,
        skip_final_snapshot=not copied,
        final_db_snapshot_identifier=f"{name}-snapshot" if copied else None,
    )
