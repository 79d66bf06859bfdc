"""Cases of the types of Lambda."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

from gitbot_sandbox.aws import LocalAws
from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, Samples, made_role
from tests.contract.aws.cases.stacks import role_of
from tests.contract.aws.world import AwsWorld

CODE = {"ZipFile": "def handler(event, context): return 'one'"}
OTHER_CODE = {"ZipFile": "def handler(event, context): return 'two'"}
KEY = "arn:aws:kms:us-east-1:123456789012:key/00000000-0000-0000-0000-00000000000"
POINT = "arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/fsap-0123456789abcdef"
VERSION = "arn:aws:lambda:us-east-1::runtime"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:a"
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


def stored(aws: LocalAws, name: str = "a") -> str:
    """A new bucket with code under the keys ``a`` and ``b``."""
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=f"code-{name}")
    for key in ("a", "b"):
        s3.put_object(Bucket=f"code-{name}", Key=key, Body=archive())
    return f"code-{name}"


def bucket(world: AwsWorld, name: str = "a") -> str:
    """A bucket with code under the keys ``a`` and ``b``."""
    return str(world.thing(f"code-{name}", lambda: stored(world.aws, name)))


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
        "RuntimeManagementConfig": {
            "UpdateRuntimeOn": "Manual",
            "RuntimeVersionArn": f"{VERSION}:0a",
        },
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
        "RuntimeManagementConfig": {"UpdateRuntimeOn": "FunctionUpdate"},
        "Tags": OTHER_TAGS,
    }


def _each(make: Callable[[AwsWorld, str], Any]) -> Samples:
    return lambda world: [make(world, name) for name in "ab"]


_IMAGE: Mapping[str, Any] = {"PackageType": "Image", "Runtime": None, "Handler": None}


def _packed(world: AwsWorld, name: str) -> Mapping[str, Any]:
    """What an image has in place of a runtime."""
    image = name == "ImageConfig"
    code = {**_IMAGE, "Code": {"ImageUri": f"{IMAGE}:a"}}
    return code if image else {"Runtime": "python3.13", "Handler": "index.handler"}


def _code(world: AwsWorld, name: str) -> Mapping[str, Any]:
    if name in ("ZipFile", "ImageUri"):
        return {}
    if name.startswith("S3"):
        return {"S3Bucket": bucket(world), "S3Key": "a"}
    return CODE


def a_function(world: AwsWorld, name: str = "a") -> str:
    """The name of a function."""

    def make() -> str:
        world.aws.client("lambda").create_function(
            FunctionName=f"function-{name}",
            Role=role(world),
            Runtime="python3.13",
            Handler="index.handler",
            Code={"ZipFile": archive()},
        )
        return f"function-{name}"

    return str(world.thing(f"function-{name}", make))


def a_stream(world: AwsWorld, name: str = "a") -> str:
    """The ARN of a stream of a table."""

    def make() -> str:
        made = world.aws.client("dynamodb").create_table(
            TableName=f"table-{name}",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )
        return str(made["TableDescription"]["LatestStreamArn"])

    return str(world.thing(f"stream-{name}", make))


def least_layer(world: AwsWorld) -> dict[str, Any]:
    return {"Content": {"S3Bucket": bucket(world), "S3Key": "a"}}


def layer_version(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_layer(world),
        "LayerName": "tools",
        "Description": "tools of every function",
        "CompatibleRuntimes": ["python3.13", "python3.12"],
        "CompatibleArchitectures": ["x86_64", "arm64"],
        "LicenseInfo": "MIT",
    }


def permission(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_permission(world),
        "SourceArn": "arn:aws:s3:::data",
        "SourceAccount": "123456789012",
        "PrincipalOrgID": "o-0123456789",
        "EventSourceToken": "token",
        "FunctionUrlAuthType": "AWS_IAM",
        "InvokedViaFunctionUrl": True,
    }


def least_permission(world: AwsWorld) -> dict[str, Any]:
    return {
        "FunctionName": a_function(world),
        "Action": "lambda:InvokeFunction",
        "Principal": "s3.amazonaws.com",
    }


def least_mapping(world: AwsWorld) -> dict[str, Any]:
    return {
        "FunctionName": a_function(world),
        "EventSourceArn": a_stream(world),
        "StartingPosition": "LATEST",
    }


def mapping(world: AwsWorld) -> dict[str, Any]:
    return {
        **least_mapping(world),
        "Enabled": True,
        "BatchSize": 50,
        "MaximumBatchingWindowInSeconds": 5,
        "ParallelizationFactor": 2,
        "TumblingWindowInSeconds": 60,
        "BisectBatchOnFunctionError": True,
        "MaximumRecordAgeInSeconds": 3600,
        "MaximumRetryAttempts": 3,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        "KmsKeyArn": f"{KEY}1",
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:a"}},
        "ScalingConfig": {"MaximumConcurrency": 5},
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": SECRET}],
        "ProvisionedPollerConfig": {"MinimumPollers": 2, "MaximumPollers": 4},
        "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "one"},
        "DocumentDBEventSourceConfig": {"DatabaseName": "one", "CollectionName": "a"},
        "Tags": TAGS,
    }


def mapping_changes(world: AwsWorld) -> dict[str, Any]:
    return {
        "FunctionName": a_function(world, "b"),
        "Enabled": False,
        "BatchSize": 60,
        "MaximumBatchingWindowInSeconds": 6,
        "ParallelizationFactor": 3,
        "TumblingWindowInSeconds": 120,
        "BisectBatchOnFunctionError": False,
        "MaximumRecordAgeInSeconds": 7200,
        "MaximumRetryAttempts": 0,
        "FunctionResponseTypes": ["ReportBatchItemFailures"],
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["REMOVE"]}'}]},
        "KmsKeyArn": f"{KEY}2",
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:b"}},
        "ScalingConfig": {"MaximumConcurrency": 6},
        "MetricsConfig": {"Metrics": ["ErrorCount", "EventCount"]},
        "SourceAccessConfigurations": [{"Type": "BASIC_AUTH", "URI": f"{SECRET}2"}],
        "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 5},
        "AmazonManagedKafkaEventSourceConfig": {"ConsumerGroupId": "two"},
        "DocumentDBEventSourceConfig": {"DatabaseName": "two", "CollectionName": "b"},
        "Tags": OTHER_TAGS,
    }


STACK = (
    role_of("lambda")
    + """\
