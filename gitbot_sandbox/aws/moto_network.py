"""Add what moto's networks lack: refusals of what is in use, rule descriptions. Shell."""

from __future__ import annotations

from functools import wraps
from ipaddress import ip_network
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.security_groups import SecurityGroupRule
from moto.ec2.responses.route_tables import RouteTables
from moto.ec2.responses.security_groups import SecurityGroups

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tokens import once_by_token


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "delete_vpc", _vpc_in_use)
    wrap(EC2Backend, "delete_subnet", _subnet_in_use)
    wrap(EC2Backend, "attach_internet_gateway", _one_gateway)
    wrap(EC2Backend, "detach_internet_gateway", _public_addresses)
    wrap(EC2Backend, "associate_route_table", _one_association)
    wrap(EC2Backend, "create_route", _route_of_the_network)
    wrap(RouteTables, "create_route_table", once_by_token)
    wrap(EC2Backend, "_sg_update_description", _description_taken_away)
    wrap(EC2Backend, "revoke_security_group_egress", _ipv6_revoked)
    wrap(SecurityGroupRule, "__init__", _other_protocols)
    wrap(SecurityGroupRule, "description", _described_end)
    wrap(SecurityGroupRule, "__eq__", _same_rule)
    for direction in ("ingress", "egress"):
        name = f"update_security_group_rule_descriptions_{direction}"
        wrap(SecurityGroups, name, _description_by_id)


def _vpc_in_use(original: Any) -> Any:
    """Defect: a VPC with an internet gateway, endpoints or security groups can be deleted.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpc.html
    """

    @wraps(original)
    def delete_vpc(self: Any, vpc_id: str) -> Any:
        groups = [group for group in self.groups.get(vpc_id, {}).values() if not group.is_default]
        gateways = [one for one in self.internet_gateways.values() if one.vpc]
        endpoints = [one for one in self.vpc_end_points.values() if one.state != "deleted"]
        of_vpc = [one.vpc.id for one in gateways] + [one.vpc_id for one in endpoints]
        if groups or vpc_id in of_vpc:
            raise DependencyViolationError(
                f"The vpc '{vpc_id}' has dependencies and cannot be deleted."
            )
        return original(self, vpc_id)

    return delete_vpc


def _subnet_in_use(original: Any) -> Any:
    """Defects: a subnet with network interfaces can be deleted, and its association stays.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteSubnet.html
    """

    @wraps(original)
    def delete_subnet(self: Any, subnet_id: str) -> Any:
        if any(one.subnet_id == subnet_id for one in _live_instances(self)) or any(
            interface.subnet.id == subnet_id for interface in self.get_all_network_interfaces()
        ):
            raise DependencyViolationError(
                f"The subnet '{subnet_id}' has dependencies and cannot be deleted."
            )
        deleted = original(self, subnet_id)
        for table in self.route_tables.values():
            kept = {key: one for key, one in table._associations.items() if one != subnet_id}
            table._associations = kept
        return deleted

    return delete_subnet


def _live_instances(backend: Any) -> list[Any]:
    return [one for one in backend.all_instances() if one.state != "terminated"]


def _one_gateway(original: Any) -> Any:
    """Defect: several internet gateways can be attached to one VPC."""

    @wraps(original)
    def attach_internet_gateway(self: Any, internet_gateway_id: str, vpc_id: str) -> Any:
        gateway = self.get_internet_gateway(internet_gateway_id)
        taken = [one for one in self.internet_gateways.values() if one.vpc and one is not gateway]
        if not gateway.vpc and any(one.vpc.id == vpc_id for one in taken):
            raise EC2ClientError(
                "InvalidParameterValue",
                f"Network {vpc_id} already has an internet gateway attached",
            )
        return original(self, internet_gateway_id, vpc_id)

    return attach_internet_gateway


def _public_addresses(original: Any) -> Any:
    """Defect: a gateway can be detached while something in the network has a public address."""

    @wraps(original)
    def detach_internet_gateway(self: Any, internet_gateway_id: str, vpc_id: str) -> Any:
        things = (*_live_instances(self), *self.get_all_network_interfaces())
        if any(one.vpc_id == vpc_id and one.public_ip for one in things):
            raise DependencyViolationError(
                f"Network {vpc_id} has some mapped public address(es). Please unmap those public "
                "address(es) before detaching the gateway."
            )
        return original(self, internet_gateway_id, vpc_id)

    return detach_internet_gateway


def _one_association(original: Any) -> Any:
    """Defect: a subnet that has a route table keeps it when another one is associated.

    The call succeeds all the same.
    """

    @wraps(original)
    def associate_route_table(
        self: Any, route_table_id: str, gateway_id: str | None = None, subnet_id: str | None = None
    ) -> Any:
        others = [one for one in self.route_tables.values() if one.id != route_table_id]
        if subnet_id and any(subnet_id in one._associations.values() for one in others):
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {route_table_id} conflicts with an "
                "existing association",
            )
        return original(self, route_table_id, gateway_id, subnet_id)

    return associate_route_table


