"""Cases of the types of CodeCommit."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.cases.lambda_ import archive
from tests.contract.aws.world import AwsWorld

_KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000{0}"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:{0}"


def _trigger(name: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "DestinationArn": _TOPIC.format(name), "Events": ["all"], **more}


def seeds(world: AwsWorld, name: str = "a") -> str:
    """A bucket with code under the keys ``a``, in two versions, and ``b``."""

    def make() -> str:
        s3, bucket = world.aws.client("s3"), f"seeds-{name}"
        s3.create_bucket(Bucket=bucket)
        versioning = {"Status": "Enabled"}
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration=versioning)
        for key in ("a", "a", "b"):
            s3.put_object(Bucket=bucket, Key=key, Body=archive())
        return bucket

    return str(world.thing(f"seeds-{name}", make))


def _versions(world: AwsWorld) -> list[str]:
    found = world.aws.client("s3").list_object_versions(Bucket=seeds(world), Prefix="a")
    return [one["VersionId"] for one in found["Versions"]]


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
            "Code/S3/Bucket": lambda world: [seeds(world, name) for name in "ab"],
            "Code/S3/Key": ["a", "b"],
            "Code/S3/ObjectVersion": _versions,
            "RepositoryName": ["models", "trainers"],
            "KmsKeyId": [_KEY.format(1), _KEY.format(2)],
            "Triggers/*/DestinationArn": [_TOPIC.format(name) for name in "ab"],
            "Triggers/*/Events": [["all"], ["createReference"]],
        },
    ),
)
