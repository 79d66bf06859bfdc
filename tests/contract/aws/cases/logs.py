"""Cases of the types of CloudWatch Logs."""

from __future__ import annotations

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case

_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890a"
KEYS = [f"{_KEY}{last}" for last in "bc"]

CASES = (
    Case(
        type="AWS::Logs::LogGroup",
        creating="CreateLogGroup",
        absent="/gone",
        minimal=lambda world: {},
        full=lambda world: {
            "LogGroupName": "/ml/training",
            "LogGroupClass": "INFREQUENT_ACCESS",
            "RetentionInDays": 30,
            "KmsKeyId": KEYS[0],
            "DeletionProtectionEnabled": False,
            "Tags": TAGS,
        },
        changes=lambda world: {
            "RetentionInDays": 90,
            "KmsKeyId": KEYS[1],
            "DeletionProtectionEnabled": True,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"Arn", "LogGroupName"}),
        samples={"KmsKeyId": KEYS},
        stack="""\
log:
  type: AWS::Logs::LogGroup
  properties: {LogGroupName: /ml/every-type, RetentionInDays: 30}
""",
    ),
)
