"""Add what moto's Auto Scaling groups lack: whole lifecycle hooks, notifications, limits and an end of metrics. Shell.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutLifecycleHook.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutNotificationConfiguration.html
https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DisableMetricsCollection.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.autoscaling.exceptions import AutoscalingClientError, ValidationError
from moto.autoscaling.models import AutoScalingBackend
from moto.autoscaling.responses import AutoScalingResponse
from moto.core.responses import ActionResult, EmptyResult

from gitbot_sandbox.aws.moto_patch import wrap

_ATTRIBUTES = {
    "RoleARN": "role_arn",
    "NotificationTargetARN": "notification_target_arn",
    "NotificationMetadata": "notification_metadata",
}


def patch() -> None:
    """Make all patches of this module."""
    wrap(AutoScalingResponse, "create_auto_scaling_group", _with_hooks)
    wrap(AutoScalingResponse, "put_lifecycle_hook", _whole)
    wrap(AutoScalingBackend, "create_or_update_tags", _at_most_fifty)
    wrap(AutoScalingBackend, "enable_metrics_collection", _more_metrics)
    for call in (
        disable_metrics_collection,
        put_notification_configuration,
        delete_notification_configuration,
        describe_notification_configurations,
    ):
        setattr(AutoScalingResponse, call.__name__, call)


def _group(response: Any) -> Any:
    """The group that a request names."""
    name = response._get_params()["AutoScalingGroupName"]
    groups = response.autoscaling_backend.autoscaling_groups
    if name not in groups:
        raise ValidationError(f"AutoScalingGroup name not found - {name} not found")
    return groups[name]


def _with_hooks(original: Any) -> Any:
    """Defect: the hooks of a new group are not made."""

    @wraps(original)
    def create_auto_scaling_group(self: Any) -> Any:
        answer, group = original(self), _group(self)
        for hook in self._get_params().get("LifecycleHookSpecificationList") or ():
            _put_hook(self.autoscaling_backend, group.name, hook)
        return answer

    return create_auto_scaling_group


def _whole(original: Any) -> Any:
    """Defects: the target, role and text of a hook are others; what is left out goes back to a default."""

    @wraps(original)
    def put_lifecycle_hook(self: Any) -> Any:
        _put_hook(self.autoscaling_backend, _group(self).name, self._get_params())
        return EmptyResult()

    return put_lifecycle_hook


def _put_hook(backend: Any, group: str, asked: Any) -> None:
    name = asked["LifecycleHookName"]
    [had] = backend.describe_lifecycle_hooks(group, [name]) or [None]
    hook = backend.create_lifecycle_hook(
        name=name,
        as_name=group,
        transition=asked.get("LifecycleTransition") or had.lifecycle_transition,
        timeout=int(asked.get("HeartbeatTimeout") or getattr(had, "heartbeat_timeout", 3600)),
        result=asked.get("DefaultResult") or getattr(had, "default_result", "ABANDON"),
    )
    for parameter, attribute in _ATTRIBUTES.items():
        value = asked.get(parameter, getattr(had, attribute, None))
        setattr(hook, attribute, value or None)


def _at_most_fifty(original: Any) -> Any:
    """Defect: any number of tags is taken."""

    @wraps(original)
    def create_or_update_tags(self: Any, tags: list[dict[str, Any]]) -> Any:
        for name in {tag["ResourceId"] for tag in tags}:
            if name not in self.autoscaling_groups:
                raise ValidationError(f"AutoScalingGroup name not found - {name} not found")
            own = {tag["Key"] for tag in tags if tag["ResourceId"] == name}
            if len(own | {tag["Key"] for tag in self.autoscaling_groups[name].tags}) > 50:
                raise AutoscalingClientError("LimitExceeded", "A group has at most 50 tags.")
        return original(self, tags)

    return create_or_update_tags


def _more_metrics(original: Any) -> Any:
    """Defect: metrics take the place of those that the group has."""

    @wraps(original)
    def enable_metrics_collection(self: Any, group_name: str, metrics: list[str]) -> None:
        has = self.autoscaling_groups[group_name].metrics
        original(self, group_name, [*has, *(one for one in metrics if one not in has)])

    return enable_metrics_collection


def disable_metrics_collection(self: Any) -> Any:
    """Answer DisableMetricsCollection; without names, all metrics end."""
    group, names = _group(self), self._get_param("Metrics") or []
    group.metrics = [one for one in group.metrics if names and one not in names]
    return EmptyResult()


def _told(group: Any) -> dict[str, list[str]]:
    """The kinds of events of the group that topics are told of."""
    if not hasattr(group, "told"):
        group.told = {}
    found: dict[str, list[str]] = group.told
    return found


def put_notification_configuration(self: Any) -> Any:
    """Answer PutNotificationConfiguration; it takes the place of an earlier one for the topic."""
    _told(_group(self))[self._get_param("TopicARN")] = self._get_param("NotificationTypes")
    return EmptyResult()


def delete_notification_configuration(self: Any) -> Any:
    """Answer DeleteNotificationConfiguration."""
    _told(_group(self)).pop(self._get_param("TopicARN"), None)
    return EmptyResult()


def describe_notification_configurations(self: Any) -> Any:
    """Answer DescribeNotificationConfigurations, with one element for each topic and kind."""
    wanted = self._get_param("AutoScalingGroupNames", [])
    groups = self.autoscaling_backend.autoscaling_groups.values()
    found = [
        {"AutoScalingGroupName": group.name, "TopicARN": topic, "NotificationType": kind}
        for group in groups
        if not wanted or group.name in wanted
        for topic, kinds in _told(group).items()
        for kind in kinds
    ]
    return ActionResult({"NotificationConfigurations": found})
