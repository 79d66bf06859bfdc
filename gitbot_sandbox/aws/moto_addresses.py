"""Add what moto's elastic addresses lack: values that read back, and refusals of what is in use. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import EC2Backend
from moto.ec2.models.instances import Instance
from moto.ec2.responses.elastic_ip_addresses import ElasticIPAddresses

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make the patches of this module."""
    wrap(ElasticIPAddresses, "allocate_address", _pool_and_group)
    wrap(EC2Backend, "associate_address", _taken)
    wrap(EC2Backend, "disassociate_address", _a_services_address)
    wrap(EC2Backend, "release_address", _associated)
    wrap(Instance, "terminate", _freed)


def _pool_and_group(original: Any) -> Any:
    """Defect: an address has neither a pool nor a border group.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_Address.html
    """

    @wraps(original)
    def allocate_address(self: Any) -> Any:
        answer = original(self)
        [address] = self.ec2_backend.address_by_ip([answer.result["PublicIp"]])
        address.network_border_group = self._get_param("NetworkBorderGroup") or self.region
        address.public_ipv4_pool = self._get_param("PublicIpv4Pool") or "amazon"
        answer.result["NetworkBorderGroup"] = address.network_border_group
        answer.result["PublicIpv4Pool"] = address.public_ipv4_pool
        return answer

    return allocate_address


def _named(backend: Any, address: str | None, allocation_id: str | None) -> Any:
    found = (
        backend.address_by_ip([address])
        if address
        else backend.address_by_allocation([allocation_id])
    )
    return found[0]


def is_a_services(interface: Any) -> bool:
    """Whether the interface belongs to a service, such as a NAT gateway."""
    return interface is not None and interface.requester_managed


def _not_yours() -> EC2ClientError:
    return EC2ClientError(
        "AuthFailure", "You do not have permission to access the specified resource."
    )


def _taken(original: Any) -> Any:
    """Defects: the address of a NAT gateway can be given away, or an interface's to an instance;
    what had the address still shows it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AssociateAddress.html
    """

    @wraps(original)
    def associate_address(
        self: Any,
        instance: Any = None,
        eni: Any = None,
        address: str | None = None,
        allocation_id: str | None = None,
        reassociate: bool = False,
    ) -> Any:
        found = _named(self, address, allocation_id)
        if is_a_services(found.eni):
            raise _not_yours()
        other = found.eni is not None and found.eni not in (eni, *_interfaces(instance))
        if other and not reassociate:
            raise EC2ClientError(
                "Resource.AlreadyAssociated",
                f"resource {found.allocation_id} is already associated with associate-id "
                f"{found.association_id}",
            )
        if other:
            found.eni.public_ip = None
        return original(self, instance, eni, address, allocation_id, reassociate)

    return associate_address


def _interfaces(instance: Any) -> tuple[Any, ...]:
    return () if instance is None else tuple(instance.nics.values())


def _a_services_address(original: Any) -> Any:
    """Defect: the address of a NAT gateway can be taken off it."""

    @wraps(original)
    def disassociate_address(
        self: Any, address: str | None = None, association_id: str | None = None
    ) -> None:
        found = (
            self.address_by_ip([address])
            if address
            else self.address_by_association([association_id])
        )
        if is_a_services(found[0].eni):
            raise _not_yours()
        original(self, address=address, association_id=association_id)

    return disassociate_address


def _associated(original: Any) -> Any:
    """Defect: an address can be released while something has it.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ReleaseAddress.html
    """

    @wraps(original)
    def release_address(
        self: Any, address: str | None = None, allocation_id: str | None = None
    ) -> None:
        found = _named(self, address, allocation_id)
        if is_a_services(found.eni):
            raise _not_yours()
        if found.association_id:
            raise EC2ClientError("InvalidIPAddress.InUse", f"Address {found.public_ip} is in use.")
        original(self, address=address, allocation_id=allocation_id)

    return release_address


def _freed(original: Any) -> Any:
    """Defect: a terminated instance keeps its elastic address."""

    @wraps(original)
    def terminate(self: Any) -> Any:
        for address in self.ec2_backend.addresses:
            if address.instance is self:
                self.ec2_backend.disassociate_address(address=address.public_ip)
        return original(self)

    return terminate
