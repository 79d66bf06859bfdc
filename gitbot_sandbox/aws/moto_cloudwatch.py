"""Make moto's CloudWatch tag, default and forget as AWS does. Shell.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_Operations.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitbot_sandbox.aws.moto_patch import forgets_tags, wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.cloudwatch.models import CloudWatchBackend as Backend
    from moto.cloudwatch.responses import CloudWatchResponse

    wrap(CloudWatchResponse, "put_dashboard", _with_tags)
    wrap(CloudWatchResponse, "put_metric_alarm", _with_whole_metrics)
    wrap(Backend, "put_metric_alarm", _with_defaults)
    wrap(Backend, "tag_resource", _dashboards_too)
    wrap(Backend, "iter_tagged_resources", _and_dashboards)
    wrap(Backend, "delete_alarms", forgets_tags(_alarms))
    wrap(Backend, "delete_dashboards", forgets_tags(_dashboards))


def _with_tags(put: Any) -> Any:
    """Defect: a dashboard is made without its tags. Those of a dashboard that is there stay."""

    def done(self: Any) -> Any:
        backend, name = self.cloudwatch_backend, self._get_param("DashboardName")
        there, answer = name in backend.dashboards, put(self)
        tags = self._get_param("Tags")
        if tags and not there:
            backend.tagger.tag_resource(backend.dashboards[name].arn, tags)
        return answer

    return done


def _with_whole_metrics(put: Any) -> Any:
    """Defects: a metric without a name or statistic is dropped in silence, and so is its account."""

    def done(self: Any) -> Any:
        from moto.cloudwatch.exceptions import ValidationError

        queries = self._get_param("Metrics", [])
        if not all(_is_valid(one) for one in queries):
            raise ValidationError("Invalid metrics list")
        answer = put(self)
        alarm = self.cloudwatch_backend.alarms[self._get_param("AlarmName")]
        for kept, given in zip(alarm.metric_data_queries, queries, strict=True):
            kept.account_id = given.get("AccountId")
        return answer

    return done


def _is_valid(query: dict[str, Any]) -> bool:
    """It measures one metric, or is an expression."""
    if ("MetricStat" in query) == ("Expression" in query):
        return False
    stat = query.get("MetricStat")
    metric = stat["Metric"] if stat else {}
    return stat is None or bool(
        stat["Stat"] and metric.get("MetricName") and metric.get("Namespace")
    )


def _with_defaults(put: Any) -> Any:
    """Defects: how missing data is treated is null unless told, and tags of an alarm that is there change."""

    def done(
        self: Any, *, name: str, treat_missing_data: Any, tags: Any = None, **given: Any
    ) -> Any:
        new = None if name in self.alarms else tags
        return put(
            self, name=name, treat_missing_data=treat_missing_data or "missing", tags=new, **given
        )

    return done


def _dashboards_too(tag: Any) -> Any:
    """Defect: dashboards cannot be tagged."""

    def tagged(self: Any, arn: str, tags: dict[str, str]) -> None:
        if arn in {one.arn for one in self.dashboards.values()}:
            self.tagger.tag_resource(arn, self.tagger.convert_dict_to_tags_input(tags))
        else:
            tag(self, arn, tags)

    return tagged


def _and_dashboards(tagged: Any) -> Any:
    """Defect: the index of tags lacks dashboards."""

    def found(self: Any) -> Iterator[Any]:
        from moto.core.resource_tagging import TaggedResource

        yield from tagged(self)
        for one in self.dashboards.values():
            tags = self.tagger.get_tag_dict_for_resource(one.arn)
            yield TaggedResource(arn=one.arn, tags=tags, resource_type="cloudwatch:dashboard")

    return found


def _alarms(backend: Any, names: list[str]) -> list[str]:
    return [one.alarm_arn for name, one in backend.alarms.items() if name in names]


def _dashboards(backend: Any, names: list[str]) -> list[str]:
    return [one.arn for name, one in backend.dashboards.items() if name in names]
