"""AWS::SQS::Queue as a table. Shell.

QueueName (generated when absent), FifoQueue: replace. DelaySeconds, MaximumMessageSize,
MessageRetentionPeriod, ReceiveMessageWaitTimeSeconds, VisibilityTimeout, RedrivePolicy,
RedriveAllowPolicy (maps or JSON text), KmsMasterKeyId, KmsDataKeyReusePeriodSeconds,
SqsManagedSseEnabled, Tags, and of FIFO queues ContentBasedDeduplication, DeduplicationScope,
FifoThroughputLimit: changed in place. Attributes: QueueUrl, Arn.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
"""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.text_attributes import TextAttributes, as_texts, without_false
from gitbot.providers.aws.types.sqs.family import SQS, TAGS, own_url, url_of

_NAME = Name(
    property="QueueName",
    longest=80,
    ending=lambda properties: ".fifo" if properties.get("FifoQueue") else "",
)
_OF_FIFO = ("DeduplicationScope", "FifoThroughputLimit")
_ATTRIBUTES = TextAttributes(
    numbers=(
        *("DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod"),
        *("ReceiveMessageWaitTimeSeconds", "VisibilityTimeout", "KmsDataKeyReusePeriodSeconds"),
    ),
    switches=("ContentBasedDeduplication", "SqsManagedSseEnabled"),
    documents=("RedrivePolicy", "RedriveAllowPolicy"),
    texts=("KmsMasterKeyId", "DeduplicationScope", "FifoThroughputLimit"),
)
_LISTING = Plain(
    dialect=SQS,
    call="get_queue_attributes",
    answer="Attributes",
    asks=named("QueueUrl"),
    more={"AttributeNames": ["All"]},
    tags=TAGS,
    name=_NAME,
    id_of=url_of,
    index=Index("sqs:", own=own_url),
)
_RESETS = {
    "DelaySeconds": Removal(default=0, says="messages can be received at once"),
    "MaximumMessageSize": Removal(default=1_048_576, says="messages may have 1 MiB"),
    "MessageRetentionPeriod": Removal(default=345_600, says="messages are kept for 4 days"),
    "ReceiveMessageWaitTimeSeconds": Removal(default=0, says="receivers do not wait for messages"),
    "VisibilityTimeout": Removal(default=30, says="a received message is hidden for 30 seconds"),
    "RedrivePolicy": Removal(default=None, says="no message goes to a dead-letter queue"),
    "RedriveAllowPolicy": Removal(
        default=None, says="any queue may use this one as its dead-letter queue"
    ),
    "KmsDataKeyReusePeriodSeconds": Removal(
        default=300, says="a data key is used again for 5 minutes"
    ),
    "KmsMasterKeyId": Removal(
        default=None,
        says="no key of KMS encrypts messages; SqsManagedSseEnabled says whether SQS does",
    ),
    "SqsManagedSseEnabled": Removal(default=True, says="SQS encrypts messages with its own keys"),
    "ContentBasedDeduplication": Removal(
        default=False, says="senders must say which messages are the same"
    ),
    "FifoThroughputLimit": Removal(default="perQueue", says="the quota holds for the whole queue"),
    "DeduplicationScope": Removal(
        default="queue", says="duplicates are looked for in the whole queue"
    ),
}

_NOT_OF_FIFO = {
    "pattern": r"^(?!.*\.fifo$)",
    "title": "does not end with .fifo, as the name of a queue with FifoQueue: true must",
}
_OF_FIFO_ALONE = {
    "pattern": r"\.fifo$",
    "title": "ends with .fifo, which only the name of a queue with FifoQueue: true does",
}
_LIMITS: Mapping[str, Properties] = {
    "": {
        "dependentRequired": {name: ["FifoQueue"] for name in _OF_FIFO},
        "allOf": [
            {
                "if": {"required": ["FifoQueue"], "properties": {"FifoQueue": {"const": True}}},
                "then": {"properties": {"QueueName": {"not": _NOT_OF_FIFO}}},
                "else": {"properties": {"QueueName": {"not": _OF_FIFO_ALONE}}},
            }
        ],
    },
    "DeduplicationScope": {"enum": ["messageGroup", "queue"]},
    "FifoThroughputLimit": {"enum": ["perQueue", "perMessageGroupId"]},
    "RedrivePolicy/deadLetterTargetArn": {"minLength": 1, "names": ["AWS::SQS::Queue.Arn"]},
    "RedrivePolicy": {"required": ["deadLetterTargetArn", "maxReceiveCount"]},
}


def _parameters(operation: Operation) -> Properties:
    # SQS knows the switches of FIFO queues on no other queue, not even as false.
    given = without_false(operation.properties, "FifoQueue", "ContentBasedDeduplication")
    return {"Attributes": as_texts(given, (*_ATTRIBUTES.names, "FifoQueue"))}


def _changes(values: Properties, _: Described) -> Properties:
    return {"Attributes": as_texts(values, values)}


def _shown(queue: Described) -> Properties:
    arn = queue["QueueArn"]
    fifo = queue.get("FifoQueue") == "true"
    told = _ATTRIBUTES.shown(queue)
    own = {"ContentBasedDeduplication": False, "FifoQueue": fifo}
    return {
        **own,
        **told,
        "QueueUrl": queue["QueueUrl"],
        "Arn": arn,
        "QueueName": arn.split(":")[5],
    }


def _policy(properties: Properties) -> Properties:
    """The form for comparison: SQS takes numbers in its documents as texts, too."""
    done = _ATTRIBUTES.normalised(properties)
    policy = done.get("RedrivePolicy")
    if isinstance(policy, Mapping) and str(policy.get("maxReceiveCount")).isdigit():
        done["RedrivePolicy"] = {**policy, "maxReceiveCount": int(policy["maxReceiveCount"])}
    return done


QUEUE = native_type(
    Table(
        name="AWS::SQS::Queue",
        noun="queue",
        dialect=SQS,
        listing=_LISTING,
        shows=_shown,
        addresses=lambda one: {"QueueUrl": one["QueueUrl"]},
        create=Create(
            call="create_queue",
            sends=("QueueName", "FifoQueue", *_ATTRIBUTES.names),
            parameters=_parameters,
            gives=lambda answer, _: str(answer["QueueUrl"]),
            name=_NAME,
            taken=frozenset({"QueueAlreadyExists", "QueueNameExists"}),
            repeats=True,
        ),
        delete=Delete(call="delete_queue"),
        tags=TAGS,
        updates=(
            Update(call="set_queue_attributes", sends=_ATTRIBUTES.names, parameters=_changes),
        ),
        resets=_RESETS,
        natural_key=("QueueName",),
        normalise=_policy,
        refine=refining(_LIMITS),
        stateful=True,
        losses=Losses(gone="every message that nobody has received yet is lost"),
    )
)
