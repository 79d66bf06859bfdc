"""Add what moto's sets of DHCP options, network ACLs, private gateways and routes to machines lack. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import DependencyViolationError, EC2ClientError
from moto.ec2.models import EC2Backend, ec2_backends
from moto.ec2.models.network_acls import NetworkAcl
from moto.ec2.models.route_tables import Route
from moto.ec2.responses.dhcp_options import DHCPOptions
from moto.ec2.responses.network_acls import NetworkACLs

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tag_index import ec2_objects, index
from gitbot_sandbox.aws.tokens import once_by_token


def patch() -> None:
    """Make the patches of this module."""
    wrap(DHCPOptions, "create_dhcp_options", _tagged)
    wrap(EC2Backend, "delete_dhcp_options_set", _unused)
    wrap(EC2Backend, "delete_network_acl", _not_the_default)
    wrap(NetworkACLs, "create_network_acl", once_by_token)
    wrap(NetworkAcl, "get_filter_value", _by_identifier)
    wrap(Route, "network_interface_id", _of_the_machine)
    wrap(EC2Backend, "attach_vpn_gateway", _one_private_gateway)
    sets = ec2_objects("dhcp-options", lambda ec2: ec2.dhcp_options_sets.values())
    acls = ec2_objects("network-acl", lambda ec2: ec2.network_acls.values())
    index(ec2_backends, "ec2:dhcp-options", sets)
    index(ec2_backends, "ec2:network-acl", acls)


def _tagged(original: Any) -> Any:
    """Defects: a set without options is made, and one has no tags from the start."""

    @wraps(original)
    def create_dhcp_options(self: Any) -> Any:
        if not self._get_param("DhcpConfigurations"):
            raise EC2ClientError(
                "MissingParameter", "The request must contain the parameter dhcpConfigurations"
            )
        answer = original(self)
        tags = self._parse_tag_specification().get("dhcp-options", {})
        answer.result["DhcpOptions"].add_tags(tags)
        return answer

    return create_dhcp_options


def _unused(original: Any) -> Any:
    """Defect: only the last VPC that got the options counts."""

    @wraps(original)
    def delete_dhcp_options_set(self: Any, options_id: str | None) -> None:
        for vpc in self.vpcs.values():
            if vpc.dhcp_options is not None and vpc.dhcp_options.id == options_id:
                raise DependencyViolationError(
                    f"The dhcpOptions '{options_id}' has dependencies and cannot be deleted."
                )
        original(self, options_id)

    return delete_dhcp_options_set


def _by_identifier(original: Any) -> Any:
    """Defect: ACLs are not filtered by their identifiers."""

    @wraps(original)
    def get_filter_value(self: Any, filter_name: str, method_name: Any = None) -> Any:
        return self.id if filter_name == "network-acl-id" else original(self, filter_name)

    return get_filter_value


def _not_the_default(original: Any) -> Any:
    """Defect: the default ACL of a network can be deleted."""

    @wraps(original)
    def delete_network_acl(self: Any, network_acl_id: str) -> Any:
        acl = self.network_acls.get(network_acl_id)
        if acl is not None and acl.default and acl.vpc_id in self.vpcs:
            raise EC2ClientError(
                "InvalidParameterValue", f"cannot delete default network ACL {network_acl_id}"
            )
        return original(self, network_acl_id)

    return delete_network_acl


def _of_the_machine(original: Any) -> Any:
    """Defect: a route to a machine does not show its first interface.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Route.html
    """

    def network_interface_id(self: Any) -> str | None:
        machine = None if self.instance is None else self.instance.nics.get(0)
        interface = machine or self.interface
        return None if interface is None else str(interface.id)

    return property(network_interface_id)


def _one_private_gateway(original: Any) -> Any:
    """Defects: a private gateway leaves one network for another, and a network takes several.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
    """

    @wraps(original)
    def attach_vpn_gateway(self: Any, vpn_gateway_id: str, vpc_id: str) -> Any:
        own = self.get_vpn_gateway(vpn_gateway_id)
        if any(network != vpc_id for network in _attached(own)):
            raise EC2ClientError(
                "VpnGatewayAttachmentLimitExceeded",
                "The maximum number of attachments has been reached.",
            )
        others = (one for one in self.vpn_gateways.values() if one is not own)
        if any(vpc_id in _attached(one) for one in others):
            raise EC2ClientError(
                "InvalidVpcState",
                f"VPC {vpc_id} is currently attached to the Virtual Private Gateway.",
            )
        return original(self, vpn_gateway_id, vpc_id)

    return attach_vpn_gateway


def _attached(gateway: Any) -> list[str]:
    return [
        network for network, one in gateway.attachments.items() if one.state.startswith("attach")
    ]
