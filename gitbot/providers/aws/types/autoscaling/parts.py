"""Read and write the parts of Auto Scaling groups that have calls of their own. Shell.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_AttachLoadBalancerTargetGroups.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_EnableMetricsCollection.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutNotificationConfiguration.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import shown
from gitbot.providers.aws.types.autoscaling.shapes import (
    HOOKS,
    METRICS,
    metrics_of,
    properties_of,
    with_defaults,
)

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

NOTIFICATIONS: Final = "NotificationConfigurations"
_MOST_ATTACHED = 10
_HOOK = (
    *("LifecycleHookName", "LifecycleTransition", "DefaultResult", "HeartbeatTimeout"),
    *("NotificationMetadata", "NotificationTargetARN", "RoleARN"),
)


def _call(aws: Connection, call: str, group: str, **parameters: Any) -> Any:
    return aws.call("autoscaling", call, AutoScalingGroupName=group, **parameters)


def _now(aws: Connection, group: str, name: str) -> Any:
    """What the group shows of a property."""
    named = {"AutoScalingGroupNames": [group]}
    answer = aws.call("autoscaling", "describe_auto_scaling_groups", **named)
    [one] = answer["AutoScalingGroups"]
    return properties_of(one).get(name) or []


def _attached(property_: str, kind: str, says: str) -> Surface:
    """A list of what sends the machines of a group requests."""

    def write(aws: Connection, group: str, value: Any) -> None:
        wanted, has = list(value or ()), _now(aws, group, property_)
        changes = {
            f"attach_{kind}": [one for one in wanted if one not in has],
            f"detach_{kind}": [one for one in has if one not in wanted],
        }
        for call, some in changes.items():
            for at in range(0, len(some), _MOST_ATTACHED):
                _call(aws, call, group, **{property_: some[at : at + _MOST_ATTACHED]})

    return Surface(property=property_, write=write, removal=Removal(default=[], says=says))


def _write_metrics(aws: Connection, group: str, value: Any) -> None:
    wanted, has = metrics_of(value), metrics_of(_now(aws, group, METRICS))
    if new := sorted(set(wanted) - set(has)):
        _call(aws, "enable_metrics_collection", group, Granularity="1Minute", Metrics=new)
    if gone := sorted(set(has) - set(wanted)):
        _call(aws, "disable_metrics_collection", group, Metrics=gone)


def _read_hooks(aws: Connection, group: str) -> list[Mapping[str, Any]]:
    return [
        shown(*_HOOK)(one)
        for one in _call(aws, "describe_lifecycle_hooks", group)["LifecycleHooks"]
    ]


def _write_hooks(aws: Connection, group: str, value: Any) -> None:
    """A hook that loses a part is made again: to put it would leave that part as it is."""
    wanted = {one["LifecycleHookName"]: with_defaults(one) for one in value or ()}
    has = {one["LifecycleHookName"]: one for one in _read_hooks(aws, group)}
    for name, one in has.items():
        if not one.keys() <= wanted.get(name, {}).keys():
            _call(aws, "delete_lifecycle_hook", group, LifecycleHookName=name)
    for name, one in wanted.items():
        if one != has.get(name):
            _call(aws, "put_lifecycle_hook", group, **one)


def _read_notifications(aws: Connection, group: str) -> list[dict[str, Any]]:
    found: dict[str, list[str]] = {}
    for one in aws.pages(
        *("autoscaling", "describe_notification_configurations", NOTIFICATIONS),
        AutoScalingGroupNames=[group],
    ):
        found.setdefault(one["TopicARN"], []).append(one["NotificationType"])
    return [{"TopicARN": topic, "NotificationTypes": types} for topic, types in found.items()]


def _write_notifications(aws: Connection, group: str, value: Any) -> None:
    wanted = {one["TopicARN"]: one["NotificationTypes"] for one in value or ()}
    has = {one["TopicARN"]: one["NotificationTypes"] for one in _read_notifications(aws, group)}
    for topic in sorted(has.keys() - wanted.keys()):
        _call(aws, "delete_notification_configuration", group, TopicARN=topic)
    for topic, types in wanted.items():
        if set(types) != set(has.get(topic, ())):
            _call(
                *(aws, "put_notification_configuration", group),
                TopicARN=topic,
                NotificationTypes=list(types),
            )


SURFACES: Final[tuple[Surface, ...]] = (
    _attached(
        "TargetGroupARNs",
        "load_balancer_target_groups",
        "its machines leave the target groups",
    ),
    _attached("LoadBalancerNames", "load_balancers", "its machines leave the load balancers"),
    Surface(
        property=METRICS,
        write=_write_metrics,
        removal=Removal(default=[], says="the group has no metrics"),
    ),
    Surface(
        property=HOOKS,
        read=_read_hooks,
        write=_write_hooks,
        removal=Removal(default=[], says="machines start and stop without waiting for anybody"),
    ),
    Surface(
        property=NOTIFICATIONS,
        read=_read_notifications,
        write=_write_notifications,
        removal=Removal(default=[], says="no topic is told of its machines"),
    ),
)
LOOKS: Final = ("describe_lifecycle_hooks", "describe_notification_configurations")
CALLS: Final = (
    *("attach_load_balancer_target_groups", "detach_load_balancer_target_groups"),
    *("attach_load_balancers", "detach_load_balancers", "enable_metrics_collection"),
    *("disable_metrics_collection", "put_lifecycle_hook", "delete_lifecycle_hook"),
    *("put_notification_configuration", "delete_notification_configuration"),
    "ec2:RunInstances",
)
"""What the group's machines are started with is checked with the rights of who names it."""
