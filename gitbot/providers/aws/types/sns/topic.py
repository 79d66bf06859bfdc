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

from gitbot.model.cautions import Caution, Turn
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
_ELEMENT, _PENDING = ("Protocol", "Endpoint"), "PendingConfirmation"
CONFIRM = (
    "SNS sends nothing to an address of mail or the web until who is there confirms the subscription, by the link "
    "in AWS's first message."
)
_CAUTIONS = (
    Caution(made=True, says=CONFIRM, where="/Subscription/*/Protocol", begins=("email", "http")),
    Caution(says=CONFIRM, changed="/Subscription", turn=Turn.SET),
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


def is_confirmed(subscription: Described) -> bool:
    """Whether the endpoint has confirmed the subscription, so that it has an ARN."""
    return str(subscription["SubscriptionArn"]).startswith("arn:")


def _read(aws: Connection, topic: str) -> Any:
    found = subscriptions(aws, topic)
    return [_own(one) | ({} if is_confirmed(one) else {_PENDING: True}) for one in found]


def _own(one: Described) -> dict[str, Any]:
    return {name: one[name] for name in _ELEMENT}


def _known(read: Any, applied: Any) -> Any:
    """The subscriptions, of the unconfirmed ones only those that state has: SNS forgets the others by itself."""
    if applied is None:
        return [_own(one) for one in read]
    mine = [_own(one) for one in applied]
    return [one for one in read if _PENDING not in one or _own(one) in mine]


def _write(aws: Connection, topic: str, value: Any) -> None:
    """What is to go and nobody has confirmed is left to SNS, which refuses to remove it and forgets it by itself.

    https://docs.aws.amazon.com/sns/latest/api/API_Unsubscribe.html
    """
    wanted = {(one["Protocol"], one["Endpoint"]) for one in value or ()}
    had = {(one["Protocol"], one["Endpoint"]): one for one in subscriptions(aws, topic)}
    for protocol, endpoint in sorted(wanted - set(had)):
        aws.call("sns", "subscribe", TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
    for protocol, endpoint in sorted(set(had) - wanted):
        one = had[protocol, endpoint]
        if is_confirmed(one):
            aws.call("sns", "unsubscribe", SubscriptionArn=one["SubscriptionArn"])


def _unconfirmed(before: Any) -> tuple[str, ...]:
    """A sentence about each subscription that is to go and that nobody has confirmed."""
    some = before if isinstance(before, (list, tuple)) else [before]
    return tuple(
        f"Nobody has confirmed the subscription of {one['Endpoint']}: SNS sends nothing there and cannot remove it. "
        "It forgets it by itself, 48 hours after it was asked for."
        for one in some
        if isinstance(one, Mapping) and _PENDING in one
    )


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
        surfaces=(Surface(property="Subscription", read=_read, write=_write, known=_known),),
        resets=_RESETS,
        looks=("list_subscriptions_by_topic",),
        calls=("subscribe", "unsubscribe"),
        natural_key=("TopicName",),
        identities={"/Subscription": _ELEMENT},
        explains=_unconfirmed,
        normalise=_normalised,
        cautions=_CAUTIONS,
        refine=refining(_LIMITS),
        losses=Losses(gone="all its subscriptions are lost, whoever made them"),
    )
)
