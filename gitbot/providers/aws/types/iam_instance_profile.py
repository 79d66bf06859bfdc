"""AWS::IAM::InstanceProfile over the IAM API. Shell.

InstanceProfileName (generated when absent), Path: replace. Roles (one) is changed in place.
Attributes: Arn. It carries ownership tags, though the registry's type has no Tags property.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.providers.aws.native import Declaration, NativeType
from gitbot.providers.aws.tagging import (
    found,
    generated_name,
    tag_list,
    tag_map,
)
from gitbot.providers.aws.types.iam_common import (
    BUSY,
    create_once,
    ignoring_gone,
    observations,
    when_seen,
)
from gitbot.providers.aws.types.iam_reading import (
    GONE,
    profile_or_none,
    read_profiles,
)
from gitbot.providers.aws.waiting import eventually

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_NAME = 128


class InstanceProfileHandler:
    """Instance profiles; see ``native.Handler``. They carry ownership tags, though the registry's
    type has no Tags property."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        return observations(requests, read_profiles(aws, requests))

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        name = _profile_name(operation)
        path = operation.properties.get("Path")

        def create() -> Any:
            return aws.call(
                "iam",
                "create_instance_profile",
                InstanceProfileName=name,
                Tags=tag_list(operation.ownership),
                **({"Path": path} if path else {}),
            )

        create_once(self, aws, operation, name, "instance profile", create)
        return RemoteId(name)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        when_seen(lambda: self._write_roles(aws, operation, remote_id), operation)

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if "Roles" in operation.changed:
            when_seen(lambda: self._write_roles(aws, operation, remote_id), operation)

    def _write_roles(self, aws: Connection, operation: Operation, profile: str) -> None:
        observed = [role["RoleName"] for role in _profile(aws, profile)["Roles"]]
        wanted = [str(role) for role in operation.properties.get("Roles") or ()]  # type: ignore[union-attr]
        # A profile holds one role at a time: the old one has to go first.
        for role in observed:
            if role not in wanted:
                self._remove(aws, profile, role)
        for role in wanted:
            if role not in observed:
                aws.call(
                    "iam",
                    "add_role_to_instance_profile",
                    InstanceProfileName=profile,
                    RoleName=role,
                )

    def _remove(self, aws: Connection, profile: str, role: str) -> None:
        ignoring_gone(
            lambda: aws.call(
                "iam",
                "remove_role_from_instance_profile",
                InstanceProfileName=profile,
                RoleName=role,
            )
        )

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        def delete() -> None:
            for role in _profile(aws, remote_id)["Roles"]:
                self._remove(aws, remote_id, role["RoleName"])
            aws.call("iam", "delete_instance_profile", InstanceProfileName=remote_id)

        ignoring_gone(
            lambda: eventually(delete, codes=BUSY, deadline=operation.deadline, within_s=20.0)
        )

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        name = _profile_name(operation)
        profile = profile_or_none(aws, name)
        return None if profile is None else found(name, tag_map(profile.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if operation.ownership:
            aws.call(
                "iam",
                "tag_instance_profile",
                InstanceProfileName=remote_id,
                Tags=tag_list(operation.ownership),
            )


def _profile(aws: Connection, name: str) -> Mapping[str, Any]:
    profile = profile_or_none(aws, name)
    if profile is None:
        raise CloudError(f"instance profile {name} is gone", code=GONE)
    return profile


def _profile_name(operation: Operation) -> str:
    return str(
        operation.properties.get("InstanceProfileName") or generated_name(operation, LONGEST_NAME)
    )


INSTANCE_PROFILE = NativeType(
    declaration=Declaration(
        name="AWS::IAM::InstanceProfile",
        handled=frozenset({"/InstanceProfileName", "/Path", "/Roles"}),
        natural_key="InstanceProfileName",
    ),
    handler=InstanceProfileHandler(),
)
