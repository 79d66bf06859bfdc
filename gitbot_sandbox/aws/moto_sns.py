"""Make moto's SNS keep, show and refuse what AWS does. Shell.

https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.policies import statements_of

_OF_TOPICS = {
    "signature_version": "SignatureVersion",
    "tracing_config": "TracingConfig",
    "maximum_message_size": "MaximumMessageSize",
}
_OF_FIFO = {
    "fifo_throughput_scope": "FifoThroughputScope",
    "archive_policy": "ArchivePolicy",
}
_CONFIRMED_AT_ONCE = frozenset({"sqs", "lambda", "firehose", "application", "sms"})


def patch() -> None:
    """Make all patches of this module."""
    from moto.sns.models import SNSBackend
    from moto.sns.responses import SNSResponse

    wrap(SNSResponse, "get_topic_attributes", _all_shown)
    wrap(SNSBackend, "set_topic_attribute", _only_for_fifo)
    wrap(SNSBackend, "set_topic_attribute", _with_statements)
    wrap(SNSBackend, "create_topic", _same_or_refused)
    wrap(SNSBackend, "delete_topic", _not_with_an_archive)
    wrap(SNSBackend, "subscribe", _to_be_confirmed)
    wrap(SNSBackend, "unsubscribe", _not_before_confirmed)
    wrap(SNSBackend, "set_subscription_attributes", _emptied)
    wrap(SNSResponse, "list_subscriptions_by_topic", _pending_without_arn)


def _invalid(reason: str) -> Exception:
    from moto.sns.exceptions import SNSInvalidParameter

    return SNSInvalidParameter(f"Invalid parameter: {reason}")


def _all_shown(original: Any) -> Any:
    """Defect: attributes that moto does not know are kept, and not shown."""

    def get_topic_attributes(self: Any) -> Any:
        answer = original(self)
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        known = {**_OF_TOPICS, **(_OF_FIFO if topic.fifo_topic else {})}
        kept = {name: getattr(topic, own, None) for own, name in known.items()}
        answer.result["Attributes"] |= {name: value for name, value in kept.items() if value}
        return answer

    return get_topic_attributes


def _only_for_fifo(original: Any) -> Any:
    """Defect: a standard topic takes attributes of FIFO topics."""

    def set_topic_attribute(self: Any, topic_arn: str, name: str, value: Any) -> None:
        of_fifo = name in ("content_based_deduplication", *_OF_FIFO)
        if of_fifo and not self.get_topic(topic_arn).fifo_topic:
            raise _invalid(f"AttributeName Reason: {name} is for FIFO topics")
        original(self, topic_arn, name, value)

    return set_topic_attribute


def _with_statements(original: Any) -> Any:
    """Defect: a policy with no statement is one.

    https://github.com/cloud-custodian/cloud-custodian/issues/1779
    """

    def set_topic_attribute(self: Any, topic_arn: str, name: str, value: Any) -> None:
        if name == "policy" and value and not statements_of(value):
            raise _invalid("Policy Error: null")
        original(self, topic_arn, name, value)

    return set_topic_attribute


def _same_or_refused(original: Any) -> Any:
    """Defects: creating a topic again with other attributes or tags succeeds, and so does a standard
    topic with attributes of FIFO topics."""

    def create_topic(self: Any, name: str, attributes: Any = None, tags: Any = None) -> Any:
        given = dict(attributes or {})
        if not given.get("FifoTopic") and given.keys() & {
            "ContentBasedDeduplication",
            *_OF_FIFO.values(),
        }:
            raise _invalid("Attributes Reason: they are for FIFO topics")
        present = next((one for one in self.topics.values() if one.name == name), None)
        if present is not None and present.made_with != given:
            raise _invalid("Attributes Reason: Topic already exists with different attributes")
        if present is not None and tags and present._tags != tags:
            raise _invalid("Tags Reason: Topic already exists with different tags")
        topic = original(self, name, attributes, tags)
        topic.made_with = given
        return topic

    return create_topic


def _not_with_an_archive(original: Any) -> Any:
    """Defect: a topic that keeps messages can be deleted.

    https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html
    """

    def delete_topic(self: Any, arn: str) -> None:
        topic = self.topics.get(arn)
        if topic is not None and getattr(topic, "archive_policy", "") not in ("", "{}"):
            raise _invalid("ArchivePolicy must be deactivated before the topic is deleted")
        original(self, arn)

    return delete_topic


def _to_be_confirmed(original: Any) -> Any:
    """Defect: whoever is at an address of mail or of the web need not confirm."""

    def subscribe(self: Any, topic_arn: str, endpoint: str, protocol: str) -> Any:
        subscription = original(self, topic_arn, endpoint, protocol)
        pending = protocol not in _CONFIRMED_AT_ONCE
        subscription.attributes["PendingConfirmation"] = pending
        return subscription

    return subscribe


def _not_before_confirmed(original: Any) -> Any:
    """Defect: a subscription that nobody has confirmed can be removed."""

    def unsubscribe(self: Any, subscription_arn: str) -> None:
        one = self.subscriptions.get(subscription_arn)
        if one is not None and one.attributes.get("PendingConfirmation") is True:
            raise _invalid(
                "SubscriptionArn Reason: Cannot unsubscribe a subscription that is pending confirmation"
            )
        original(self, subscription_arn)

    return unsubscribe


def _emptied(original: Any) -> Any:
    """Defects: an empty filter is one that is kept, and an empty redrive policy is no error."""

    def set_subscription_attributes(self: Any, arn: str, name: str, value: Any) -> None:
        if name == "RedrivePolicy" and value == "":
            raise _invalid("RedrivePolicy: it is no JSON")
        emptied = value is None or (name == "FilterPolicy" and value == "{}")
        original(self, arn, name, "" if emptied else value)
        if emptied:
            self.subscriptions[arn].attributes.pop(name, None)

    return set_subscription_attributes


def _pending_without_arn(original: Any) -> Any:
    """Defect: a list shows the ARN of a subscription that nobody has confirmed."""

    def list_subscriptions_by_topic(self: Any) -> Any:
        answer = original(self)
        answer.result["Subscriptions"] = [_listed(one) for one in answer.result["Subscriptions"]]
        return answer

    return list_subscriptions_by_topic


def _listed(one: Any) -> Mapping[str, Any]:
    pending = one.attributes.get("PendingConfirmation") is True
    return {
        "SubscriptionArn": "PendingConfirmation" if pending else one.arn,
        "Owner": one.owner,
        "Protocol": one.protocol,
        "Endpoint": one.endpoint,
        "TopicArn": one.topic_arn,
    }
