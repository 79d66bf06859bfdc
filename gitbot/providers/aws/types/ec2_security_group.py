"""AWS::EC2::SecurityGroup over the EC2 API. Shell.

GroupDescription, GroupName (generated when absent), VpcId (the default VPC when absent): replace.
SecurityGroupIngress, SecurityGroupEgress: sets of rules, changed in place, new ones first. Egress
that was never declared is AWS's allow-all and is left alone; ``[]`` is none. Tags.
Attributes: Id, GroupId.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Absent, Found, Observation, Present, ReadRequest
from gitbot.model.schema import Removal
from gitbot.ports import Operation
from gitbot.providers.aws.native import Declaration, NativeType
from gitbot.providers.aws.surfaces import TAGS_REMOVAL
from gitbot.providers.aws.tagging import found, generated_name, tag_map
from gitbot.providers.aws.types.ec2_common import (
    by_operation,
    described,
    ignoring,
    put_tags,
    tag_specifications,
    update_tags,
)
from gitbot.providers.aws.types.ec2_rules import (
    ALLOW_ALL,
    EGRESS,
    INGRESS,
    RULE_KEYS,
    Direction,
    normalised_rules,
    permission,
    rule_key,
    rules_of,
)
from gitbot.providers.aws.waiting import eventually

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_NAME = 255
GONE = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})
_CALL = ("describe_security_groups", "SecurityGroups")


class SecurityGroupHandler:
    """Security groups; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        groups = {
            group["GroupId"]: group
            for group in described(aws, *_CALL, "group-id", [r.remote_id for r in requests])
        }
        return {
            request.address: (
                Present(
                    remote_id=request.remote_id, properties=_properties(groups[request.remote_id])
                )
                if request.remote_id in groups
                else Absent()
            )
            for request in requests
        }

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        properties = operation.properties
        name = _group_name(operation)
        parameters: dict[str, Any] = {
            "GroupName": name,
            "Description": properties["GroupDescription"],
            "TagSpecifications": tag_specifications(operation, "security-group"),
        }
        if properties.get("VpcId"):
            parameters["VpcId"] = properties["VpcId"]
        try:
            return RemoteId(aws.call("ec2", "create_security_group", **parameters)["GroupId"])
        except CloudError as error:
            ignoring({"InvalidGroup.Duplicate"}, error)
        present = self.find(aws, operation)
        if present is not None and present.operation == operation.token:
            return present.remote_id  # our own call, whose answer was lost
        where = properties.get("VpcId") or "the default VPC"
        taken = f"`lifecycle: {{import: {present.remote_id}}}`" if present else "`lifecycle.import`"
        raise ConflictError(
            f"{operation.address}: {where} has a security group named {name} already. Choose "
            f"another GroupName, or take that group over with {taken}."
        )

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        def write() -> None:
            group = _existing(aws, remote_id)
            _write_rules(aws, operation, group, frozenset(operation.properties))

        # What EC2 has just made, it may not see yet.
        eventually(write, codes=GONE, deadline=operation.deadline)

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        touched = operation.changed | operation.removed
        if touched & {INGRESS.property, EGRESS.property}:
            _write_rules(aws, operation, _existing(aws, remote_id), touched)
        if "Tags" in touched:
            update_tags(aws, operation, remote_id)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        try:
            # Network interfaces of what used the group take their time to go.
            eventually(
                lambda: aws.call("ec2", "delete_security_group", GroupId=remote_id),
                codes={"DependencyViolation"},
                deadline=operation.deadline,
                within_s=float("inf"),
            )
        except CloudError as error:
            if error.code == "DependencyViolation":
                raise CloudError(
                    f"security group {remote_id} is still in use and was left as it is: "
                    f"{_users(aws, remote_id)}. Remove what uses it and apply again.",
                    code=error.code,
                ) from error
            ignoring(GONE, error)

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        for group in by_operation(aws, operation, *_CALL):
            return found(group["GroupId"], tag_map(group.get("Tags")))
        if not operation.properties.get("GroupName"):
            return None  # its name is generated, so the tag would have been there too
        vpc = operation.properties.get("VpcId") or _default_vpc(aws)
        for group in described(aws, *_CALL, "group-name", [_group_name(operation)]):
            if vpc in (None, group.get("VpcId")):
                return found(group["GroupId"], tag_map(group.get("Tags")))
        return None

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        put_tags(aws, remote_id, operation.ownership)


