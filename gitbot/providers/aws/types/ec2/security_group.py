"""AWS::EC2::SecurityGroup over the EC2 API. Shell.

GroupDescription, GroupName (generated when absent), VpcId (the default VPC when absent): replace.
SecurityGroupIngress, SecurityGroupEgress: sets of rules, changed in place, new ones first. Egress
that was never declared is AWS's allow-all and is left alone; ``[]`` is none; taken out of a spec, it
becomes AWS's allow-all again, over IPv6 too where the VPC has a block. Tags.
Attributes: Id, GroupId.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError, ConflictError
from gitbot.model.cloud import Operation
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.model.schema import SelfReference
from gitbot.providers.aws.native import Declaration, Index, NativeType
from gitbot.providers.aws.observations import observations
from gitbot.providers.aws.refining import refining, together
from gitbot.providers.aws.refusals import in_use
from gitbot.providers.aws.rights import Rights
from gitbot.providers.aws.surfaces import TAGS_REMOVAL, declared, removals_of, write_surfaces
from gitbot.providers.aws.tagging import EC2_TAGS, Marks, found, generated_name, tag_map
from gitbot.providers.aws.types.ec2.common import (
    ignoring,
    put_tags,
    tag_specifications,
    update_tags,
)
from gitbot.providers.aws.types.ec2.family import EC2, Ec2Listing
from gitbot.providers.aws.types.ec2.rule_lists import GROUPS, SURFACES
from gitbot.providers.aws.types.ec2.rules import (
    EGRESS,
    INGRESS,
    ITSELF,
    RULE_KEYS,
    keys_of,
    limits_of_rules,
    normalised_rules,
    rules_of,
)
from gitbot.providers.aws.types.ec2.users import users_of_group

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

LONGEST_NAME = 255
_INSTEAD = "group-"
"""Comes before generated names that would begin as EC2's identifiers do."""
_DEFAULT_VPCS = Ec2Listing("describe_vpcs", "Vpcs", by="is-default")
GONE = frozenset({"InvalidGroup.NotFound", "InvalidGroupId.NotFound"})


class SecurityGroupHandler:
    """Security groups; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        groups = GROUPS.by_id(aws, [request.remote_id for request in requests])
        return observations(requests, {group["GroupId"]: _properties(group) for group in groups})

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
        present = self.find(aws, replace(operation, asked=True))
        if present is not None and present.operation == operation.token:
            return present.remote_id  # our own call made it, and its answer was lost
        where = properties.get("VpcId") or "the default VPC"
        taken = f"`lifecycle: {{import: {present.remote_id}}}`" if present else "`lifecycle.import`"
        raise ConflictError(
            f"{operation.address}: {where} has a security group named {name} already. Choose "
            f"another GroupName, or take that group over with {taken}."
        )

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        properties = operation.properties
        write_surfaces(aws, remote_id, SURFACES, properties, declared(properties))

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        touched = operation.changed | operation.removed
        write_surfaces(aws, remote_id, SURFACES, operation.properties, touched)
        if "Tags" in touched:
            update_tags(aws, operation, remote_id)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        try:
            aws.call("ec2", "delete_security_group", GroupId=remote_id)
        except CloudError as error:
            if error.code in EC2.busy:
                raise in_use(
                    f"security group {remote_id}", users_of_group(aws, remote_id), error
                ) from error
            ignoring(GONE, error)

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        for group in GROUPS.by_operation(aws, operation) if operation.asked else ():
            return found(group["GroupId"], tag_map(group.get("Tags")))
        if not operation.properties.get("GroupName"):
            return None  # its name is generated, and gitbot tags what it names
        for group in GROUPS.by_key(aws, operation):  # compares the name
            vpc = operation.properties.get("VpcId") or _default_vpc(aws)
            if vpc in (None, group.get("VpcId")):
                return found(group["GroupId"], tag_map(group.get("Tags")))
        return None

    def tagged(self, aws: Connection, marks: Marks) -> Iterator[Found]:
        for group in GROUPS.by_marks(aws, marks):
            yield found(group["GroupId"], tag_map(group.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        put_tags(aws, remote_id, operation.ownership)


def _group_name(operation: Operation) -> str:
    given = operation.properties.get("GroupName")
    if given:
        return str(given)
    generated = generated_name(operation, LONGEST_NAME - len(_INSTEAD))
    return f"{_INSTEAD}{generated}" if generated.startswith("sg-") else generated


def _default_vpc(aws: Connection) -> str | None:
    for vpc in _DEFAULT_VPCS.by_id(aws, ["true"]):
        return str(vpc["VpcId"])
    return None


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
    """The properties in the form for comparison."""
    return {
        key: normalised_rules(value) if key in (INGRESS.property, EGRESS.property) else value
        for key, value in properties.items()
    }


def _refine(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    # The registry wants VpcId beside SecurityGroupEgress, because a group could once be outside
    # every VPC. Today a group without VpcId is in the default VPC, and has egress rules.
    needs = {
        key: value
        for key, value in schema.get("dependentRequired", {}).items()
        if key != EGRESS.property
    }
    rest = {key: value for key, value in schema.items() if key != "dependentRequired"}
    return rest | ({"dependentRequired": needs} if needs else {})


_LIMITS = {
    **limits_of_rules(INGRESS, f"/{INGRESS.property}/*"),
    **limits_of_rules(EGRESS, f"/{EGRESS.property}/*"),
    **{
        f"/{one.property}/*/{one.group}": {
            "format": "",
            "anyOf": [{"format": "AWS::EC2::SecurityGroup.Id"}, {"const": ITSELF}],
        }
        for one in (INGRESS, EGRESS)
    },
    "/GroupName": {
        "maxLength": LONGEST_NAME,
        "not": {
            "pattern": "^sg-",
            "title": "begins with sg-, which EC2 keeps for the identifiers of groups",
        },
    },
}


RIGHTS = Rights.of(
    "ec2",
    reads=("Describe*",),
    makes="CreateSecurityGroup",
    removes="DeleteSecurityGroup",
    writes=(
        "AuthorizeSecurityGroupEgress",
        "AuthorizeSecurityGroupIngress",
        "CreateSecurityGroup",
        "CreateTags",
        "DeleteSecurityGroup",
        "DeleteTags",
        "RevokeSecurityGroupEgress",
        "RevokeSecurityGroupIngress",
        "UpdateSecurityGroupRuleDescriptionsEgress",
        "UpdateSecurityGroupRuleDescriptionsIngress",
    ),
)

SECURITY_GROUP = NativeType(
    declaration=Declaration(
        name="AWS::EC2::SecurityGroup",
        rights=RIGHTS,
        index=Index("ec2:security-group"),
        tag_limits=EC2_TAGS,
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
        removals={**removals_of(SURFACES), "/Tags": TAGS_REMOVAL},
        filled=frozenset({"/SecurityGroupIngress/*/SourceSecurityGroupOwnerId"}),
        normalise=normalise_security_group,
        natural_key=("GroupName",),
        name_within=("VpcId",),
        refuses_taken=True,
        kept_in_use=True,
        twins={f"/{one.property}": keys_of(one) for one in (INGRESS, EGRESS)},
        itself=SelfReference(
            attributes=frozenset({"GroupId", "Id"}),
            within=frozenset({f"/{one.property}" for one in (INGRESS, EGRESS)}),
            word=ITSELF,
        ),
        refine=together(_refine, refining(_LIMITS)),
    ),
    handler=SecurityGroupHandler(),
)
