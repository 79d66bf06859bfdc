"""Cases of the types of Kinesis."""

from __future__ import annotations

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case

_KEY = "arn:aws:kms:us-east-1:123456789012:key/"


def encryption(key: str) -> dict[str, str]:
    return {"EncryptionType": "KMS", "KeyId": f"{_KEY}{key}"}


CASES = (
    Case(
        type="AWS::Kinesis::Stream",
        one_value=frozenset({"StreamModeDetails"}),
        creating="CreateStream",
        absent="gone",
        minimal=lambda world: {"ShardCount": 1},
        full=lambda world: {
            "Name": "clicks",
            "ShardCount": 2,
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            "RetentionPeriodHours": 48,
            "StreamEncryption": encryption("one"),
            "DesiredShardLevelMetrics": ["IncomingBytes", "OutgoingBytes"],
            "MaxRecordSizeInKiB": 2048,
            "Tags": TAGS,
        },
        changes=lambda world: {
            "ShardCount": 11,
            "StreamModeDetails": {"StreamMode": "PROVISIONED"},
            "RetentionPeriodHours": 36,
            "StreamEncryption": encryption("two"),
            "DesiredShardLevelMetrics": ["ALL"],
            "MaxRecordSizeInKiB": 4096,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Arn", "Name"}),
        stack="""\
clicks:
  type: AWS::Kinesis::Stream
  properties:
    ShardCount: 5
    RetentionPeriodHours: 48
    StreamEncryption: {EncryptionType: KMS, KeyId: alias/aws/kinesis}
""",
        samples={
            "ShardCount": [2, 9],
            "StreamModeDetails": [{"StreamMode": "PROVISIONED"}] * 2,
            "RetentionPeriodHours": [48, 36],
            "StreamEncryption/KeyId": [f"{_KEY}one", f"{_KEY}two"],
            "DesiredShardLevelMetrics": [["IncomingBytes"], ["ALL"]],
            "MaxRecordSizeInKiB": [2048, 4096],
        },
    ),
)
