"""Make moto's Auto Scaling groups keep, show and refuse what AWS's do. Shell.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse

from gitbot_sandbox.aws.moto_patch import wrap

_LAUNCHED = ("LaunchConfigurationName", "LaunchTemplate", "MixedInstancesPolicy")
_KEPT = (
    *("DefaultCooldown", "HealthCheckType", "HealthCheckGracePeriod", "PlacementGroup"),
    *("VPCZoneIdentifier", "TerminationPolicies", "NewInstancesProtectedFromScaleIn"),
    *("CapacityRebalance", "MaxInstanceLifetime", "DefaultInstanceWarmup", "DesiredCapacityType"),
    *("Context", "ServiceLinkedRoleARN", "InstanceMaintenancePolicy"),
    *("AvailabilityZoneDistribution", "AvailabilityZoneImpairmentPolicy"),
    *("CapacityReservationSpecification", "InstanceLifecyclePolicy", "DeletionProtection"),
)
_DEFAULTS: Mapping[str, Any] = {
    "DefaultCooldown": 300,
    "HealthCheckType": "EC2",
    "HealthCheckGracePeriod": 0,
    "TerminationPolicies": ["Default"],
    "NewInstancesProtectedFromScaleIn": False,
    "DeletionProtection": "none",
}
_CLEARED: Mapping[str, Any] = {
    "PlacementGroup": "",
    "MaxInstanceLifetime": 0,
    "DefaultInstanceWarmup": -1,
    "InstanceMaintenancePolicy": {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1},
}
"""The values that take a setting off the group."""
_SPREAD: Mapping[str, Any] = {
    "OnDemandAllocationStrategy": "prioritized",
    "OnDemandBaseCapacity": 0,
    "OnDemandPercentageAboveBaseCapacity": 100,
    "SpotAllocationStrategy": "lowest-price",
}


def patch() -> None:
    """Make all patches of this module."""
    wrap(AutoScalingBackend, "create_auto_scaling_group", _one_of_a_name)
    wrap(AutoScalingBackend, "update_auto_scaling_group", _kept)
    wrap(AutoScalingResponse, "create_auto_scaling_group", _remembered)
    wrap(AutoScalingResponse, "update_auto_scaling_group", _remembered)
    wrap(AutoScalingResponse, "describe_auto_scaling_groups", _whole)
    wrap(AutoScalingResponse, "delete_auto_scaling_group", _empty)


def _group(response: Any) -> Any:
    """The group that a request names."""
    name = response._get_params()["AutoScalingGroupName"]
    return response.autoscaling_backend.autoscaling_groups[name]


def _one_of_a_name(original: Any) -> Any:
    """Defects: a group of the same name is replaced, and sizes may be at odds."""

    @wraps(original)
    def create_auto_scaling_group(self: Any, name: str, **asked: Any) -> Any:
        if name in self.autoscaling_groups:
            raise AutoscalingClientError(
                "AlreadyExists",
                "AutoScalingGroup by this name already exists - A group with the name "
                f"{name} already exists",
            )
        _check_sizes(asked["min_size"], asked["max_size"], asked["desired_capacity"])
        return original(self, name, **asked)

    return create_auto_scaling_group


def _check_sizes(least: Any, most: Any, wanted: Any) -> None:
    if int(least) > int(most):
        raise ValidationError(
            f"Max bound, {most}, must be greater than or equal to min bound, {least}"
        )
    if wanted is not None and not int(least) <= int(wanted) <= int(most):
        raise ValidationError(
            f"Desired capacity:{wanted} must be between the specified min size:{least} "
            f"and max size:{most}"
        )


def _kept(original: Any) -> Any:
    """Defects: a policy of mixed instances is lost by an update of something else, and what took its place stays."""

    @wraps(original)
    def update_auto_scaling_group(self: Any, name: str, **asked: Any) -> Any:
        if name not in self.autoscaling_groups:
            raise ValidationError("AutoScalingGroup name not found - null")
        group = self.autoscaling_groups[name]
        least, most, wanted = (
            asked[size] if asked[size] is not None else getattr(group, size)
            for size in ("min_size", "max_size", "desired_capacity")
        )
        _check_sizes(least, most, asked["desired_capacity"])
        new = {
            "LaunchConfigurationName": asked["launch_config_name"],
            "LaunchTemplate": asked["launch_template"],
            "MixedInstancesPolicy": asked["mixed_instances_policy"],
        }
        if not any(new.values()):
            asked["mixed_instances_policy"] = _by_identifier(group.mixed_instances_policy)
        elif not new["LaunchConfigurationName"]:
            group.launch_config, group.launch_configuration_name = None, None
        else:
            group.ec2_launch_template = None
        if asked["desired_capacity"] is None and not least <= wanted <= most:
            asked["desired_capacity"] = min(max(wanted, least), most)
        return original(self, name, **asked)

    return update_auto_scaling_group


def _by_identifier(policy: Any) -> Any:
    """The policy of a group as a request has it: moto keeps the template's name too, and takes but one."""
    if not policy:
        return policy
    spec = {**policy["LaunchTemplate"]["LaunchTemplateSpecification"]}
    spec.pop("LaunchTemplateName", None)
    return {
        **policy,
        "LaunchTemplate": {**policy["LaunchTemplate"], "LaunchTemplateSpecification": spec},
    }


