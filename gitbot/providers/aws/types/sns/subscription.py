"""AWS::SNS::Subscription as a table. Shell.

TopicArn, Protocol, Endpoint: replace. FilterPolicy, FilterPolicyScope, RawMessageDelivery,
RedrivePolicy, DeliveryPolicy, SubscriptionRoleArn: changed in place. Region can only say where the topic is,
which is where the stack is: SNS makes a subscription in the topic's region. Attributes: Arn. A subscription
has no tags: it belongs to whom the topic belongs to.
https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.cautions import Caution
from gitbot.model.cloud import Operation
from gitbot.model.schema import Parent, PartOf, Removal
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.text_attributes import TextAttributes, as_texts, one_by_one
from gitbot.providers.aws.types.sns.family import PROTOCOLS, SNS
from gitbot.providers.aws.types.sns.topic import CONFIRM, is_confirmed, subscriptions

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_KEY = ("TopicArn", "Protocol", "Endpoint")
_ATTRIBUTES = TextAttributes(
    # The scope comes first: SNS checks a policy by it.
    texts=("FilterPolicyScope", "SubscriptionRoleArn"),
    switches=("RawMessageDelivery",),
    documents=("FilterPolicy", "RedrivePolicy", "DeliveryPolicy"),
)
_RESETS = {
    "FilterPolicyScope": Removal(
        default="MessageAttributes", says="the filter looks at the attributes of messages"
    ),
    "RawMessageDelivery": Removal(default=False, says="messages come inside SNS's JSON"),
    "FilterPolicy": Removal(default=None, says="every message is delivered"),
    "RedrivePolicy": Removal(default=None, says="what cannot be delivered is lost"),
    "DeliveryPolicy": Removal(default=None, says="the topic says how often delivery is tried"),
}


def _parameters(operation: Operation) -> Properties:
    given = {name: one for name, one in operation.properties.items() if one not in (None, "")}
    sent = {name: given[name] for name in _KEY if name in given}
    attributes = as_texts(given, _ATTRIBUTES.names)
    return {**sent, "Attributes": attributes, "ReturnSubscriptionArn": True}


def _shown(one: Described) -> Properties:
    told = {"FilterPolicyScope": "MessageAttributes", **one}
    own = shown(*_KEY, Arn="SubscriptionArn")(one)
    return {**own, "Region": one["TopicArn"].split(":")[3], **_ATTRIBUTES.shown(told)}


def _check_home(aws: Connection, operation: Operation) -> None:
    """Raise CloudError if the topic is in another region than the stack, or than the spec says."""
    topic = str(operation.properties["TopicArn"])
    _check_region(operation.properties, topic)
    home = topic.split(":")[3] if topic.count(":") == 5 else aws.region
    if home != aws.region:
        raise CloudError(
            f"{operation.address}: the topic is in {home}, and the stack in {aws.region}. Declare its "
            f"subscriptions in a stack with `region: {home}`.",
            code="InvalidParameter",
        )


def _check_region(given: Properties, topic: str) -> None:
    region = given.get("Region")
    if region and region != topic.split(":")[3]:
        raise CloudError(f"the topic {topic} is not in {region}", code="InvalidParameter")


def _nothing_to_call(given: Properties, one: Described) -> Properties:
    """No parameters: the region is where the subscription is made. Raises CloudError if it is elsewhere."""
    _check_region(given, one["TopicArn"])
    return {}


def _alike(aws: Connection, operation: Operation) -> Iterable[str]:
    """The ARNs of the confirmed subscriptions of the endpoint to the topic. It is asked before one is made."""
    _check_home(aws, operation)
    given = operation.properties
    for one in subscriptions(aws, str(given["TopicArn"])):
        same = all(one[name] == given.get(name) for name in _KEY[1:])
        if same and is_confirmed(one):
            yield one["SubscriptionArn"]


_REFINE = refining(
    {
        "": {
            "required": [*_KEY],
            "dependentRequired": {"FilterPolicyScope": ["FilterPolicy"]},
        },
        "Protocol": PROTOCOLS,
        "Endpoint": {"minLength": 1},
        "Region": {"minLength": 1},
        "FilterPolicyScope": {"enum": ["MessageAttributes", "MessageBody"]},
        "FilterPolicy": {"minProperties": 1},
    }
)
_SETTING = "set_subscription_attributes"
_UPDATES = (
    *one_by_one(_SETTING, _ATTRIBUTES.names, none={"FilterPolicy": "{}", "RedrivePolicy": None}),
    Update(call=_SETTING, sends=("Region",), parameters=_nothing_to_call),
)
_CREATE = Create(
    call="subscribe",
    sends=(*_KEY, *_ATTRIBUTES.names),
    parameters=_parameters,
    gives=lambda answer, _: str(answer["SubscriptionArn"]),
    repeats=True,
)
_LISTING = Plain(
    dialect=SNS,
    call="get_subscription_attributes",
    answer="Attributes",
    asks=named("SubscriptionArn"),
    keyed=_alike,
)
_CONFIRM = Caution(made=True, where="/Protocol", begins=("email", "http"), says=CONFIRM)

SUBSCRIPTION = native_type(
    Table(
        name="AWS::SNS::Subscription",
        noun="subscription",
        dialect=SNS,
        listing=_LISTING,
        shows=_shown,
        addresses=lambda one: {"SubscriptionArn": one["SubscriptionArn"]},
        create=_CREATE,
        delete=Delete(
            call="unsubscribe", needless=lambda one: one.get("PendingConfirmation") == "true"
        ),
        updates=_UPDATES,
        resets=_RESETS,
        looks=("list_subscriptions_by_topic",),
        natural_key=_KEY,
        filled=("Region",),
        normalise=_ATTRIBUTES.normalised,
        parent=Parent(type="AWS::SNS::Topic", reference="TopicArn"),
        part_of=PartOf(owner="AWS::SNS::Topic", reference="TopicArn", property="Subscription"),
        refine=_REFINE,
        cautions=(_CONFIRM,),
    )
)