@dataclass(frozen=True, slots=True)
class _Sync:
    """Makes the rules of one direction equal to the wanted ones."""

    aws: Connection
    group_id: str
    direction: Direction

    def make(self, observed: Iterable[Mapping[str, Any]], wanted: Any) -> None:
        have = {rule_key(rule): rule for rule in normalised_rules(list(observed))}
        want = {rule_key(rule): rule for rule in normalised_rules(wanted)}
        add = [want[key] for key in want if key not in have]
        remove = [have[key] for key in have if key not in want]
        try:
            self._authorize(add)
        except CloudError as error:
            # At the limit of rules there is no way but to make room first.
            ignoring({"RulesPerSecurityGroupLimitExceeded"}, error)
            self._revoke(remove)
            self._authorize(add)
        else:
            self._revoke(remove)
        self._describe(
            [
                want[key]
                for key in want
                if key in have
                and (want[key].get("Description") or "") != (have[key].get("Description") or "")
            ]
        )

    def _authorize(self, rules: Sequence[Mapping[str, Any]]) -> None:
        if not rules:
            return
        try:
            self._call(f"authorize_security_group_{self.direction.word}", rules)
        except CloudError as error:
            ignoring({"InvalidPermission.Duplicate"}, error)
            # One of them was there: the call did nothing as a whole.
            for rule in rules:
                try:
                    self._call(f"authorize_security_group_{self.direction.word}", [rule])
                except CloudError as again:
                    ignoring({"InvalidPermission.Duplicate"}, again)

    def _revoke(self, rules: Sequence[Mapping[str, Any]]) -> None:
        for rule in rules:
            try:
                self._call(f"revoke_security_group_{self.direction.word}", [rule])
            except CloudError as error:
                ignoring({"InvalidPermission.NotFound"}, error)

    def _describe(self, rules: Sequence[Mapping[str, Any]]) -> None:
        if rules:
            self._call(f"update_security_group_rule_descriptions_{self.direction.word}", rules)

    def _call(self, operation: str, rules: Sequence[Mapping[str, Any]]) -> None:
        permissions = [permission(rule, self.direction) for rule in rules]
        self.aws.call("ec2", operation, GroupId=self.group_id, IpPermissions=permissions)


def _write_rules(
    aws: Connection, operation: Operation, group: Mapping[str, Any], touched: frozenset[str]
) -> None:
    for direction in (INGRESS, EGRESS):
        if direction.property not in touched:
            continue
        wanted: Any = operation.properties.get(direction.property)
        if wanted is None:
            wanted = ALLOW_ALL if direction is EGRESS else []
        _Sync(aws, group["GroupId"], direction).make(rules_of(group, direction), wanted)


def _group_name(operation: Operation) -> str:
    return str(operation.properties.get("GroupName") or generated_name(operation, LONGEST_NAME))


def _existing(aws: Connection, group_id: str) -> Mapping[str, Any]:
    group = next(described(aws, *_CALL, "group-id", [group_id]), None)
    if group is None:
        raise CloudError(f"security group {group_id} is gone", code="InvalidGroup.NotFound")
    return group


def _default_vpc(aws: Connection) -> str | None:
    for vpc in described(aws, "describe_vpcs", "Vpcs", "is-default", ["true"]):
        return str(vpc["VpcId"])
    return None


def _users(aws: Connection, group_id: str) -> str:
    interfaces = described(
        aws, "describe_network_interfaces", "NetworkInterfaces", "group-id", [group_id]
    )
    names = [
        f"{one['NetworkInterfaceId']} ({one.get('Description') or one.get('Status', '')})"
        for one in interfaces
    ]
    return (
        "network interfaces " + ", ".join(names[:5]) if names else "rules of other groups name it"
    )


def _properties(group: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "Id": group["GroupId"],
        "GroupId": group["GroupId"],
        "GroupName": group["GroupName"],
        "GroupDescription": group["Description"],
        "VpcId": group.get("VpcId", ""),
        "SecurityGroupIngress": rules_of(group, INGRESS),
        "SecurityGroupEgress": rules_of(group, EGRESS),
        "Tags": list(group.get("Tags", ())),
    }


def normalise_security_group(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    """The group's properties as they are compared."""
    return {
        key: normalised_rules(value) if key in (INGRESS.property, EGRESS.property) else value
        for key, value in properties.items()
    }


def _refine(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    # The registry wants VpcId beside SecurityGroupEgress, from the days when a group could live
    # outside every VPC. Today the default is a VPC, which has egress rules.
    needs = {
        key: value
        for key, value in schema.get("dependentRequired", {}).items()
        if key != EGRESS.property
    }
    rest = {key: value for key, value in schema.items() if key != "dependentRequired"}
    return rest | ({"dependentRequired": needs} if needs else {})


SECURITY_GROUP = NativeType(
    declaration=Declaration(
        name="AWS::EC2::SecurityGroup",
        handled=frozenset(
            {"/GroupDescription", "/GroupName", "/VpcId", "/Tags"}
            | {
                f"/{direction.property}/*/{key}"
                for direction in (INGRESS, EGRESS)
                for key in (*RULE_KEYS, direction.group, direction.prefix_list)
            }
            | {"/SecurityGroupIngress/*/SourceSecurityGroupOwnerId"}
        ),
        sets=frozenset({"/SecurityGroupIngress", "/SecurityGroupEgress"}),
        removals={
            "/SecurityGroupIngress": Removal(default=[], says="nothing may come in"),
            "/SecurityGroupEgress": Removal(
                default=ALLOW_ALL, says="AWS's own rule comes back: everything may go out"
            ),
            "/Tags": TAGS_REMOVAL,
        },
        normalise=normalise_security_group,
        natural_key=("GroupName",),
        refine=_refine,
    ),
    handler=SecurityGroupHandler(),
)
