"""AWS::AutoScaling::AutoScalingGroup as a table. Shell.

AutoScalingGroupName: replace (generated when absent). MinSize, MaxSize, DesiredCapacity (one that is not declared is
left to whoever scales the group), LaunchTemplate, MixedInstancesPolicy or LaunchConfigurationName (machines that run
stay as they are), VPCZoneIdentifier, AvailabilityZones, Cooldown, HealthCheckType, HealthCheckGracePeriod,
PlacementGroup, TerminationPolicies, NewInstancesProtectedFromScaleIn, CapacityRebalance, MaxInstanceLifetime,
DefaultInstanceWarmup, DesiredCapacityType, Context, ServiceLinkedRoleARN, InstanceMaintenancePolicy,
AvailabilityZoneDistribution, AvailabilityZoneImpairmentPolicy, CapacityReservationSpecification,
InstanceLifecyclePolicy, DeletionProtection, TargetGroupARNs, LoadBalancerNames, MetricsCollection,
LifecycleHookSpecificationList, NotificationConfigurations, Tags: changed in place. Attributes: AutoScalingGroupARN.
A creation ends when MinSize machines are in service. A deletion scales to none first, and is refused while machines
are protected. InstanceId, AvailabilityZoneIds, TrafficSources and SkipZonalShiftValidation are not handled.
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_UpdateAutoScalingGroup.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.autoscaling.family import AUTO_SCALING, TAGS, Groups
from gitbot.providers.aws.types.autoscaling.parts import CALLS, LOOKS, NOTIFICATIONS, SURFACES
from gitbot.providers.aws.types.autoscaling.shapes import (
    CHANGED,
    HOOKS,
    LAUNCHED,
    METRICS,
    SIZES,
    compared,
    parameters_of,
    properties_of,
    updates_of,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="AutoScalingGroupName", longest=255)
_SENDS = (_NAME.property, *CHANGED, "TargetGroupARNs", "LoadBalancerNames", HOOKS)
_POLICY, _SPREAD = "/MixedInstancesPolicy", "/MixedInstancesPolicy/InstancesDistribution"
_OVERRIDE = f"{_POLICY}/LaunchTemplate/Overrides/*"
_WANTED = f"{_OVERRIDE}/InstanceRequirements"
_TEMPLATES = (
    *("/LaunchTemplate", f"{_POLICY}/LaunchTemplate/LaunchTemplateSpecification"),
    f"{_OVERRIDE}/LaunchTemplateSpecification",
)
"""Where templates are named: AWS shows the name of one that a spec names by its identifier, and the other way round."""
_LISTING = Groups(
    dialect=AUTO_SCALING,
    call="describe_auto_scaling_groups",
    answer="AutoScalingGroups",
    many="AutoScalingGroupNames",
    most=50,
    tags=TAGS,
    name=_NAME,
)


def _creating(operation: Operation) -> Mapping[str, Any]:
    return parameters_of(shown(*_SENDS)(operation.properties))


def _ready(one: Described) -> bool:
    """Whether as many machines are in service as there must be; no more come where that is suspended."""
    suspended = {each["ProcessName"] for each in one.get("SuspendedProcesses") or ()}
    weights = [
        int(each.get("WeightedCapacity") or 1)
        for each in one.get("Instances") or ()
        if each["LifecycleState"] == "InService"
    ]
    counted = one.get("DesiredCapacityType") in (None, "units")
    enough = sum(weights) >= one["MinSize"] if counted else bool(weights) or not one["MinSize"]
    return enough or "Launch" in suspended


def _protected(one: Described) -> str:
    if one.get("DeletionProtection") != "prevent-all-deletion":
        return ""
    return "DeletionProtection: none"


def _kept(aws: Connection, one: Described, given: Properties) -> Sequence[str]:
    """The machines that scaling down leaves alone."""
    return [
        f"machine {each['InstanceId']} (it is protected from scale-in)"
        for each in one.get("Instances") or ()
        if each.get("ProtectedFromScaleIn")
    ]


def _scale_down(aws: Connection, one: Described) -> None:
    """AWS deletes no group that has machines."""
    if any(one[size] for size in SIZES):
        nothing = dict.fromkeys(SIZES, 0)
        name = one["AutoScalingGroupName"]
        call = "update_auto_scaling_group"
        aws.call("autoscaling", call, AutoScalingGroupName=name, **nothing)


_RESETS = {
    **{
        name: Removal(default=None, says="machines start from what takes its place")
        for name in LAUNCHED
    },
    "Cooldown": Removal(default="300", says="the default of AWS"),
    "HealthCheckType": Removal(default="EC2", says="EC2 alone says whether a machine is healthy"),
    "HealthCheckGracePeriod": Removal(default=0, says="new machines are checked at once"),
    "PlacementGroup": Removal(default="", says="machines start outside of placement groups"),
    "TerminationPolicies": Removal(default=["Default"], says="the default of AWS"),
    "NewInstancesProtectedFromScaleIn": Removal(default=False, says="machines can be scaled in"),
    "CapacityRebalance": Removal(default=False, says="machines at risk are not replaced early"),
    "MaxInstanceLifetime": Removal(default=0, says="machines live without limit"),
    "DefaultInstanceWarmup": Removal(default=-1, says="none is set"),
    "DesiredCapacityType": Removal(default="units", says="sizes count machines"),
    "DeletionProtection": Removal(default="none", says="the group can be deleted"),
    "InstanceMaintenancePolicy": Removal(
        default={"MinHealthyPercentage": -1, "MaxHealthyPercentage": -1}, says="none is set"
    ),
    "AvailabilityZoneDistribution": Removal(
        default={"CapacityDistributionStrategy": "balanced-best-effort"}, says="the default of AWS"
    ),
    "CapacityReservationSpecification": Removal(
        default={"CapacityReservationPreference": "default"}, says="the default of AWS"
    ),
    "InstanceLifecyclePolicy": Removal(
        default={"RetentionTriggers": {"TerminateHookAbandon": "terminate"}},
        says="no machine is kept",
    ),
}
_REMOVALS = {
    f"{_SPREAD}/OnDemandBaseCapacity": Removal(default=0, says="no machine must be on demand"),
    f"{_SPREAD}/OnDemandPercentageAboveBaseCapacity": Removal(default=100, says="all on demand"),
    f"{_SPREAD}/SpotMaxPrice": Removal(default="", says="the price is not limited"),
    f"{_SPREAD}/DistributionSegments": Removal(default=[], says="there are none"),
}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "requiredOr": ["VPCZoneIdentifier", "AvailabilityZones"],
        "requiredXor": list(LAUNCHED),
    },
    "AvailabilityZones": {"minItems": 1, "uniqueItems": True},
    "VPCZoneIdentifier": {"minItems": 1, "uniqueItems": True},
    "TerminationPolicies": {"minItems": 1, "uniqueItems": True},
    "TargetGroupARNs": {"uniqueItems": True},
    "LoadBalancerNames": {"uniqueItems": True},
    "Cooldown": {"pattern": "^[0-9]+$"},
    "Context": {"minLength": 1},
    "HealthCheckGracePeriod": {"minimum": 0},
    "DefaultInstanceWarmup": {"minimum": -1},
    "DesiredCapacityType": {"enum": ["units", "vcpu", "memory-mib"]},
    "Tags/*": {"required": ["Key", "Value"]},
    f"{_SPREAD}/OnDemandAllocationStrategy": {"enum": ["lowest-price", "prioritized"]},
    f"{_SPREAD}/OnDemandBaseCapacity": {"minimum": 0},
    f"{_SPREAD}/OnDemandPercentageAboveBaseCapacity": {"minimum": 0, "maximum": 100},
    f"{_SPREAD}/SpotAllocationStrategy": {
        "enum": [
            *("lowest-price", "capacity-optimized", "capacity-optimized-prioritized"),
            "price-capacity-optimized",
        ]
    },
    f"{_SPREAD}/SpotInstancePools": {"minimum": 1, "maximum": 20},
    _OVERRIDE: {"requiredXor": ["InstanceType", "InstanceRequirements"]},
    f"{_WANTED}/VCpuCount": {"required": ["Min"]},
    f"{_WANTED}/MemoryMiB": {"required": ["Min"]},
    f"{_WANTED}/BaselinePerformanceFactors": {"required": ["Cpu"]},
    f"{_WANTED}/BaselinePerformanceFactors/Cpu": {"required": ["References"]},
    f"{_WANTED}/BaselinePerformanceFactors/Cpu/References": {"minItems": 1},
    f"{_WANTED}/BaselinePerformanceFactors/Cpu/References/*": {"required": ["InstanceFamily"]},
    f"{_WANTED}/BaselinePerformanceFactors/Cpu/References/*/InstanceFamily": {"minLength": 1},
    f"{METRICS}/*/Metrics": {"uniqueItems": True},
    f"{METRICS}/*/Granularity": {"enum": ["1Minute"]},
    HOOKS: {"uniqueKeys": ["LifecycleHookName"]},
    f"{HOOKS}/*/DefaultResult": {"enum": ["ABANDON", "CONTINUE"]},
    f"{HOOKS}/*/HeartbeatTimeout": {"minimum": 30, "maximum": 7200},
    f"{HOOKS}/*/NotificationTargetARN": {"minLength": 1},
    f"{HOOKS}/*/LifecycleTransition": {
        "enum": [f"autoscaling:EC2_INSTANCE_{what}" for what in ("LAUNCHING", "TERMINATING")]
    },
    NOTIFICATIONS: {"uniqueKeys": ["TopicARN"]},
    f"{NOTIFICATIONS}/*": {"required": ["TopicARN", "NotificationTypes"]},
    f"{NOTIFICATIONS}/*/TopicARN": {"type": "string", "minLength": 1},
    f"{NOTIFICATIONS}/*/NotificationTypes": {"minItems": 1, "uniqueItems": True},
}
_CAUTIONS = tuple(
    Caution(changed=f"/{name}", says="Only machines that start from now on are made from it.")
    for name in LAUNCHED
)
_FILLED = (
    *("DesiredCapacity", "AvailabilityZones", "ServiceLinkedRoleARN"),
    *(f"{path[1:]}/LaunchTemplate{one}" for path in _TEMPLATES for one in ("Id", "Name")),
)
_UPDATE = Update(call="update_auto_scaling_group", sends=CHANGED, parameters=updates_of)
_DELETE = Delete(
    call="delete_auto_scaling_group", first=_scale_down, others=_kept, protected=_protected
)
_IDENTITIES = {f"/{HOOKS}": ("LifecycleHookName",), f"/{NOTIFICATIONS}": ("TopicARN",)}
_CREATE = Create(
    call="create_auto_scaling_group",
    sends=_SENDS,
    parameters=_creating,
    gives=lambda _, given: str(given["AutoScalingGroupName"]),
    name=_NAME,
    taken=frozenset({"AlreadyExists"}),
)

AUTO_SCALING_GROUP = native_type(
    Table(
        name="AWS::AutoScaling::AutoScalingGroup",
        noun="Auto Scaling group",
        dialect=AUTO_SCALING,
        listing=_LISTING,
        shows=properties_of,
        addresses=shown("AutoScalingGroupName"),
        create=_CREATE,
        updates=(_UPDATE,),
        resets=_RESETS,
        removals=_REMOVALS,
        surfaces=SURFACES,
        ready=_ready,
        delete=_DELETE,
        tags=TAGS,
        natural_key=("AutoScalingGroupName",),
        filled=_FILLED,
        partial=(_POLICY, _SPREAD),
        sets=tuple(f"/{name}" for name in ("TargetGroupARNs", "LoadBalancerNames")),
        identities=_IDENTITIES,
        instead={"/NotificationConfiguration": f"Write it as an element of `{NOTIFICATIONS}`."},
        normalise=compared,
        refine=refining(_LIMITS),
        looks=LOOKS,
        calls=CALLS,
        passes_role_to="autoscaling.amazonaws.com",
        cautions=_CAUTIONS,
        losses=Losses(gone="its machines are terminated, and what is on their disks is lost"),
    )
)
