"""Make moto's target groups refuse, keep and show what AWS does. Shell.

https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
"""

from __future__ import annotations

from typing import Any

from gitbot_sandbox.aws.moto_patch import forgets_tags, wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.elbv2.models import ELBv2Backend as Backend
    from moto.elbv2.models import FakeHealthStatus, FakeTargetGroup
    from moto.elbv2.responses import ELBV2Response as Response

    wrap(Backend, "create_target_group", _same_or_refused)
    wrap(Backend, "modify_target_group", _switches)
    forgetful = forgets_tags(lambda _, arn: [arn], tagger="tagging_service")
    wrap(Backend, "delete_target_group", forgetful)
    wrap(Response, "modify_target_group", _any_codes)
    wrap(FakeTargetGroup, "register", _with_zones)
    wrap(FakeTargetGroup, "health_for", _of_its_zone)
    wrap(FakeHealthStatus, "target", _shown_with_zone)


def _same_or_refused(original: Any) -> Any:
    """Defects: creating a group again with the same settings is refused, switches of a check are lost, and paths
    are not those of the protocol."""

    def create(self: Any, name: str, **asked: Any) -> Any:
        settings = {key: value for key, value in asked.items() if key != "tags"}
        for one in self.target_groups.values():
            if one.name == name and one.made_with == settings:
                return one
        if asked.get("protocol_version") == "GRPC":
            asked["healthcheck_path"] = asked.get("healthcheck_path") or "/AWS.ALB/healthcheck"
        made = original(self, name, **asked)
        made.made_with = settings
        enabled = asked.get("healthcheck_enabled")
        if enabled is not None:
            made.health_check_enabled = str(enabled).lower() == "true"
        if asked.get("matcher"):
            made.matcher = dict(asked["matcher"])
        return made

    return create


def _any_codes(original: Any) -> Any:
    """Defect: the codes of groups of other protocols, and those of gRPC, are not changed."""

    def modify_target_group(self: Any) -> Any:
        answer = original(self)
        codes = self._get_params().get("Matcher")
        for group in answer.result["TargetGroups"] if codes else ():
            group.matcher = dict(codes)
        return answer

    return modify_target_group


def _with_zones(original: Any) -> Any:
    """Defect: the zone of a target is dropped."""

    def register(self: Any, targets: list[dict[str, Any]]) -> None:
        original(self, targets)
        for one in targets:
            if "AvailabilityZone" in one:
                self.targets[one["Id"]]["AvailabilityZone"] = one["AvailabilityZone"]

    return register


def _of_its_zone(original: Any) -> Any:
    def health_for(self: Any, target: dict[str, Any], *more: Any) -> Any:
        status = original(self, target, *more)
        status.zone = self.targets.get(target["Id"], {}).get("AvailabilityZone")
        return status

    return health_for


def _shown_with_zone(original: Any) -> Any:
    def target(self: Any) -> dict[str, Any]:
        zone = getattr(self, "zone", None)
        return {**original.fget(self), **({"AvailabilityZone": zone} if zone else {})}

    return property(target)


def _switches(original: Any) -> Any:
    """Defects: whether health is checked is kept as text, and a check by TCP takes and keeps a path."""

    def modify(self: Any, arn: str, *values: Any, **more: Any) -> Any:
        from moto.elbv2.exceptions import ValidationError

        protocol, _, path = values[:3]
        group = self.target_groups.get(arn)
        by_tcp = "TCP" in (
            protocol,
            None if protocol or group is None else group.health_check_protocol,
        )
        if by_tcp and path:
            raise ValidationError("A health check path cannot be specified for a check by TCP")
        made = original(self, arn, *values, **more)
        if by_tcp:
            made.health_check_path = None
        enabled = more.get("health_check_enabled")
        if enabled is not None:
            made.health_check_enabled = str(enabled).lower() == "true"
        return made

    return modify