train:
  type: AWS::Lambda::Function
  properties:
    Role: ${role.Arn}
    Runtime: python3.13
    Handler: index.handler
    Code: {ZipFile: "def handler(event, context): return event"}
    Environment: {Variables: {MODEL: churn}}
"""
)

LAYERED = (
    role_of("lambda")
    + """\
tools:
  type: AWS::Lambda::LayerVersion
  properties:
    LayerName: tools
    Description: tools of every function
    Content: {S3Bucket: code-a, S3Key: a}
    CompatibleRuntimes: [python3.13]
own: {type: AWS::Lambda::LayerVersion, properties: {Content: {S3Bucket: code-a, S3Key: b}}}
train:
  type: AWS::Lambda::Function
  properties:
    Role: ${role.Arn}
    Runtime: python3.13
    Handler: index.handler
    Code: {ZipFile: "def handler(event, context): return event"}
    Layers: ["${tools.LayerVersionArn}", "${own.LayerVersionArn}"]
"""
)

CASES = (
    Case(
        type="AWS::Lambda::LayerVersion",
        creating="PublishLayerVersion",
        absent="arn:aws:lambda:us-east-1:123456789012:layer:gone:1",
        minimal=least_layer,
        full=layer_version,
        changes=lambda world: {},
        attributes=frozenset({"LayerVersionArn", "LayerName"}),
        tagged=False,
        stack=LAYERED,
        samples={
            "Content/S3Bucket": _each(bucket),
            "Content/S3Key": ["a", "b"],
        },
    ),
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
            "RuntimeManagementConfig/RuntimeVersionArn": [f"{VERSION}:0a", f"{VERSION}:0b"],
            "RuntimeManagementConfig/UpdateRuntimeOn": ["FunctionUpdate", "Auto"],
        },
        beside={
            "RuntimeManagementConfig": lambda world, name: (
                {"UpdateRuntimeOn": "Manual"} if name == "RuntimeVersionArn" else {}
            ),
            "": _packed,
            "Code": _code,
            "Code/ImageUri": lambda world, _: _IMAGE,
            "VpcConfig": lambda world, name: (
                {} if name == "SubnetIds" else {"SubnetIds": ["subnet-0a"]}
            ),
        },
    ),
    Case(
        type="AWS::Lambda::Permission",
        creating="AddPermission",
        absent="function-a|gone",
        minimal=least_permission,
        full=permission,
        changes=lambda world: {},
        attributes=frozenset({"Id", "FunctionName"}),
        tagged=False,
        stack=f"""\
{STACK}bucket: {{type: AWS::S3::Bucket}}
call:
  type: AWS::Lambda::Permission
  properties:
    FunctionName: ${{train.Arn}}
    Action: "lambda:InvokeFunction"
    Principal: s3.amazonaws.com
    SourceArn: ${{bucket.Arn}}
    SourceAccount: "123456789012"
