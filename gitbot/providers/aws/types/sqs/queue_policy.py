"""AWS::SQS::QueuePolicy as a table. Shell.

Queues (exactly one: its policy is the object): replaces. PolicyDocument (a map or JSON text): changed in
place. Attributes: Id, which is the queue's URL. A policy has no tags: it belongs to whom the queue
belongs to.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from gitbot.model.schema import Parent
from gitbot.providers.aws.owner_policies import DOCUMENT, OwnerPolicy, normalised
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.policy_documents import policy_text
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sqs.family import SQS


def _setting(queue: str, document: Any) -> Properties:
    text = "" if document is None else policy_text(document)
    return {"QueueUrl": queue, "Attributes": {"Policy": text}}


_POLICY = OwnerPolicy(owners="Queues", owner="QueueUrl", setting=_setting)
_LISTING = Plain(
    dialect=SQS,
    call="get_queue_attributes",
    answer="Attributes",
    asks=named("QueueUrl"),
    more={"AttributeNames": ["Policy"]},
    keyed=_POLICY.keyed,
)

QUEUE_POLICY = native_type(
    Table(
        name="AWS::SQS::QueuePolicy",
        noun="queue policy",
        dialect=SQS,
        listing=_LISTING,
        identifier=itemgetter("QueueUrl"),
        shows=_POLICY.shown,
        create=Create(
            call="set_queue_attributes",
            sends=_POLICY.sends,
            parameters=_POLICY.made,
            gives=_POLICY.gives,
            repeats=True,
        ),
        exists=lambda one: bool(one.get("Policy")),
        delete=Delete(
            call="set_queue_attributes", parameters=lambda one: _setting(one["QueueUrl"], None)
        ),
        updates=(
            Update(call="set_queue_attributes", sends=(DOCUMENT,), parameters=_POLICY.changed),
        ),
        natural_key=("Queues",),
        normalise=normalised,
        parent=Parent(type="AWS::SQS::Queue", reference="Queues"),
        refine=_POLICY.refine,
    )
)
