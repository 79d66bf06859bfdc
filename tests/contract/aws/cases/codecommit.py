"""Cases of the types of CodeCommit."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case

_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000{0}"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:{0}"


def _trigger(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "DestinationArn": _TOPIC.format(name), "Events": ["all"], **more}


CASES = (
    Case(
        type="AWS::CodeCommit::Repository",
        creating="CreateRepository",
        absent="00000000-0000-0000-0000-000000000000",
        minimal=lambda world: {"RepositoryName": "models"},
        full=lambda world: {
            "RepositoryName": "models",
            "RepositoryDescription": "what we train",
            "KmsKeyId": _KEY.format(1),
            "Triggers": [
                _trigger("pushed", Branches=["main"], CustomData="ml"),
                _trigger("anything"),
            ],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "RepositoryName": "trainers",
            "RepositoryDescription": "what trains",
            "KmsKeyId": _KEY.format(2).partition("key/")[2],
            "Triggers": [_trigger("pushed", Events=["updateReference"])],
            "Tags": OTHER_TAGS,
        },
        others=lambda world: {"RepositoryName": "models"},
        attributes=frozenset({"RepositoryId", "Name", "Arn", "CloneUrlHttp", "CloneUrlSsh"}),
        stack="""\
code:
  type: AWS::CodeCommit::Repository
  properties:
    RepositoryName: models
    RepositoryDescription: what we train
    Triggers:
      - Name: pushed
        DestinationArn: arn:aws:sns:us-east-1:123456789012:pushed
        Events: [all]
""",
        samples={
            "RepositoryName": ["models", "trainers"],
            "KmsKeyId": [_KEY.format(1), _KEY.format(2)],
            "Triggers/*/DestinationArn": [_TOPIC.format(name) for name in "ab"],
            "Triggers/*/Events": [["all"], ["createReference"]],
        },
    ),
)
