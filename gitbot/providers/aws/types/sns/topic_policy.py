"""AWS::SNS::TopicPolicy as a table. Shell.

Topics (exactly one: its policy is the object): replaces. PolicyDocument (a map or JSON text): changed in
place. Attributes: Id, which is the topic's ARN. A topic always has a policy: the default one, which lets
its owner do everything, counts as none. A policy has no tags: it belongs to whom the topic belongs to.
https://docs.aws.amazon.com/sns/latest/api/API_SetTopicAttributes.html
"""

from __future__ import annotations

import json
from operator import itemgetter
from typing import Any

from gitbot.model.schema import Parent
from gitbot.providers.aws.owner_policies import DOCUMENT, OwnerPolicy, normalised
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.policy_documents import policy_text
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sns.family import SNS

_DEFAULT = "__default_policy_ID"
_ACTIONS = (
    *("GetTopicAttributes", "SetTopicAttributes", "AddPermission", "RemovePermission"),
    *("DeleteTopic", "Subscribe", "ListSubscriptionsByTopic", "Publish"),
)


def _setting(topic: str, document: Any) -> Properties:
    text = policy_text(document)
    return {"TopicArn": topic, "AttributeName": "Policy", "AttributeValue": text}


def _default(topic: Described) -> Properties:
    """The parameters that give the topic the policy of a new one."""
    arn = topic["TopicArn"]
    statement = {
        "Sid": "__default_statement_ID",
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": [f"SNS:{action}" for action in _ACTIONS],
        "Resource": arn,
        "Condition": {"StringEquals": {"AWS:SourceOwner": arn.split(":")[4]}},
    }
    return _setting(arn, {"Version": "2008-10-17", "Id": _DEFAULT, "Statement": [statement]})


_POLICY = OwnerPolicy(owners="Topics", owner="TopicArn", setting=_setting)
_LISTING = Plain(
    dialect=SNS,
    call="get_topic_attributes",
    answer="Attributes",
    asks=named("TopicArn"),
    keyed=_POLICY.keyed,
)

TOPIC_POLICY = native_type(
    Table(
        name="AWS::SNS::TopicPolicy",
        noun="topic policy",
        dialect=SNS,
        listing=_LISTING,
        identifier=itemgetter("TopicArn"),
        shows=_POLICY.shown,
        create=Create(
            call="set_topic_attributes",
            sends=_POLICY.sends,
            parameters=_POLICY.made,
            gives=_POLICY.gives,
            repeats=True,
        ),
        exists=lambda one: json.loads(one["Policy"]).get("Id") != _DEFAULT,
        delete=Delete(call="set_topic_attributes", parameters=_default),
        updates=(
            Update(call="set_topic_attributes", sends=(DOCUMENT,), parameters=_POLICY.changed),
        ),
        natural_key=("Topics",),
        normalise=normalised,
        parent=Parent(type="AWS::SNS::Topic", reference="Topics"),
        refine=_POLICY.refine,
    )
)
