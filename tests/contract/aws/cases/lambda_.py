"""Cases of the types of Lambda."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, Samples, made_role
from tests.contract.aws.world import AwsWorld

CODE = {"ZipFile": "def handler(event, context): return 'one'"}
OTHER_CODE = {"ZipFile": "def handler(event, context): return 'two'"}
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000"
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve"


def role(world: AwsWorld, name: str = "a") -> str:
    """A role that Lambda may assume."""
    return made_role(world, "lambda.amazonaws.com", name)


def archive() -> bytes:
    """Code, packed."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as made:
        made.writestr("index.py", CODE["ZipFile"])
    return packed.getvalue()


def layer(world: AwsWorld, name: str = "a") -> str:
    """A version of a layer."""

    def make() -> str:
        made = world.aws.client("lambda").publish_layer_version(
            LayerName=f"layer-{name}", Content={"ZipFile": archive()}
        )
        return str(made["LayerVersionArn"])

    return str(world.thing(f"layer-{name}", make))


def bucket(world: AwsWorld, name: str = "a") -> str:
    """A versioned bucket with code under the keys ``a`` and ``b``."""

    def make() -> str:
        s3 = world.aws.client("s3")
        s3.create_bucket(Bucket=f"code-{name}")
        for key in ("a", "b"):
            s3.put_object(Bucket=f"code-{name}", Key=key, Body=archive())
        return f"code-{name}"

    return str(world.thing(f"code-{name}", make))


def minimal(world: AwsWorld) -> dict[str, Any]:
    return {
        "Code": CODE,
        "Role": role(world),
        "Runtime": "python3.13",
        "Handler": "index.handler",
    }


def function(world: AwsWorld) -> dict[str, Any]:
    return {
        **minimal(world),
        "FunctionName": "train",
        "PackageType": "Zip",
        "Architectures": ["x86_64"],
        "Description": "trains",
        "Timeout": 60,
        "MemorySize": 1024,
        "VpcConfig": {"SubnetIds": ["subnet-0a"], "SecurityGroupIds": ["sg-0a"]},
        "Environment": {"Variables": {"MODEL": "churn", "STAGE": "dev"}},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:a"},
        "KmsKeyArn": f"{KEY}1",
        "TracingConfig": {"Mode": "Active"},
        "Layers": [layer(world)],
        "FileSystemConfigs": [{"Arn": f"{POINT}0", "LocalMountPath": "/mnt/a"}],
        "ImageConfig": {},
        "EphemeralStorage": {"Size": 1024},
        "SnapStart": {"ApplyOn": "PublishedVersions"},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/train"},
        "ReservedConcurrentExecutions": 2,
        "Tags": TAGS,
    }


def changes(world: AwsWorld) -> Mapping[str, Any]:
    return {
        "Code": OTHER_CODE,
        "Role": role(world, "b"),
        "Runtime": "python3.12",
        "Handler": "index.other",
        "Architectures": ["arm64"],
        "Description": "serves",
        "Timeout": 90,
        "MemorySize": 2048,
        "VpcConfig": {"SubnetIds": ["subnet-0b"], "SecurityGroupIds": ["sg-0b"]},
        "Environment": {"Variables": {"STAGE": "live"}},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:us-east-1:123456789012:b"},
        "KmsKeyArn": f"{KEY}2",
        "TracingConfig": {"Mode": "PassThrough"},
        "Layers": [layer(world, "b")],
        "FileSystemConfigs": [{"Arn": f"{POINT}1", "LocalMountPath": "/mnt/b"}],
        "EphemeralStorage": {"Size": 2048},
        "SnapStart": {"ApplyOn": "None"},
        "LoggingConfig": {"LogFormat": "Text", "LogGroup": "/serve"},
        "ReservedConcurrentExecutions": 0,
        "Tags": OTHER_TAGS,
    }


def _each(make: Callable[[AwsWorld, str], Any]) -> Samples:
    return lambda world: [make(world, name) for name in "ab"]


def _packed(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """What an image has in place of a runtime."""
    image = name == "ImageConfig"
    code = {"PackageType": "Image", "Code": {"ImageUri": f"{IMAGE}:a"}}
    return code if image else {"Runtime": "python3.13", "Handler": "index.handler"}


def _code(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name in ("ZipFile", "ImageUri"):
        return {}
    if name.startswith("S3"):
        return {"S3Bucket": bucket(world), "S3Key": "a"}
    return CODE


STACK = """\
role:
  type: AWS::IAM::Role
  properties:
    AssumeRolePolicyDocument:
      Version: "2012-10-17"
      Statement:
        - {Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}
train:
  type: AWS::Lambda::Function
  properties:
    Role: ${role.Arn}
    Runtime: python3.13
    Handler: index.handler
    Code: {ZipFile: "def handler(event, context): return event"}
    Environment: {Variables: {MODEL: churn}}
"""

CASES = (
    Case(
        type="AWS::Lambda::Function",
        creating="CreateFunction",
        absent="gone",
        minimal=minimal,
        full=function,
        changes=changes,
        attributes=frozenset({"Arn", "FunctionName"}),
        elsewhere=frozenset({"ImageConfig"}),
        stack=STACK,
        samples={
            "Role": _each(role),
            "Layers": lambda world: [[layer(world, name)] for name in "ab"],
            "Code/S3Bucket": _each(bucket),
            "Code/S3Key": ["a", "b"],
            "Code/ZipFile": [CODE["ZipFile"], OTHER_CODE["ZipFile"]],
            "Code/ImageUri": [f"{IMAGE}:a", f"{IMAGE}:b"],
            "Architectures": [["arm64"], ["x86_64"]],
            "Runtime": ["python3.13", "python3.12"],
            "VpcConfig/SubnetIds": [["subnet-0a"], ["subnet-0b"]],
            "VpcConfig/SecurityGroupIds": [["sg-0a"], ["sg-0b"]],
            "FileSystemConfigs/*/Arn": [f"{POINT}0", f"{POINT}1"],
            "FileSystemConfigs/*/LocalMountPath": ["/mnt/a", "/mnt/b"],
            "DeadLetterConfig/TargetArn": [f"arn:aws:sqs:us-east-1:1:{name}" for name in "ab"],
            "Environment/Variables": [{"MODEL": "a"}, {"STAGE": "b"}],
            "KmsKeyArn": [f"{KEY}1", f"{KEY}2"],
        },
        beside={
            "": _packed,
            "Code": _code,
            "VpcConfig": lambda world, name: (
                {} if name == "SubnetIds" else {"SubnetIds": ["subnet-0a"]}
            ),
        },
    ),
)