def _remembered(original: Any) -> Any:
    """Defect: most settings are lost."""

    @wraps(original)
    def call(self: Any) -> Any:
        answer, asked, group = original(self), self._get_params(), _group(self)
        kept = getattr(group, "settings", {})
        kept |= {name: asked[name] for name in _KEPT if asked.get(name) is not None}
        group.settings = {
            name: value for name, value in kept.items() if _CLEARED.get(name, ...) != value
        }
        new = {name: asked[name] for name in _LAUNCHED if asked.get(name)}
        group.launched = new or group.launched
        spread = group.launched.get("MixedInstancesPolicy", {}).get("InstancesDistribution", {})
        before = getattr(group, "spread", {}) if "MixedInstancesPolicy" in group.launched else {}
        group.spread = {**before, **spread}
        return answer

    return call


def _whole(original: Any) -> Any:
    """Defects: most settings are not shown, nor that a policy took the place of a template."""

    @wraps(original)
    def describe_auto_scaling_groups(self: Any) -> Any:
        answer = original(self)
        answer.result["AutoScalingGroups"] = [
            _shown(group) for group in answer.result["AutoScalingGroups"]
        ]
        return answer

    return describe_auto_scaling_groups


def _shown(group: Any) -> dict[str, Any]:
    return {
        "ServiceLinkedRoleARN": group.service_linked_role_arn,
        **_DEFAULTS,
        **group.settings,
        **_launched(group),
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "MinSize": group.min_size,
        "MaxSize": group.max_size,
        "DesiredCapacity": group.desired_capacity,
        "AvailabilityZones": sorted(set(group.availability_zones)),
        "TargetGroupARNs": list(group.target_group_arns),
        "LoadBalancerNames": list(group.load_balancer_names),
        "Instances": group.instances,
        "CreatedTime": group.created_time,
        "SuspendedProcesses": group.suspended_processes,
        "EnabledMetrics": group.enabled_metrics,
        "Tags": group.tags,
    }


def _launched(group: Any) -> dict[str, Any]:
    """What machines start from; a template has its identifier and its name."""
    if "LaunchConfigurationName" in group.launched:
        return dict(group.launched)
    template = group.ec2_launch_template
    names = {"LaunchTemplateId": template.id, "LaunchTemplateName": template.name}
    if "LaunchTemplate" in group.launched:
        return {"LaunchTemplate": {**group.launched["LaunchTemplate"], **names}}
    policy = group.launched["MixedInstancesPolicy"]
    spread = {**_SPREAD, **group.spread}
    if spread["SpotAllocationStrategy"] == "lowest-price":
        spread = {"SpotInstancePools": 2, **spread}
    own = policy["LaunchTemplate"]
    spec = {**own["LaunchTemplateSpecification"], **names}
    return {
        "MixedInstancesPolicy": {
            "LaunchTemplate": {
                "LaunchTemplateSpecification": spec,
                "Overrides": own.get("Overrides") or [],
            },
            "InstancesDistribution": spread,
        }
    }


def _empty(original: Any) -> Any:
    """Defects: a group goes while it has machines, or although it is protected; its hooks stay."""

    @wraps(original)
    def delete_auto_scaling_group(self: Any) -> Any:
        backend, asked = self.autoscaling_backend, self._get_params()
        group = backend.autoscaling_groups.get(asked["AutoScalingGroupName"])
        if group is None:
            raise ValidationError("AutoScalingGroup name not found - null")
        protected = group.settings.get("DeletionProtection", "none")
        forced = self._get_bool_param("ForceDelete", False)
        if protected == "prevent-all-deletion" or (forced and protected != "none"):
            raise ValidationError("The group is protected by its deletion protection.")
        if group.instance_states and not forced:
            raise AutoscalingClientError(
                "ResourceInUse",
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
                "instance request(s) still in the group.",
            )
        for hook in backend.describe_lifecycle_hooks(group.name):
            backend.delete_lifecycle_hook(group.name, hook.name)
        return original(self)

    return delete_auto_scaling_group
