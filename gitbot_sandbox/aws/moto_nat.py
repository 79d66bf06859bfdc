"""Add what moto's NAT gateways lack: states, failures, an interface of the service's, an end. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_NatGateway.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.responses.nat_gateways import NatGateways
from moto.ec2.utils import random_private_ip

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import moving_on, pass_through, set_state
from gitbot_sandbox.aws.tokens import once_by_token


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2Backend, "create_nat_gateway", _becomes_available_or_fails)
    wrap(EC2Backend, "delete_nat_gateway", _ends)
    wrap(NatGateways, "create_nat_gateway", _address_in_the_subnet)
    wrap(NatGateways, "create_nat_gateway", once_by_token)
    wrap(NatGateways, "describe_nat_gateways", moving_on("nat_gateways"))


def _becomes_available_or_fails(original: Any) -> Any:
    """Defects: a gateway is available at once, and also where it could not reach the internet; its
    interface is nobody's."""

    @wraps(original)
    def create_nat_gateway(
        self: Any,
        subnet_id: str,
        allocation_id: str | None,
        tags: Any = None,
        connectivity_type: str | None = None,
    ) -> Any:
        public = (connectivity_type or "public") == "public"
        if public and not allocation_id:
            raise EC2ClientError(
                "MissingParameter", "The request must include the AllocationId parameter."
            )
        failure = _failure(self, subnet_id, allocation_id) if public else None
        gateway = original(
            self,
            subnet_id,
            allocation_id if failure is None else None,
            tags,
            "public" if public else "private",
        )
        if failure is None:
            _own(gateway._eni, gateway.id)
            pass_through(gateway, "pending", set_state(gateway, "available"))
        else:
            gateway.address_set[0]["allocationId"] = allocation_id
            pass_through(gateway, "pending", lambda _: _fail(self, gateway, *failure))
        return gateway

    return create_nat_gateway


def _failure(backend: Any, subnet_id: str, allocation_id: str | None) -> tuple[str, str] | None:
    """The code and message with which the gateway will fail."""
    [address] = backend.address_by_allocation([allocation_id])
    vpc_id = backend.get_subnet(subnet_id).vpc_id
    gateways = [one for one in backend.internet_gateways.values() if one.vpc]
    if not any(one.vpc.id == vpc_id for one in gateways):
        return "Gateway.NotAttached", f"Network {vpc_id} has no Internet gateway attached"
    if address.association_id:
        return (
            "Resource.AlreadyAssociated",
            f"Elastic IP address {allocation_id} is already associated",
        )
    return None


def _own(interface: Any, gateway_id: str) -> None:
    interface.description = f"Interface for NAT Gateway {gateway_id}"
    interface.interface_type, interface.requester_managed = "nat_gateway", True
    interface.source_dest_check, interface.status = False, "in-use"


def _fail(backend: Any, gateway: Any, code: str, message: str) -> None:
    gateway.state, gateway.failure_code, gateway.failure_message = "failed", code, message
    backend.enis.pop(gateway._eni.id, None)


def _ends(original: Any) -> Any:
    """Defects: a deleted gateway keeps its interface and its address; an unknown one is an error."""

    @wraps(original)
    def delete_nat_gateway(self: Any, nat_gateway_id: str) -> Any:
        gateway = self.nat_gateways.get(nat_gateway_id)
        if gateway is None:
            raise EC2ClientError("NatGatewayNotFound", f"NatGateway {nat_gateway_id} was not found")
        if gateway.state not in ("deleting", "deleted"):
            pass_through(gateway, "deleting", lambda _: _end(self, gateway))
        return gateway

    return delete_nat_gateway


def _end(backend: Any, gateway: Any) -> None:
    gateway.state = "deleted"
    interface = backend.enis.pop(gateway._eni.id, None)
    for address in backend.addresses:
        if interface is not None and address.eni is interface:
            address.eni = address.association_id = None


def _address_in_the_subnet(original: Any) -> Any:
    """Defect: PrivateIpAddress is ignored, and the address that a gateway gets is in no subnet."""

    @wraps(original)
    def create_nat_gateway(self: Any) -> Any:
        answer = original(self)
        gateway = answer.result["NatGateway"]
        block = self.ec2_backend.get_subnet(gateway.subnet_id).cidr_block
        private = self._get_param("PrivateIpAddress") or random_private_ip(block)
        gateway.address_set[0]["privateIp"] = private
        gateway._eni.private_ip_address = private
        gateway._eni.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": private}]
        return answer

    return create_nat_gateway
