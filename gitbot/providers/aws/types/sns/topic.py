"""AWS::SNS::Topic as a table. Shell.

TopicName (generated when absent), FifoTopic: replace. DisplayName, KmsMasterKeyId, SignatureVersion,
TracingConfig, MaximumMessageSize, Tags, Subscription (the whole list, read with a call of its own
where it is declared), and of FIFO topics ContentBasedDeduplication, FifoThroughputScope, ArchivePolicy (what it
keeps is lost without it): changed in place. Attributes: TopicArn.
https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.costs import less, switched_off
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, arn_of, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.text_attributes import (
    TextAttributes,
    as_texts,
    one_by_one,
    without_false,
)
from gitbot.providers.aws.types.sns.family import SNS, TAGS

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(
    property="TopicName",
    longest=256,
    ending=lambda properties: ".fifo" if properties.get("FifoTopic") else "",
)
_ARCHIVE, _DAYS = "ArchivePolicy", "MessageRetentionPeriod"
_ATTRIBUTES = TextAttributes(
    numbers=("MaximumMessageSize",),
    switches=("ContentBasedDeduplication",),
    texts=(
        *("DisplayName", "KmsMasterKeyId", "SignatureVersion"),
        *("TracingConfig", "FifoThroughputScope"),
    ),
    documents=(_ARCHIVE,),
)
_LISTING = Plain(
    dialect=SNS,
    call="get_topic_attributes",
    answer="Attributes",
    asks=named("TopicArn"),
    tags=TAGS,
    name=_NAME,
    id_of=arn_of("sns", ""),
    index=Index("sns:", own=str),
)
_RESETS = {
    "DisplayName": Removal(default=None, says="messages have no name of a sender"),
    "KmsMasterKeyId": Removal(default=None, says="messages are not encrypted with a key of KMS"),
    "SignatureVersion": Removal(default="1", says="notifications are signed with SHA1"),
    "TracingConfig": Removal(default="PassThrough", says="the topic makes no traces of its own"),
    "MaximumMessageSize": Removal(default=262_144, says="messages may have 256 KiB"),
    "ContentBasedDeduplication": Removal(
        default=False, says="publishers must say which messages are the same"
    ),
    "FifoThroughputScope": Removal(default="Topic", says="duplicates are looked for in the topic"),
    _ARCHIVE: Removal(
        default=None, says="no messages are kept, and those that are kept are deleted"
    ),
}
_KEPT = f"/{_ARCHIVE}/{_DAYS}"
_CAUTIONS = (
    less(_KEPT, "kept messages that are older are deleted"),
    switched_off(_KEPT, "all kept messages are deleted"),
)

_LIMITS: Mapping[str, Properties] = {
    "": {"dependentRequired": {name: ["FifoTopic"] for name in ("FifoThroughputScope", _ARCHIVE)}},
    "Subscription": {"uniqueItems": True},
    "Subscription/*/Protocol": {"minLength": 1},
    "Subscription/*/Endpoint": {"minLength": 1},
    "SignatureVersion": {"enum": ["1", "2"]},
    "TracingConfig": {"enum": ["PassThrough", "Active"]},
    "FifoThroughputScope": {"enum": ["Topic", "MessageGroup"]},
}


def _parameters(operation: Operation) -> Properties:
    given = without_false(operation.properties, "FifoTopic", "ContentBasedDeduplication")
    given = {name: value for name, value in given.items() if value not in (None, "", {})}
    return {"Attributes": as_texts(given, (*_ATTRIBUTES.names, "FifoTopic"))}


def _normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison: days are text, and none is no archive."""
    done = _ATTRIBUTES.normalised(properties)
    kept = done.get(_ARCHIVE)
    if isinstance(kept, Mapping) and _DAYS in kept:
        done[_ARCHIVE] = {**kept, _DAYS: str(kept[_DAYS])}
    return done


def _shown(topic: Described) -> Properties:
    arn, told = topic["TopicArn"], _ATTRIBUTES.shown(topic)
    told[_ARCHIVE] = told[_ARCHIVE] or None
    fifo = topic.get("FifoTopic") == "true"
    # SNS leaves out what was never set.
    unset = {
        name: one.default
        for name, one in _RESETS.items()
        if one.default is not None and told.get(name) in (None, "")
    }
    return {**told, **unset, "FifoTopic": fifo, "TopicArn": arn, "TopicName": arn.split(":")[5]}


def subscriptions(aws: Connection, topic: str) -> list[Described]:
    """The subscriptions of the topic; ``SubscriptionArn`` is no ARN while nobody has confirmed."""
    call = ("sns", "list_subscriptions_by_topic", "Subscriptions")
    return [one for one in aws.pages(*call, TopicArn=topic) if one["SubscriptionArn"] != "Deleted"]


def _read(aws: Connection, topic: str) -> Any:
    return [
        {"Protocol": one["Protocol"], "Endpoint": one["Endpoint"]}
        for one in subscriptions(aws, topic)
    ]


def _write(aws: Connection, topic: str, value: Any) -> None:
    wanted = {(one["Protocol"], one["Endpoint"]) for one in value or ()}
    had = {(one["Protocol"], one["Endpoint"]): one for one in subscriptions(aws, topic)}
    for protocol, endpoint in sorted(wanted - set(had)):
        aws.call("sns", "subscribe", TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    for protocol, endpoint in sorted(set(had) - wanted):
        arn = had[protocol, endpoint]["SubscriptionArn"]
        if not arn.startswith("arn:"):
            raise CloudError(
                f"The subscription of {endpoint} to {topic} cannot be removed: nobody has confirmed it. "
                "SNS forgets it by itself, 48 hours after it was asked for.",
                code="PendingConfirmation",
            )
        aws.call("sns", "unsubscribe", SubscriptionArn=arn)


_CREATE = Create(
    call="create_topic",
    sends=("TopicName", "FifoTopic", *_ATTRIBUTES.names),
    parameters=_parameters,
    gives=lambda answer, _: str(answer["TopicArn"]),
    name=_NAME,
    repeats=True,
)
_DELETE = Delete(  # SNS keeps a topic that keeps messages
    call="delete_topic",
    protected=lambda topic: f"{_ARCHIVE}: {{}}" if _shown(topic)[_ARCHIVE] else "",
)

TOPIC = native_type(
    Table(
        name="AWS::SNS::Topic",
        noun="topic",
        dialect=SNS,
        listing=_LISTING,
        shows=_shown,
        addresses=lambda one: {"TopicArn": one["TopicArn"]},
        spells={"TopicName": "Name"},
        create=_CREATE,
        delete=_DELETE,
        tags=TAGS,
        updates=one_by_one("set_topic_attributes", _ATTRIBUTES.names, none={_ARCHIVE: "{}"}),
        surfaces=(Surface(property="Subscription", read=_read, write=_write),),
        resets=_RESETS,
        looks=("list_subscriptions_by_topic",),
        calls=("subscribe", "unsubscribe"),
        natural_key=("TopicName",),
        sets=("/Subscription",),
        normalise=_normalised,
        cautions=_CAUTIONS,
        refine=refining(_LIMITS),
        losses=Losses(gone="all its subscriptions are lost, whoever made them"),
    )
)
