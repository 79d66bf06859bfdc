"""Convert between properties and parameters of Auto Scaling groups, and compare them. Pure.

CloudFormation has sizes as texts and subnets as a list, where the API has numbers and a text with commas.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from gitbot.providers.aws.table import Described, Properties, shown
from gitbot.providers.aws.types.autoscaling.family import of_group

SIZES: Final = ("MinSize", "MaxSize", "DesiredCapacity")
LAUNCHED: Final = ("LaunchTemplate", "MixedInstancesPolicy", "LaunchConfigurationName")
"""What machines start from: a group has one of these."""
KEPT: Final = (
    *("AvailabilityZones", "HealthCheckType", "HealthCheckGracePeriod", "PlacementGroup"),
    *("TerminationPolicies", "NewInstancesProtectedFromScaleIn", "CapacityRebalance"),
    *("MaxInstanceLifetime", "DefaultInstanceWarmup", "DesiredCapacityType", "Context"),
    *("ServiceLinkedRoleARN", "InstanceMaintenancePolicy", "AvailabilityZoneDistribution"),
    *("AvailabilityZoneImpairmentPolicy", "CapacityReservationSpecification"),
    *("InstanceLifecyclePolicy", "DeletionProtection"),
)
"""What the API has in the same form."""
CHANGED: Final = (*SIZES, "Cooldown", "VPCZoneIdentifier", *LAUNCHED, *KEPT)
METRICS, HOOKS = "MetricsCollection", "LifecycleHookSpecificationList"
ALL_METRICS: Final = (
    *("GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances"),
    *("GroupPendingInstances", "GroupStandbyInstances", "GroupTerminatingInstances"),
    *("GroupTotalInstances", "GroupInServiceCapacity", "GroupPendingCapacity"),
    *("GroupStandbyCapacity", "GroupTerminatingCapacity", "GroupTotalCapacity"),
    *("WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity", "WarmPoolPendingCapacity"),
    *("WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity"),
    *("GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity"),
)
_NOT_SAID: Mapping[str, Any] = {
    "MaxInstanceLifetime": 0,
    "DefaultInstanceWarmup": -1,
    "PlacementGroup": "",
    "DesiredCapacityType": "units",
    "DeletionProtection": "none",
    "CapacityRebalance": False,
    "InstanceMaintenancePolicy": {"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1},
    "AvailabilityZoneDistribution": {"CapacityDistributionStrategy": "balanced-best-effort"},
    "CapacityReservationSpecification": {"CapacityReservationPreference": "default"},
    "InstanceLifecyclePolicy": {"RetentionTriggers": {"TerminateHookAbandon": "terminate"}},
}
"""What counts where a description leaves it out."""


def properties_of(one: Described) -> Properties:
    """What a described group shows, in CloudFormation's form."""
    metrics = [each["Metric"] for each in one.get("EnabledMetrics") or ()]
    subnets = one.get("VPCZoneIdentifier")
    return {
        **_NOT_SAID,
        **shown("AutoScalingGroupName", "AutoScalingGroupARN", *LAUNCHED, *KEPT)(one),
        **shown("TargetGroupARNs", "LoadBalancerNames")(one),
        **{name: str(one[name]) for name in SIZES},
        "Cooldown": str(one["DefaultCooldown"]),
        "VPCZoneIdentifier": subnets.split(",") if subnets else None,
        METRICS: [{"Granularity": "1Minute", "Metrics": metrics}] if metrics else [],
    }


_FORMS: Mapping[str, tuple[str, Callable[[Any], Any]]] = {
    **{name: (name, int) for name in SIZES},
    "Cooldown": ("DefaultCooldown", int),
    "VPCZoneIdentifier": ("VPCZoneIdentifier", ",".join),
}


def parameters_of(properties: Properties) -> dict[str, Any]:
    """The properties that have values, as the calls take them."""
    found = {}
    for name, value in properties.items():
        spelled, form = _FORMS.get(name, (name, lambda one: one))
        if value is not None:
            found[spelled] = form(value)
    return found


def updates_of(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters of an update: overrides that a policy lacks are taken off."""
    found = parameters_of(values)
    policy = found.get("MixedInstancesPolicy")
    if policy is not None:
        template = {"Overrides": [], **policy["LaunchTemplate"]}
        found["MixedInstancesPolicy"] = {**policy, "LaunchTemplate": template}
    return found


def metrics_of(value: Any) -> list[str]:
    """The names of the metrics that a spec wants: one without names wants all."""
    return [name for one in value or () for name in (one.get("Metrics") or ALL_METRICS)]


def with_defaults(hook: Any) -> Any:
    """A lifecycle hook with what AWS sets where nobody says it."""
    if not isinstance(hook, Mapping):
        return hook
    return {"HeartbeatTimeout": 3600, "DefaultResult": "ABANDON", **hook}


def compared(properties: Properties) -> Properties:
    """The properties in the form for comparison."""
    done = dict(properties)
    if isinstance(done.get(HOOKS), (list, tuple)):
        done[HOOKS] = [with_defaults(one) for one in done[HOOKS]]
    if isinstance(done.get(METRICS), (list, tuple)):
        done[METRICS] = _metrics(done[METRICS])
    if isinstance(done.get("Tags"), (list, tuple)):
        done["Tags"] = _tags(done["Tags"])
    if isinstance(done.get("HealthCheckType"), str):
        done["HealthCheckType"] = _checks(done["HealthCheckType"])
    return done


def _tags(tags: Any) -> Any:
    return of_group(tags) if all(isinstance(tag, Mapping) for tag in tags) else tags


def _checks(text: str) -> str:
    """``ELB,EC2`` and ``EC2,ELB`` are the same checks."""
    return ",".join(sorted(set(text.strip(",").split(","))))


def _metrics(collections: Sequence[Any]) -> Sequence[Any]:
    """All collections as one, as AWS keeps them; there is one granularity."""
    known = [one for one in collections if isinstance(one, Mapping)]
    names = [one.get("Metrics") or ALL_METRICS for one in known]
    if len(known) < len(collections) or not all(isinstance(one, (list, tuple)) for one in names):
        return collections  # one is not known yet
    merged = {"Metrics": list(dict.fromkeys(name for some in names for name in some))}
    return [{**known[0], **merged}] if known else []
