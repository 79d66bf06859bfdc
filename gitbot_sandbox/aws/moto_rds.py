"""Make moto's subnet groups of RDS keep, tag and refuse what AWS's do. Shell.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBSubnetGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import wraps
from typing import Any

from moto.rds.exceptions import DBSubnetGroupNotFoundError, RDSClientError
from moto.rds.models import RDSBackend, rds_backends

from gitbot_sandbox.aws.moto_patch import at_most_fifty, wrap
from gitbot_sandbox.aws.tag_index import index


def patch() -> None:
    """Make all patches of this module."""
    wrap(RDSBackend, "create_subnet_group", _one_of_a_name)
    wrap(RDSBackend, "modify_db_subnet_group", _kept)
    wrap(RDSBackend, "delete_subnet_group", _not_in_use)
    wrap(RDSBackend, "add_tags_to_resource", at_most_fifty(_tags, _too_many))
    index(rds_backends, "rds:subgrp", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for one in backend.subnet_groups.values():
        yield one.arn, {tag["Key"]: tag.get("Value", "") for tag in one.get_tags()}


def _tags(backend: Any, arn: str) -> Any:
    return backend.list_tags_for_resource(arn)


def _too_many() -> RDSClientError:
    return RDSClientError("InvalidParameterValue", "An object has at most 50 tags.")


def _check_zones(subnets: list[Any]) -> None:
    if len({one.availability_zone for one in subnets}) < 2:
        raise RDSClientError(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. "
            "Current AZ coverage: 1. Add subnets to cover at least 2 AZs.",
        )


def _one_of_a_name(original: Any) -> Any:
    """Defects: a group of the same name is replaced, and one in a single zone is made."""

    @wraps(original)
    def create_subnet_group(
        self: Any, subnet_name: str, description: str, subnets: list[Any], tags: Any
    ) -> Any:
        name = subnet_name.lower()
        if name in self.subnet_groups:
            raise RDSClientError(
                "DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists."
            )
        _check_zones(subnets)
        return original(self, name, description, subnets, tags)

    return create_subnet_group


def _kept(original: Any) -> Any:
    """Defects: a group that is changed is lost, and loses subnets that databases are in."""

    @wraps(original)
    def modify_db_subnet_group(
        self: Any, subnet_name: str, description: str, subnets: list[Any]
    ) -> Any:
        if subnet_name not in self.subnet_groups:
            raise DBSubnetGroupNotFoundError(subnet_name)
        _check_zones(subnets)
        _check_used(self, subnet_name, subnets)
        group = original(self, subnet_name, description, subnets)
        self.subnet_groups[subnet_name] = group
        return group

    return modify_db_subnet_group


def _check_used(backend: Any, name: str, subnets: list[Any]) -> None:
    """Refuse to take out the subnet that a database is in: the one in its zone."""
    zones = {
        one.availability_zone
        for one in backend.databases.values()
        if getattr(getattr(one, "db_subnet_group", None), "name", None) == name
    }
    kept = {one.id for one in subnets}
    used = sorted(
        one.id
        for one in backend.subnet_groups[name]._subnets
        if one.availability_zone in zones and one.id not in kept
    )
    if used:
        raise RDSClientError(
            "SubnetAlreadyInUse",
            f"Some of the subnets to be deleted are currently in use: {', '.join(used)}",
        )


def _not_in_use(original: Any) -> Any:
    """Defect: a group goes while an instance is in its subnets."""

    @wraps(original)
    def delete_subnet_group(self: Any, subnet_name: str) -> Any:
        for one in self.databases.values():
            group = getattr(one, "db_subnet_group", None)
            if group is not None and group.name == subnet_name:
                raise RDSClientError(
                    "InvalidDBSubnetGroupStateFault",
                    f"Cannot delete the subnet group '{subnet_name}' because at least one database "
                    f"instance: {one.db_instance_identifier} is still using it.",
                )
        return original(self, subnet_name)

    return delete_subnet_group
