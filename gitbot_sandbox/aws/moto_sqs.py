"""Make moto's SQS keep and refuse what AWS does. Shell.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.policies import statements_of

_OF_FIFO = frozenset(
    {"FifoQueue", "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit"}
)


def patch() -> None:
    """Make all patches of this module."""
    from moto.sqs.models import Queue, SQSBackend

    wrap(Queue, "url", _url_of_aws)
    wrap(Queue, "_set_attributes", _one_encryption)
    wrap(Queue, "_set_attributes", _policy_stays)
    wrap(Queue, "attributes", _all_shown)
    wrap(SQSBackend, "set_queue_attributes", _known_attributes)
    wrap(SQSBackend, "create_queue", _known_at_creation)


def _url_of_aws(_: Any) -> Any:
    """Defect: the URL has the address of moto's server, so that a queue is another one there than the
    one of its ARN."""

    def url(self: Any, request_url: Any) -> str:
        return f"https://sqs.{self.region}.amazonaws.com/{self.account_id}/{self.name}"

    return url


def _policy_stays(original: Any) -> Any:
    """Defects: setting any other attribute takes the queue's policy away, an empty redrive policy
    of a new queue is none, and a policy with no statement is one.

    https://github.com/cloud-custodian/cloud-custodian/issues/1816
    """
    from moto.sqs.exceptions import InvalidAttributeValue

    def _set_attributes(self: Any, attributes: Mapping[str, Any], now: Any = None) -> None:
        if attributes.get("Policy") and not statements_of(attributes["Policy"]):
            raise InvalidAttributeValue("Policy")
        policy = attributes.get("Policy", getattr(self, "policy", None))
        original(self, attributes, now)
        self.policy = policy or None
        if "RedriveAllowPolicy" in attributes:
            self.allowed = _checked_document(attributes["RedriveAllowPolicy"])

    return _set_attributes


def _checked_document(text: str) -> str:
    from moto.sqs.exceptions import InvalidAttributeValue

    try:
        rule = json.loads(text) if text else {"redrivePermission": "allowAll"}
    except ValueError:
        rule = {}
    listed = bool(rule.get("sourceQueueArns"))
    if rule.get("redrivePermission") not in ("allowAll", "denyAll", "byQueue") or listed != (
        rule["redrivePermission"] == "byQueue"
    ):
        raise InvalidAttributeValue("RedriveAllowPolicy")
    return text


def _one_encryption(original: Any) -> Any:
    """Defects: a queue with a key of KMS is said to be encrypted by SQS as well, and "true" is no
    switch."""

    def _set_attributes(self: Any, attributes: Mapping[str, Any], now: Any = None) -> None:
        from moto.sqs.exceptions import InvalidAttributeValue

        given = dict(attributes)
        by_sqs = str(given.get("SqsManagedSseEnabled", "")).lower() == "true"
        if given.get("KmsMasterKeyId") and "SqsManagedSseEnabled" in given and by_sqs:
            if getattr(self, "created_timestamp", None) and hasattr(self, "kms_master_key_id"):
                raise InvalidAttributeValue("SqsManagedSseEnabled")
            by_sqs = False  # at the creation it is moto's own default
        if given.get("KmsMasterKeyId"):
            given["SqsManagedSseEnabled"] = False
        elif "SqsManagedSseEnabled" in given:
            given["SqsManagedSseEnabled"] = by_sqs
            if by_sqs:
                given["KmsMasterKeyId"] = ""
        original(self, given, now)

    return _set_attributes


def _all_shown(original: Any) -> Any:
    """Defect: RedriveAllowPolicy is dropped."""

    @property  # type: ignore[misc]
    def attributes(self: Any) -> dict[str, Any]:
        allowed = getattr(self, "allowed", "")
        shown: dict[str, Any] = original.fget(self)
        return {**shown, **({"RedriveAllowPolicy": allowed} if allowed else {})}

    return attributes


def _check_names(names: Any, fifo: bool) -> None:
    from moto.sqs.exceptions import InvalidAttributeName
    from moto.sqs.models import Queue

    known = {
        *(*Queue.BASE_ATTRIBUTES, *Queue.KMS_ATTRIBUTES, "RedriveAllowPolicy"),
        *(_OF_FIFO if fifo else ()),
    }
    for name in names:
        if name not in known:
            raise InvalidAttributeName(name)


def _known_attributes(original: Any) -> Any:
    """Defect: attributes that the queue cannot have are kept."""

    def set_queue_attributes(self: Any, queue_name: str, attributes: dict[str, Any]) -> Any:
        _check_names(attributes, self.get_queue(queue_name).fifo_queue)
        return original(self, queue_name, attributes)

    return set_queue_attributes


_NAME = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length"
_NAME_OF_FIFO = (
    "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with "
    ".fifo suffix and be 1 to 80 in length."
)


def _known_at_creation(original: Any) -> Any:
    """Defects: a queue that is no FIFO queue is made with attributes of one, even ``FifoQueue: false``, and with
    the name of one.

    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
    """

    def create_queue(self: Any, name: str, tags: Any = None, **attributes: Any) -> Any:
        from moto.sqs.exceptions import InvalidParameterValue

        attributes = _as_the_api_has_them(attributes)
        fifo = str(attributes.get("FifoQueue", "")).lower() == "true"
        _check_names(attributes, fifo)
        if fifo != name.endswith(".fifo"):
            raise InvalidParameterValue(_NAME_OF_FIFO if fifo else _NAME)
        return original(self, name, tags, **attributes)

    return create_queue


def _as_the_api_has_them(attributes: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes as a caller gives them. moto's CloudFormation gives the region and the name as well, and maps."""
    return {
        name: json.dumps(value) if isinstance(value, Mapping) else value
        for name, value in attributes.items()
        if name not in ("region", "QueueName")
    }
