"""Make moto's Kinesis keep, show and refuse what AWS does, and take time. Shell.

https://docs.aws.amazon.com/kinesis/latest/APIReference/API_CreateStream.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html
"""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.core.responses import ActionResult, EmptyResult
from moto.kinesis.exceptions import ResourceInUseError
from moto.kinesis.models import KinesisBackend, Stream, kinesis_backends
from moto.kinesis.responses import KinesisResponse as Responses

from gitbot_sandbox.aws.moto_patch import MOST_TAGS, wrap
from gitbot_sandbox.aws.states import begin, described
from gitbot_sandbox.aws.tag_index import index

_CHANGES = (
    *("update_shard_count", "increase_stream_retention_period"),
    *("decrease_stream_retention_period", "start_stream_encryption", "stop_stream_encryption"),
    *("enable_enhanced_monitoring", "disable_enhanced_monitoring", "update_stream_mode"),
    "update_max_record_size",
)
_METRICS = (
    *("IncomingBytes", "IncomingRecords", "OutgoingBytes", "OutgoingRecords"),
    *("WriteProvisionedThroughputExceeded", "ReadProvisionedThroughputExceeded"),
    "IteratorAgeMilliseconds",
)
_MANY = 64


def patch() -> None:
    """Make all patches of this module."""
    for one in (update_max_record_size, tag_resource, untag_resource, list_tags_for_resource):
        setattr(Responses, one.__name__, one)
    wrap(Responses, "create_stream", _checked_and_kept)
    wrap(Responses, "describe_stream_summary", _time_passes)
    wrap(Responses, "delete_stream", _without_consumers)
    wrap(Stream, "to_json_summary", _all_shown)
    wrap(KinesisBackend, "update_shard_count", _at_most_twice)
    wrap(KinesisBackend, "enable_enhanced_monitoring", _all_of_them)
    for call in _CHANGES:
        wrap(Responses, call, _changing)
    index(kinesis_backends, "kinesis:stream", _tagged)


def _tagged(backend: Any) -> Any:
    return ((one.arn, one.tags) for one in backend.streams.values())


def _refuse(message: str, code: str = "ValidationException") -> None:
    raise JsonRESTError(code, message)


def _stream(responses: Any) -> Any:
    """The stream that the request names."""
    arn = responses._get_param("StreamARN") or responses._get_param("ResourceARN")
    return responses.kinesis_backend.describe_stream(arn, responses._get_param("StreamName"))


def _checked_and_kept(original: Any) -> Any:
    """Defects: tags and the size of records are dropped, any count of shards is taken with any mode, and a
    stream is there at once."""

    @wraps(original)
    def create_stream(self: Any) -> Any:
        on_demand = (self._get_param("StreamModeDetails") or {}).get("StreamMode") == "ON_DEMAND"
        if on_demand == bool(self._get_param("ShardCount")):
            _refuse("ShardCount is for the mode PROVISIONED, which wants it")
        answer = original(self)
        stream = _stream(self)
        stream.tags.update(self._get_param("Tags") or {})
        stream.max_record_size = self._get_param("MaxRecordSizeInKiB") or 1024
        _pass(stream, "CREATING")
        return answer

    return create_stream


def _pass(stream: Any, state: str) -> None:
    stream.status = state

    def then(_: str) -> None:
        stream.status = "ACTIVE"

    begin(stream, then)


def _time_passes(original: Any) -> Any:
    @wraps(original)
    def describe_stream_summary(self: Any) -> Any:
        described(_stream(self))
        return original(self)

    return describe_stream_summary


def _changing(original: Any) -> Any:
    """Defect: a stream takes a change while it is changed, and has it at once."""

    @wraps(original)
    def change(self: Any) -> Any:
        stream = _stream(self)
        if stream.status != "ACTIVE":
            raise ResourceInUseError(f"Stream {stream.stream_name} is {stream.status}.")
        answer = original(self)
        _pass(stream, "UPDATING")
        return answer

    return change


def _without_consumers(original: Any) -> Any:
    """Defect: a stream goes with its consumers, and at once."""

    @wraps(original)
    def delete_stream(self: Any) -> Any:
        stream, backend = _stream(self), self.kinesis_backend
        if stream.consumers and not self._get_param("EnforceConsumerDeletion"):
            raise ResourceInUseError(f"Stream {stream.stream_name} has registered consumers.")
        stream.status = "DELETING"
        begin(stream, lambda _: backend.streams.pop(stream.stream_name, None))
        return EmptyResult()

    return delete_stream


def _all_shown(original: Any) -> Any:
    """Defect: the size of records is dropped."""

    @wraps(original)
    def to_json_summary(self: Any) -> Any:
        told = original(self)
        told["StreamDescriptionSummary"]["MaxRecordSizeInKiB"] = getattr(
            self, "max_record_size", 1024
        )
        return told

    return to_json_summary


def _at_most_twice(original: Any) -> Any:
    """Defects: shards become more than twice as many, or fewer than half, in one call; many of them, split one
    by one, take minutes."""

    @wraps(original)
    def update_shard_count(
        self: Any, stream_arn: str, stream_name: str, target_shard_count: int
    ) -> Any:
        stream = self.describe_stream(stream_arn, stream_name)
        count = stream.shard_count
        if not count / 2 <= target_shard_count <= count * 2:
            _refuse(
                f"UpdateShardCount cannot scale {count} shards to {target_shard_count} at once.",
                "LimitExceededException",
            )
        if target_shard_count <= _MANY:
            return original(self, stream_arn, stream_name, target_shard_count)
        stream.shards.clear()
        stream.init_shards(target_shard_count)
        return count

    return update_shard_count


def _all_of_them(original: Any) -> Any:
    """Defect: ALL is kept as the name of a metric."""

    @wraps(original)
    def enable_enhanced_monitoring(
        self: Any, stream_arn: str, stream_name: str, shard_level_metrics: list[str]
    ) -> Any:
        each = list(_METRICS) if "ALL" in shard_level_metrics else shard_level_metrics
        return original(self, stream_arn, stream_name, each)

    return enable_enhanced_monitoring


def update_max_record_size(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    _stream(self).max_record_size = self._get_param("MaxRecordSizeInKiB")
    return EmptyResult()


def tag_resource(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    tags = {**_stream(self).tags, **self._get_param("Tags")}
    if len(tags) > MOST_TAGS:
        _refuse("A stream has at most 50 tags", "InvalidArgumentException")
    _stream(self).tags = tags
    return EmptyResult()


def untag_resource(self: Any) -> EmptyResult:
    """The call that moto lacks."""
    for key in self._get_param("TagKeys"):
        _stream(self).tags.pop(key, None)
    return EmptyResult()


def list_tags_for_resource(self: Any) -> ActionResult:
    """The call that moto lacks."""
    tags = sorted(_stream(self).tags.items())
    return ActionResult({"Tags": [{"Key": key, "Value": value} for key, value in tags]})