def _route_of_the_network(original: Any) -> Any:
    """Defects: a route may lead to an internet gateway of another network, and keeps its
    destination.

    EC2 turns the destination into its canonical form.
    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRoute.html
    """

    @wraps(original)
    def create_route(
        self: Any,
        route_table_id: str,
        destination_cidr_block: str | None,
        destination_ipv6_cidr_block: str | None = None,
        *args: Any,
        gateway_id: str | None = None,
        **named: Any,
    ) -> Any:
        gateway = self.internet_gateways.get(gateway_id)
        vpc_id = self.get_route_table(route_table_id).vpc_id
        if gateway is not None and (gateway.vpc is None or gateway.vpc.id != vpc_id):
            raise EC2ClientError(
                "InvalidParameterValue",
                f"route table {route_table_id} and network gateway {gateway_id} belong to "
                "different networks",
            )
        blocks = (destination_cidr_block, destination_ipv6_cidr_block)
        kept = [str(ip_network(one, strict=False)) if one else one for one in blocks]
        return original(self, route_table_id, *kept, *args, gateway_id=gateway_id, **named)

    return create_route


def _other_protocols(original: Any) -> Any:
    """Defect: a rule of a protocol without ports, such as ESP (50), is an internal error."""

    @wraps(original)
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        asked = dict(zip(("ec2_backend", "ip_protocol", "group_id"), args, strict=False)) | named
        protocol = str(asked["ip_protocol"]).lower()
        without = protocol.isdigit() and protocol not in ("1", "6", "17", "58")
        ports = ("from_port", "to_port")
        if without and len(args) > 3:
            args = (*args[:3], -1, -1, *args[5:])
        elif without:
            named = named | dict.fromkeys(ports, -1)
        original(self, *args, **named)
        if without:
            self.from_port = self.to_port = None

    return __init__


def _described_end(original: Any) -> Any:
    """Defect: only rules whose end is a network have a description."""

    def description(self: Any) -> Any:
        return self.ip_range.get("Description") or self.source_group.get("Description")

    return property(description)


def _same_rule(original: Any) -> Any:
    """Defect: two rules that differ only in their description count as two when they name a
    group."""

    @wraps(original)
    def __eq__(self: Any, other: Any) -> Any:
        ends = [(one, one.source_group) for one in (self, other)]
        try:
            for rule, end in ends:
                rule.source_group = {k: v for k, v in end.items() if k != "Description"}
            return original(self, other)
        finally:
            for rule, end in ends:
                rule.source_group = end

    return __eq__


def _description_taken_away(original: Any) -> Any:
    """Defect: an update without a description leaves the former one."""

    @wraps(original)
    def _sg_update_description(self: Any, security_rule: Any, rule: Any) -> None:
        original(self, security_rule, rule)
        for end in ("ip_range", "source_group"):
            if "Description" not in getattr(security_rule, end):
                getattr(rule, end).pop("Description", None)

    return _sg_update_description


def _ipv6_revoked(original: Any) -> Any:
    """Defect: a rule to an IPv6 network stays, unless the VPC has an IPv6 block."""

    @wraps(original)
    def revoke_security_group_egress(self: Any, **asked: Any) -> None:
        networks = [one["CidrIpv6"] for one in asked["ip_ranges"] if "CidrIpv6" in one]
        original(self, **asked)
        group = self.get_security_group_by_name_or_id(asked["group_name_or_id"])
        if group is not None and networks:
            ends = (asked["ip_protocol"], str(asked["from_port"]), str(asked["to_port"]))
            group.egress_rules = [
                rule
                for rule in group.egress_rules
                if rule.ip_range.get("CidrIpv6") not in networks
                or (rule.ip_protocol, str(rule.from_port), str(rule.to_port)) != ends
            ]

    return revoke_security_group_egress


def _description_by_id(original: Any) -> Any:
    """Defect: a rule that is named by its identifier keeps its description.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_UpdateSecurityGroupRuleDescriptionsIngress.html
    """

    @wraps(original)
    def update(self: Any) -> Any:
        changes = self._get_param("SecurityGroupRuleDescriptions", [])
        if not changes:
            return original(self)
        group = self.ec2_backend.get_security_group_from_id(self._get_param("GroupId") or "")
        if group is None:
            raise EC2ClientError("InvalidGroup.NotFound", "The security group does not exist")
        for change in changes:
            rule_id = change["SecurityGroupRuleId"]
            rule = group.get_rule(rule_id)
            if rule is None:
                raise EC2ClientError(
                    "InvalidSecurityGroupRuleId.NotFound",
                    f"The security group rule ID '{rule_id}' does not exist",
                )
            end = rule.source_group or rule.ip_range
            end.pop("Description", None)
            if change.get("Description"):
                end["Description"] = change["Description"]
        return ActionResult({"Return": True})

    return update
