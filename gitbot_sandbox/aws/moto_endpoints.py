"""Add what moto's VPC endpoints lack: states, defaults, changes, interfaces of the service's. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_VpcEndpoint.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models.vpcs import VPCEndPoint
from moto.ec2.responses.vpcs import VPCs
from moto.ec2.utils import random_private_ip

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import moving_on, pass_through, set_state
from gitbot_sandbox.aws.tokens import once_by_token


def patch() -> None:
    """Make the patches of this module."""
    wrap(VPCs, "create_vpc_endpoint", _made)
    wrap(VPCs, "create_vpc_endpoint", once_by_token)
    wrap(VPCs, "modify_vpc_endpoint", _modified)
    wrap(VPCs, "delete_vpc_endpoints", _ends)
    wrap(VPCs, "describe_vpc_endpoints", moving_on("vpc_end_points"))
    wrap(VPCEndPoint, "get_filter_value", _filters)


def _made(original: Any) -> Any:
    """Defects: an endpoint without a type has none; the default group of the network is not given to
    its interfaces, which are nobody's; private names are given in a network without them; a route table
    has routes to one service through several endpoints."""

    @wraps(original)
    def create_vpc_endpoint(self: Any) -> Any:
        backend, kind = self.ec2_backend, self._get_param("VpcEndpointType") or "Gateway"
        _check_names(backend, self._get_param("VpcId"), self._get_bool_param("PrivateDnsEnabled"))
        if kind == "Gateway" and (
            self._get_param("SubnetIds") or self._get_param("SecurityGroupIds")
        ):
            raise EC2ClientError(
                "InvalidParameter", "Subnet IDs are only supported for Interface endpoints."
            )
        if kind == "Gateway":
            _check_routes(
                backend, self._get_param("ServiceName"), self._get_param("RouteTableIds", [])
            )
        answer = original(self)
        endpoint = answer.result["VpcEndpoint"]
        endpoint.vpc_endpoint_type = kind
        endpoint.ip_address_type = self._get_param("IpAddressType") or "ipv4"
        if kind == "Gateway":
            endpoint.private_dns_enabled = False
        elif not endpoint.security_group_ids:
            group = backend.get_default_security_group(endpoint.vpc_id)
            endpoint.security_group_ids = [group.id]
        _own_interfaces(backend, endpoint)
        pass_through(endpoint, "pending", set_state(endpoint, "available"))
        return answer

    return create_vpc_endpoint


def _check_names(backend: Any, vpc_id: str, wanted: bool | None) -> None:
    vpc = backend.get_vpc(vpc_id)
    flags = (vpc.enable_dns_support, vpc.enable_dns_hostnames)
    if wanted and not all(str(one).lower() == "true" for one in flags):
        raise EC2ClientError(
            "InvalidParameter",
            "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC "
            f"attributes set to true for {vpc_id}",
        )


def _check_routes(backend: Any, service: str, tables: list[str]) -> None:
    """https://docs.aws.amazon.com/vpc/latest/privatelink/gateway-endpoints.html"""
    for other in backend.vpc_end_points.values():
        taken = set(tables) & set(other.route_table_ids or ())
        if taken and other.service_name == service and other.state != "deleted":
            raise EC2ClientError(
                "RouteAlreadyExists",
                f"route table {min(taken)} already has a route with destination-prefix-list-id "
                f"{other.destination_prefix_list_id}",
            )


def _own_interfaces(backend: Any, endpoint: Any) -> None:
    groups = [backend.get_security_group_from_id(one) for one in endpoint.security_group_ids]
    for one in endpoint.network_interface_ids:
        interface = backend.enis[one]
        interface.description = f"VPC Endpoint Interface {endpoint.id}"
        interface.interface_type, interface.requester_managed = "vpc_endpoint", True
        interface.status, interface._group_set = "in-use", groups


def _modified(original: Any) -> Any:
    """Defects: private names, the type of addresses and ResetPolicy are ignored; routes and interfaces
    do not follow route tables and subnets.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVpcEndpoint.html
    """

    @wraps(original)
    def modify_vpc_endpoint(self: Any) -> Any:
        backend = self.ec2_backend
        [endpoint] = backend.describe_vpc_endpoints([self._get_param("VpcEndpointId")])
        if len(self.params) == 1:
            raise EC2ClientError("MissingParameter", "The request must include a change.")
        _check_names(backend, endpoint.vpc_id, self._get_bool_param("PrivateDnsEnabled"))
        tables, subnets = list(endpoint.route_table_ids), list(endpoint.subnet_ids or ())
        answer = original(self)
        if self._get_bool_param("ResetPolicy"):
            endpoint.policy_document = VPCEndPoint.DEFAULT_POLICY
        if self._get_bool_param("PrivateDnsEnabled") is not None:
            endpoint.private_dns_enabled = self._get_bool_param("PrivateDnsEnabled")
        endpoint.ip_address_type = self._get_param("IpAddressType") or endpoint.ip_address_type
        _follow_tables(backend, endpoint, tables)
        _follow_subnets(backend, endpoint, subnets)
        _own_interfaces(backend, endpoint)
        return answer

    return modify_vpc_endpoint


def _follow_tables(backend: Any, endpoint: Any, before: list[str]) -> None:
    prefixes = endpoint.destination_prefix_list_id
    for table in endpoint.route_table_ids if prefixes else ():
        if table not in before:
            backend.create_route(
                table, None, gateway_id=endpoint.id, destination_prefix_list_id=prefixes
            )
    for table in before if prefixes else ():
        if table not in endpoint.route_table_ids:
            backend.delete_route(table, prefixes)


def _follow_subnets(backend: Any, endpoint: Any, before: list[str]) -> None:
    if endpoint.vpc_endpoint_type == "Gateway":
        return
    kept = [one for one in endpoint.network_interface_ids if one in backend.enis]
    for one in list(kept):
        if backend.enis[one].subnet.id not in endpoint.subnet_ids:
            backend.enis.pop(one)
            kept.remove(one)
    for net in endpoint.subnet_ids:
        if net not in before:
            block = backend.get_subnet(net).cidr_block
            kept.append(backend.create_network_interface(net, random_private_ip(block)).id)
    endpoint.network_interface_ids = kept


def _ends(original: Any) -> Any:
    """Defects: an endpoint is gone at once, and one that never was is deleted, too.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteVpcEndpoints.html
    """

    @wraps(original)
    def delete_vpc_endpoints(self: Any) -> Any:
        refused = []
        for one in self._get_param("VpcEndpointIds", []):
            endpoint = self.ec2_backend.vpc_end_points.get(one)
            if endpoint is None:
                message = f"The Vpc Endpoint Id '{one}' does not exist"
                error = {"Code": "InvalidVpcEndpoint.NotFound", "Message": message}
                refused.append({"ResourceId": one, "Error": error})
            elif endpoint.state not in ("deleting", "deleted"):
                self.ec2_backend.delete_vpc_endpoints(vpce_ids=[one])
                pass_through(endpoint, "deleting", set_state(endpoint, "deleted"))
        return ActionResult({"Unsuccessful": refused})

    return delete_vpc_endpoints


def _filters(original: Any) -> Any:
    """Defect: endpoints cannot be searched by their identifiers."""

    @wraps(original)
    def get_filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
        return self.id if filter_name == "vpc-endpoint-id" else original(self, filter_name)

    return get_filter_value
