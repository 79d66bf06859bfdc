"""Make moto's load balancers refuse, keep and show what AWS does. Shell.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
"""

from __future__ import annotations

from typing import Any

from gitbot_sandbox.aws.moto_patch import by_name, wrap
from gitbot_sandbox.aws.states import begin, described

_KINDS = ("ipv4", "dualstack", "dualstack-without-public-ipv4")
_PLACES = ("AllocationId", "PrivateIPv4Address", "IPv6Address")
_ATTRIBUTES = {
    "access_logs.s3.enabled": "false",
    "idle_timeout.timeout_seconds": "60",
    "routing.http2.enabled": "true",
}


def patch() -> None:
    """Make all patches of this module."""
    from moto.elbv2.models import ELBv2Backend as Backend
    from moto.elbv2.models import FakeLoadBalancer

    wrap(Backend, "create_load_balancer", _one_of_a_name)
    wrap(Backend, "describe_load_balancers", _all_there)
    wrap(Backend, "set_subnets", _of_any_type)
    wrap(Backend, "set_ip_address_type", _any_kind)
    wrap(Backend, "delete_load_balancer", _unless_protected)
    wrap(FakeLoadBalancer, "availability_zones", _with_addresses)


def _refusal(code: str, message: str) -> Exception:
    from moto.elbv2.exceptions import ELBClientError

    return ELBClientError(code, message)


def _one_of_a_name(original: Any) -> Any:
    """Defects: a name may be taken twice and begin with ``internal-``, a subnet or a group that is wrong is taken,
    addresses are dropped, some attributes are not shown, and a load balancer is active at once."""

    def create(self: Any, *given: Any, **named: Any) -> Any:
        asked = by_name(original, *given, **named)
        _check_name(asked["name"])
        settings = {name: value for name, value in asked.items() if name != "tags"}
        for one in self.load_balancers.values():
            if one.name == asked["name"]:
                if one.made_with == settings:
                    return one
                raise _refusal(
                    "DuplicateLoadBalancerName", f"A load balancer named '{one.name}' exists"
                )
        mappings = asked.get("subnet_mappings") or []
        subnets = [*asked["subnet_ids"], *(one["SubnetId"] for one in mappings)]
        application = asked.get("loadbalancer_type") in (None, "application")
        _check_subnets(self, subnets, application)
        groups = asked["security_groups"] or []
        for group in groups:
            _check_group(self, group)
        made = original(self, **{**asked, "scheme": asked.get("scheme") or "internet-facing"})
        made.made_with = settings
        made.attrs = {**_ATTRIBUTES, **made.attrs}
        if application and not groups:
            default = self.ec2_backend.get_default_security_group(made.vpc_id)
            made.security_groups = [default.id]
        made.mappings = mappings
        made.state = "provisioning"

        def then(reason: str) -> None:
            made.state = "failed" if reason else "active"

        begin(made, then)
        return made

    return create


def _check_name(name: str) -> None:
    if name.startswith("internal-"):
        raise _refusal(
            "ValidationError", f"The load balancer name '{name}' cannot begin with 'internal-'"
        )


def _check_subnets(backend: Any, subnets: list[str], application: bool) -> None:
    zones = [backend.ec2_backend.get_subnet(one).availability_zone for one in subnets]
    if len(zones) != len(set(zones)):
        raise _refusal(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if application and len(zones) < 2:
        raise _refusal(
            "ValidationError",
            "At least two subnets in two different Availability Zones must be specified",
        )


def _check_group(backend: Any, group: str) -> None:
    if backend.ec2_backend.get_security_group_from_id(group) is None:
        raise _refusal("InvalidSecurityGroup", f"Security group {group} does not exist")


def _with_addresses(original: Any) -> Any:
    """Defect: no address is shown."""

    def availability_zones(self: Any) -> list[Any]:
        zones: list[Any] = original.fget(self)
        for zone in zones:
            own = [one for one in self.mappings if one["SubnetId"] == zone.subnet_id]
            zone.load_balancer_addresses = [
                {name: one[name] for name in _PLACES if name in one} for one in own
            ]
        return zones

    return property(availability_zones)


def _all_there(original: Any) -> Any:
    """Defect: the first load balancer is given again in place of one that is not there."""

    def describe(self: Any, arns: Any, names: Any) -> Any:
        from moto.elbv2.exceptions import LoadBalancerNotFoundError

        has = {one.name for one in self.load_balancers.values()}
        if set(arns or ()) - set(self.load_balancers) or set(names or ()) - has:
            raise LoadBalancerNotFoundError()
        states = {one.arn: one.state for one in self.load_balancers.values()}
        found = original(self, arns, names)
        for one in found:
            one.state = states[one.arn]
            described(one)
        return found

    return describe


def _of_any_type(original: Any) -> Any:
    """Defect: a network load balancer needs two zones, too."""

    def set_subnets(self: Any, arn: str, subnets: list[str], mappings: list[Any]) -> Any:
        [balancer] = self.describe_load_balancers([arn], None)
        wanted = [*subnets, *(one["SubnetId"] for one in mappings)]
        _check_subnets(self, wanted, balancer.type == "application")
        balancer.subnets = [self.ec2_backend.get_subnet(one) for one in wanted]
        balancer.mappings = mappings
        return balancer.availability_zones

    return set_subnets


def _any_kind(original: Any) -> Any:
    """Defect: addresses without public IPv4 are refused."""

    def set_ip_address_type(self: Any, arn: str, kind: str) -> None:
        original(self, arn, "ipv4")
        if kind not in _KINDS:
            raise _refusal("ValidationError", f"'{kind}' is no type of addresses")
        self.load_balancers[arn].ip_address_type = kind

    return set_ip_address_type


def _unless_protected(original: Any) -> Any:
    """Defects: a protected load balancer is deleted, and tags and uses of what is deleted stay."""

    def delete(self: Any, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is None:
            return
        if balancer.attrs.get("deletion_protection.enabled") == "true":
            raise _refusal(
                "OperationNotPermitted",
                f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled",
            )
        for group in self.target_groups.values():
            group.load_balancer_arns = [one for one in group.load_balancer_arns if one != arn]
        self.tagging_service.delete_all_tags_for_resource(arn)
        original(self, arn)

    return delete