other:
  type: AWS::Lambda::Permission
  properties:
    FunctionName: ${{train.FunctionName}}
    Action: "lambda:InvokeFunction"
    Principal: "210987654321"
""",
        samples={
            "FunctionName": _each(a_function),
            "Action": ["lambda:InvokeFunction", "lambda:GetFunction"],
            "Principal": ["events.amazonaws.com", "210987654321"],
            "SourceArn": ["arn:aws:s3:::a", "arn:aws:s3:::b"],
            "SourceAccount": ["123456789012", "210987654321"],
            "PrincipalOrgID": ["o-0123456789", "o-0123456788"],
        },
    ),
    Case(
        type="AWS::Lambda::EventSourceMapping",
        one_value=frozenset({"FunctionResponseTypes"}),
        creating="CreateEventSourceMapping",
        absent="00000000-0000-0000-0000-000000000000",
        minimal=least_mapping,
        full=mapping,
        changes=mapping_changes,
        attributes=frozenset({"Id", "EventSourceMappingArn"}),
        others=lambda world: {"FunctionName": a_function(world)},
        stack=f"""\
{STACK}jobs: {{type: AWS::SQS::Queue, properties: {{VisibilityTimeout: 60}}}}
work:
  type: AWS::Lambda::EventSourceMapping
  properties:
    FunctionName: ${{train.Arn}}
    EventSourceArn: ${{jobs.Arn}}
    BatchSize: 5
    FunctionResponseTypes: [ReportBatchItemFailures]
""",
        samples={
            "FunctionName": _each(a_function),
            "EventSourceArn": _each(a_stream),
            "StartingPosition": ["LATEST", "TRIM_HORIZON"],
            "Topics": [["one"], ["two"]],
            "Queues": [["one"], ["two"]],
            "KmsKeyArn": [f"{KEY}1", f"{KEY}2"],
            "FunctionResponseTypes": [["ReportBatchItemFailures"]] * 2,
            "FilterCriteria/Filters/*/Pattern": ['{"a": ["b"]}', '{"a": ["c"]}'],
            "DestinationConfig/OnFailure/Destination": [
                f"arn:aws:sqs:us-east-1:123456789012:{name}" for name in "ab"
            ],
            "MetricsConfig/Metrics": [["EventCount"], ["ErrorCount"]],
            "SourceAccessConfigurations/*/URI": [SECRET, f"{SECRET}2"],
            "**/URI": [SECRET, f"{SECRET}2"],
            "**/SchemaRegistryURI": [SECRET, f"{SECRET}2"],
            "**/DatabaseName": ["one", "two"],
            "**/CollectionName": ["one", "two"],
            "**/ConsumerGroupId": ["one", "two"],
            "**/PollerGroupName": ["one", "two"],
        },
    ),
)
