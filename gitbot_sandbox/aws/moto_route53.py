"""Make moto's hosted zones refuse, keep and show what Route 53 does. Shell.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_DeleteHostedZone.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any
from uuid import uuid4

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import PASSING

_MOST = 10
"""How many tags a call takes."""


def patch() -> None:
    """Make all patches of this module."""
    from moto.route53.models import Route53Backend as Backend
    from moto.route53.responses import Route53 as Response

    wrap(Backend, "create_hosted_zone", _one_of_a_reference)
    wrap(Backend, "delete_hosted_zone", _with_what_it_has)
    wrap(Backend, "change_tags_for_resource", _few_at_a_time)
    wrap(Backend, "list_query_logging_configs", _of_the_zone)
    wrap(Backend, "create_query_logging_config", _any_form)
    wrap(Response, "get_change", _carried_out)
    for call in ("create_hosted_zone", "delete_hosted_zone", "change_resource_record_sets"):
        wrap(Response, call, _accepted)


def _refusal(code: str, message: str) -> Exception:
    """An error of Route 53."""
    from moto.route53.exceptions import Route53ClientError

    return Route53ClientError(code, message)


def _one_of_a_reference(original: Any) -> Any:
    """Defects: a reference may be used twice, a network may be missing, and have two zones of a name."""

    def create(self: Any, name: str, **asked: Any) -> Any:
        reference, network = asked.get("caller_reference"), asked.get("vpcid")
        if reference is not None and any(
            one.caller_reference == reference for one in self.zones.values()
        ):
            raise _refusal(
                "HostedZoneAlreadyExists",
                f"A hosted zone has already been created with the specified caller reference: {reference}",
            )
        if network is not None:
            _check_network(self, name, network, asked["vpcregion"])
        return original(self, name.lower(), **asked)

    return create


def _check_network(backend: Any, name: str, network: str, region: str) -> None:
    from moto.ec2.models import ec2_backends
    from moto.route53.exceptions import InvalidVPCId

    if network not in ec2_backends[backend.account_id][region].vpcs:
        raise InvalidVPCId()
    for zone in backend.zones.values():
        if zone.name == name and any(one["vpc_id"] == network for one in zone.vpcs):
            raise _refusal(
                "ConflictingDomainExists",
                f"The VPC {network} in region {region} has already been associated with the hosted zone "
                f"{zone.resource_id} with the same domain name.",
            )


def _with_what_it_has(original: Any) -> Any:
    """Defects: a zone of a part that others answer for is deleted, and tags and logging stay."""

    def delete(self: Any, id_: str) -> Any:
        from moto.route53.exceptions import HostedZoneNotEmpty

        zone = self.get_hosted_zone(id_)
        if any(one.name.strip(".") != zone.name.strip(".") for one in zone.rrsets):
            raise HostedZoneNotEmpty()
        gone = original(self, id_)
        self.resource_tags.pop(zone.resource_id, None)
        for one in list(self.query_logging_configs.values()):
            if one.hosted_zone_id == zone.resource_id:
                del self.query_logging_configs[one.id]
        return gone

    return delete


def _few_at_a_time(original: Any) -> Any:
    """Defect: a call takes any number of tags."""

    def change(self: Any, kind: str, own: str, add_tags: Any, remove_tag_keys: Any) -> None:
        if max(len(add_tags or ()), len(remove_tag_keys or ())) > _MOST:
            raise _refusal("InvalidInput", f"Member must have length less than or equal to {_MOST}")
        original(self, kind, own, add_tags, remove_tag_keys)

    return change


def _of_the_zone(original: Any) -> Any:
    """Defect: a zone is not known by its identifier, and those of others are listed, too."""

    @wraps(original)
    def configs(self: Any, *, hosted_zone_id: str | None = None, **pages: Any) -> Any:
        if hosted_zone_id is not None:
            self.get_hosted_zone(hosted_zone_id)
        found, token = original(self, **pages)
        return [one for one in found if hosted_zone_id in (None, one.hosted_zone_id)], token

    return configs


def _any_form(original: Any) -> Any:
    """Defect: the ARN of a log group is wanted with an end that AWS's does not have."""

    def create(self: Any, hosted_zone_id: str, log_group_arn: str) -> Any:
        made = original(self, hosted_zone_id, f"{log_group_arn.removesuffix(':*')}:*")
        made.cloud_watch_logs_log_group_arn = log_group_arn
        return made

    return create


def _accepted(original: Any) -> Any:
    """Defect: every change is carried out at once; here ``PASSING`` says how often it is asked for."""

    def call(self: Any) -> Any:
        answer = original(self)
        if PASSING.describes:
            name = f"C{uuid4().hex[:20].upper()}"
            _changes(self.backend)[name] = PASSING.describes
            change = {**answer.result["ChangeInfo"]} if "ChangeInfo" in answer.result else {}
            answer.result["ChangeInfo"] = {**change, "Id": f"/change/{name}", "Status": "PENDING"}
        return answer

    return call


def _changes(backend: Any) -> dict[str, int]:
    changes: dict[str, int] = backend.__dict__.setdefault("passing_changes", {})
    return changes


def _carried_out(original: Any) -> Any:
    def get_change(self: Any) -> Any:
        answer = original(self)
        name = str(self._get_param("Id")).removeprefix("/change/")
        left = _changes(self.backend).get(name, 0)
        if left:
            _changes(self.backend)[name] = left - 1
            answer.result["ChangeInfo"]["Status"] = "PENDING"
        return answer

    return get_change
