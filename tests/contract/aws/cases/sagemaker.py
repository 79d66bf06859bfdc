"""Cases of the types of SageMaker."""

from __future__ import annotations

import json
from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case, encoded
from tests.contract.aws.world import AwsWorld

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1"
GIT = "https://github.com/ann/explore.git"
SECRET = "arn:aws:secretsmanager:us-east-1:123456789012:secret:git-AbCdEf"
SERVED = f"""\
model:
  type: AWS::SageMaker::Model
  properties:
    ExecutionRoleArn: {ROLE}
    PrimaryContainer: {{Image: "{IMAGE}"}}
config:
  type: AWS::SageMaker::EndpointConfig
  properties:
    ProductionVariants:
      - VariantName: all
        ModelName: ${{model.ModelName}}
        ServerlessConfig: {{MaxConcurrency: 5, MemorySizeInMB: 2048}}
endpoint:
  type: AWS::SageMaker::Endpoint
  properties: {{EndpointConfigName: "${{config.EndpointConfigName}}"}}
"""


NOTEBOOK = f"""\
repository:
  type: AWS::SageMaker::CodeRepository
  properties:
    GitConfig: {{RepositoryUrl: {GIT}, Branch: main}}
scripts:
  type: AWS::SageMaker::NotebookInstanceLifecycleConfig
  properties:
    OnStart: [{{Content: {encoded("nvidia-smi")}}}]
notebook:
  type: AWS::SageMaker::NotebookInstance
  properties:
    InstanceType: ml.t3.medium
    RoleArn: {ROLE}
    VolumeSizeInGB: 20
    LifecycleConfigName: ${{scripts.NotebookInstanceLifecycleConfigName}}
    DefaultCodeRepository: ${{repository.CodeRepositoryName}}
"""


def _metadata(version: str) -> dict[str, Any]:
    return {"MinimumInstanceMetadataServiceVersion": version}


def _shared(account: str) -> dict[str, Any]:
    """A policy that lets another account see the models."""
    return {
        "Version": "2012-10-17",
        "Statement": {
            "Sid": "Read",
            "Effect": "Allow",
            "Principal": {"AWS": account},
            "Action": "sagemaker:DescribeModelPackage",
            "Resource": "arn:aws:sagemaker:us-east-1:123456789012:model-package/churn/*",
        },
    }


def _deployment(kind: str) -> dict[str, Any]:
    """A deployment that moves traffic in this way."""
    step = {"LinearStepSize": {"Type": "CAPACITY_PERCENT", "Value": 20}} if kind == "LINEAR" else {}
    routing = {"Type": kind, "WaitIntervalInSeconds": 60, **step}
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}


def model(world: AwsWorld) -> dict[str, Any]:
    return {
        "ModelName": "churn",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/churn.tar.gz"},
        "Tags": TAGS,
    }


def config(world: AwsWorld, name: str) -> str:
    """An endpoint configuration that is there."""
    client = world.aws.client("sagemaker")

    def make() -> str:
        client.create_model(ModelName=f"m-{name}", ExecutionRoleArn=ROLE)
        variant = {
            "VariantName": "all",
            "ModelName": f"m-{name}",
            "InstanceType": "ml.m5.large",
            "InitialInstanceCount": 1,
        }
        client.create_endpoint_config(EndpointConfigName=name, ProductionVariants=[variant])
        return name

    return str(world.thing(f"config-{name}", make))


def _variants(world: AwsWorld) -> list[dict[str, Any]]:
    client = world.aws.client("sagemaker")
    client.create_model(ModelName="churn", ExecutionRoleArn=ROLE)
    return [
        {
            "VariantName": "all",
            "ModelName": "churn",
            "InstanceType": "ml.g5.xlarge",
            "InitialInstanceCount": 1,
            "InitialVariantWeight": 1.0,
        }
    ]


_KEY = "arn:aws:kms:us-east-1:123456789012:key/"
_HUB = "arn:aws:sagemaker:us-east-1:aws:hub-content/SageMakerPublicHub/Model/m/1.0."
_PLAN = "arn:aws:sagemaker:us-east-1:123456789012:training-plan/"
_TOPIC = "arn:aws:sns:us-east-1:123456789012:"
_TEXTS: dict[str, list[Any]] = {
    "CapacityReservationPreference": ["capacity-reservations-only"] * 2,
    "CsvContentTypes": [["text/csv"], ["text/tab-separated-values"]],
    "DestinationS3Uri": ["s3://one/a", "s3://two/b"],
    "ErrorTopic": [f"{_TOPIC}a", f"{_TOPIC}b"],
    "ExecutionRoleArn": [ROLE, f"{ROLE}-2"],
    "FeatureTypes": [["numerical"], ["text"]],
    "Granularity": ["token", "sentence"],
    "HubContentArn": [f"{_HUB}1", f"{_HUB}2"],
    "InitialVariantWeight": [1.0, 2.0],
    "InstanceType": ["ml.m5.large", "ml.g5.xlarge"],
    "JsonContentTypes": [["application/json"], ["application/jsonlines"]],
    "KmsKeyId": [f"{_KEY}one", f"{_KEY}two"],
    "MlReservationArn": [f"{_PLAN}one", f"{_PLAN}two"],
    "MimeType": ["text/csv", "application/jsonlines"],
    "ModelDataUrl": ["s3://models/a.tar.gz", "s3://models/b.tar.gz"],
    "S3DataType": ["S3Prefix", "S3Object"],
    "S3FailurePath": ["s3://one/a", "s3://two/b"],
    "S3OutputPath": ["s3://one/a", "s3://two/b"],
    "S3Uri": ["s3://models/a/", "s3://models/b/"],
    "SecurityGroupIds": [["sg-0123456789abcdef0"], ["sg-0123456789abcdef1"]],
    "ShapBaselineUri": ["s3://one/a", "s3://two/b"],
    "SuccessTopic": [f"{_TOPIC}a", f"{_TOPIC}b"],
    "Subnets": [["subnet-0123456789abcdef0"], ["subnet-0123456789abcdef1"]],
}
"""Two values by the name of a property, wherever it is."""


_ANYWHERE = {f"**/{name}": two for name, two in _TEXTS.items()}


def _routing(world: AwsWorld, name: str) -> dict[str, Any]:
    """The API wants the strategy, which the registry's schema does not."""
    return {} if name == "RoutingStrategy" else {"RoutingStrategy": "PREFIX_AWARE"}


def _variant(world: AwsWorld, name: str) -> dict[str, Any]:
    """A variant runs on machines of one kind, or on none."""
    kinds = ("InstanceType", "ServerlessConfig", "InstancePools")
    return {} if name in kinds else {"InstanceType": "ml.m5.large"}


def steps(*names: str, indent: int | None = None) -> dict[str, Any]:
    """A definition with these steps."""
    document = {
        "Version": "2020-12-01",
        "Steps": [{"Name": name, "Type": "Fail", "Arguments": {}} for name in names],
    }
    return {"PipelineDefinitionBody": json.dumps(document, indent=indent)}


def _definition(world: AwsWorld, key: str) -> str:
    """A definition that is there in a bucket."""

    def make() -> str:
        s3 = world.aws.client("s3")
        s3.create_bucket(Bucket="definitions")
        for name in ("one", "two"):
            s3.put_object(
                Bucket="definitions",
                Key=name,
                Body=steps(name)["PipelineDefinitionBody"].encode(),
            )
        return "definitions"

    world.thing("definitions", make)
    return key


def _in_s3(world: AwsWorld, name: str) -> dict[str, Any]:
    _definition(world, name)
    return {"Bucket": "definitions", "Key": "one"}


_BUCKET = "s3://features/churn"


def features(*names: str) -> list[dict[str, str]]:
    """Definitions of the two features that every group has, and of more."""
    return [
        {"FeatureName": name, "FeatureType": "Fractional" if name == "at" else "String"}
        for name in ("customer", "at", *names)
    ]


def group(world: AwsWorld) -> dict[str, Any]:
    return {
        "FeatureGroupName": "Customers",
        "RecordIdentifierFeatureName": "customer",
        "EventTimeFeatureName": "at",
        "FeatureDefinitions": features(),
        "RoleArn": ROLE,
        "OfflineStoreConfig": {"S3StorageConfig": {"S3Uri": _BUCKET}},
    }


def _units(world: AwsWorld, name: str) -> dict[str, Any]:
    """A mode wants capacity units, or takes none."""
    if name in ("", "ThroughputMode"):
        return {}
    units = ("ProvisionedReadCapacityUnits", "ProvisionedWriteCapacityUnits")
    return {"ThroughputMode": "Provisioned", **dict.fromkeys(units, 5)}


_SCRIPT = "arn:aws:sagemaker:us-east-1:123456789012:studio-lifecycle-config/"
_STUDIO_IMAGE = "arn:aws:sagemaker:us-east-1:123456789012:image/"
_SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
_GROUP = "sg-0123456789abcdef0"


def domain(world: AwsWorld) -> dict[str, Any]:
    return {
        "DomainName": "research",
        "AuthMode": "IAM",
        "VpcId": "vpc-0123456789abcdef0",
        "SubnetIds": _SUBNETS,
        "DefaultUserSettings": {"ExecutionRole": ROLE},
    }


def _lab(which: int) -> dict[str, Any]:
    """Settings of JupyterLab."""
    idle = {"LifecycleManagement": "ENABLED", "IdleTimeoutInMinutes": 60 + which}
    return {
        "DefaultResourceSpec": {"InstanceType": ["ml.t3.medium", "ml.g5.xlarge"][which]},
        "LifecycleConfigArns": [f"{_SCRIPT}{'ab'[which]}"],
        "AppLifecycleManagement": {"IdleSettings": idle},
    }


def _spec(world: AwsWorld, name: str) -> dict[str, Any]:
    return {"DefaultResourceSpec": {"InstanceType": "system"}} if name.endswith("Arns") else {}


_FILE_SYSTEMS = [f"fs-0123456789abcdef{at}" for at in range(2)]
_DOMAIN_TEXTS: dict[str, list[Any]] = {
    "AuthMode": ["IAM", "SSO"],
    "BuiltInLifecycleConfigArn": [f"{_SCRIPT}a", f"{_SCRIPT}b"],
    "DefaultEbsVolumeSizeInGb": [5, 6],
    "DefaultLandingUri": ["app:JupyterServer:", "studio::"],
    "DomainAccountId": ["123456789012", "210987654321"],
    "DomainExecutionRoleArn": [ROLE, f"{ROLE}-2"],
    "DomainId": ["dzd-a", "dzd-b"],
    "DomainRegion": ["us-east-1", "eu-west-1"],
    "ExecutionRole": [ROLE, f"{ROLE}-2"],
    "FileSystemId": _FILE_SYSTEMS,
    "FileSystemPath": ["/a", "/b"],
    "InstanceType": ["ml.t3.medium", "ml.g5.xlarge"],
    "KmsKeyId": [f"{_KEY}one", f"{_KEY}two"],
    "LifecycleConfigArn": [f"{_SCRIPT}a", f"{_SCRIPT}b"],
    "LifecycleConfigArns": [[f"{_SCRIPT}a"], [f"{_SCRIPT}b"]],
    "MaximumEbsVolumeSizeInGb": [100, 200],
    "ProjectS3Path": ["s3://one/a", "s3://two/b"],
    "RStudioConnectUrl": ["https://a.example", "https://b.example"],
    "RStudioPackageManagerUrl": ["https://a.example", "https://b.example"],
    "RepositoryUrl": ["https://git.example/a", "https://git.example/b"],
    "S3OutputPath": ["s3://one/a", "s3://two/b"],
    "S3Uri": ["s3://one/a", "s3://two/b"],
    "SageMakerImageArn": [f"{_STUDIO_IMAGE}a", f"{_STUDIO_IMAGE}b"],
    "SageMakerImageVersionArn": [
        f"{_STUDIO_IMAGE.replace('image/', 'image-version/')}{name}/1" for name in "ab"
    ],
    "SecurityGroupIds": [[_GROUP], [f"{_GROUP[:-1]}1"]],
    "SecurityGroups": [[_GROUP], [f"{_GROUP[:-1]}1"]],
    "TrainingPlanArn": [f"{_PLAN}one", f"{_PLAN}two"],
    "VersionAliases": [["1.0"], ["2.0"]],
    "VpcOnlyTrustedAccounts": [["123456789012"], ["210987654321"]],
}


CASES = (
    Case(
        type="AWS::SageMaker::Domain",
        creating="CreateDomain",
        absent="d-gone",
        minimal=domain,
        full=lambda world: {
            **domain(world),
            "KmsKeyId": f"{_KEY}one",
            "AppNetworkAccessType": "VpcOnly",
            "AppSecurityGroupManagement": "Customer",
            "HomeEfsFileSystemCreation": "Disabled",
            "TagPropagation": "ENABLED",
            "DefaultUserSettings": {
                "ExecutionRole": ROLE,
                "SecurityGroups": [_GROUP],
                "JupyterLabAppSettings": _lab(0),
            },
            "DefaultSpaceSettings": {"ExecutionRole": ROLE, "JupyterLabAppSettings": _lab(0)},
            "DomainSettings": {
                "SecurityGroupIds": [_GROUP],
                "DockerSettings": {"EnableDockerAccess": "ENABLED"},
                "IpAddressType": "DUALSTACK",
            },
            "Tags": TAGS,
        },
        changes=lambda world: {
            "SubnetIds": _SUBNETS[:1],
            "AppNetworkAccessType": "PublicInternetOnly",
            "AppSecurityGroupManagement": "Service",
            "HomeEfsFileSystemCreation": "Enabled",
            "TagPropagation": "DISABLED",
            "DefaultUserSettings": {
                "ExecutionRole": f"{ROLE}-2",
                "SecurityGroups": [f"{_GROUP[:-1]}1"],
                "JupyterLabAppSettings": _lab(1),
            },
            "DefaultSpaceSettings": {
                "ExecutionRole": f"{ROLE}-2",
                "JupyterLabAppSettings": _lab(1),
            },
            "DomainSettings": {
                "SecurityGroupIds": [f"{_GROUP[:-1]}1"],
                "DockerSettings": {"EnableDockerAccess": "DISABLED"},
                "IpAddressType": "IPV4",
            },
            "Tags": OTHER_TAGS,
        },
        bars=frozenset({"DomainSettings"}),  # RStudio keeps AppNetworkAccessType as it is
        attributes=frozenset({"DomainArn", "DomainId", "HomeEfsFileSystemId", "Url"}),
        stack=f"""\
domain:
  type: AWS::SageMaker::Domain
  lifecycle: {{emptyOnDelete: true}}
  properties:
    DomainName: studio
    AuthMode: IAM
    VpcId: vpc-0123456789abcdef0
    SubnetIds: [subnet-0123456789abcdef0]
    DefaultUserSettings: {{ExecutionRole: {ROLE}}}
""",
        samples={
            **{f"**/{name}": two for name, two in _DOMAIN_TEXTS.items()},
            "DomainName": ["research", "other"],
            "HomeEfsFileSystemCreation": ["Enabled", "Enabled"],
            "SubnetIds": [_SUBNETS, _SUBNETS[:1]],
            "VpcId": ["vpc-0123456789abcdef0", "vpc-0123456789abcdef1"],
            **{
                f"{top}/JupyterServerAppSettings/DefaultResourceSpec/InstanceType": ["system"] * 2
                for top in ("DefaultUserSettings", "DefaultSpaceSettings")
            },
        },
        beside={
            f"{top}/JupyterServerAppSettings": _spec
            for top in ("DefaultUserSettings", "DefaultSpaceSettings")
        },
    ),
    Case(
        type="AWS::SageMaker::FeatureGroup",
        creating="CreateFeatureGroup",
        absent="gone",
        minimal=group,
        full=lambda world: {
            **group(world),
            "Description": "what customers did",
            "OnlineStoreConfig": {
                "EnableOnlineStore": True,
                "TtlDuration": {"Unit": "Days", "Value": 30},
            },
            "ThroughputConfig": {"ThroughputMode": "OnDemand"},
            "Tags": TAGS,
        },
        changes=lambda world: {
            "FeatureDefinitions": features("plan", *(f"f{i}" for i in range(120))),
            "OnlineStoreConfig": {
                "EnableOnlineStore": True,
                "TtlDuration": {"Unit": "Weeks", "Value": 8},
            },
            "ThroughputConfig": {
                "ThroughputMode": "Provisioned",
                "ProvisionedReadCapacityUnits": 10,
                "ProvisionedWriteCapacityUnits": 5,
            },
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"FeatureGroupName", "FeatureGroupStatus", "CreationTime"}),
        stack="""\
features:
  type: AWS::SageMaker::FeatureGroup
  properties:
    FeatureGroupName: Churn
    RecordIdentifierFeatureName: customer
    EventTimeFeatureName: at
    FeatureDefinitions:
      - {FeatureName: customer, FeatureType: String}
      - {FeatureName: at, FeatureType: Fractional}
    OnlineStoreConfig: {EnableOnlineStore: true}
""",
        samples={
            "FeatureGroupName": ["One", "Two"],
            "RoleArn": [ROLE, f"{ROLE}-2"],
            "FeatureDefinitions": [features("plan"), features("plan", "tariff")],
            "**/S3Uri": [_BUCKET, f"{_BUCKET}/2"],
            "ThroughputConfig/ThroughputMode": ["OnDemand", "OnDemand"],
        },
        beside={
            "ThroughputConfig": _units,
            "OnlineStoreConfig/TtlDuration": lambda world, name: {"Unit": "Days", "Value": 1},
        },
    ),
    Case(
        type="AWS::SageMaker::Pipeline",
        creating="CreatePipeline",
        absent="gone",
        minimal=lambda world: {
            "PipelineName": "Train",
            "PipelineDefinition": steps("train"),
            "RoleArn": ROLE,
        },
        full=lambda world: {
            "PipelineName": "Train",
            "PipelineDefinition": steps("train"),
            "PipelineDisplayName": "every-night",
            "PipelineDescription": "trains what customers do next",
            "RoleArn": ROLE,
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": 2},
            "Tags": TAGS,
        },
        changes=lambda world: {
            "PipelineDefinition": steps("prepare", "train", indent=2),
            "PipelineDisplayName": "every-week",
            "PipelineDescription": "trains all",
            "RoleArn": f"{ROLE}-2",
            "ParallelismConfiguration": {"MaxParallelExecutionSteps": 4},
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"PipelineName"}),
        stack=f"""\
pipeline:
  type: AWS::SageMaker::Pipeline
  properties:
    PipelineName: TrainNightly
    RoleArn: {ROLE}
    PipelineDefinition:
      PipelineDefinitionBody: '{{"Version": "2020-12-01", "Steps": []}}'
""",
        beside={"PipelineDefinition/PipelineDefinitionS3Location": _in_s3},
        samples={
            "PipelineName": ["Train", "Other"],
            "RoleArn": [ROLE, f"{ROLE}-2"],
            "PipelineDefinition/PipelineDefinitionBody": [
                steps(name)["PipelineDefinitionBody"] for name in ("one", "two")
            ],
            "PipelineDefinition/PipelineDefinitionS3Location/Bucket": ["definitions"] * 2,
            "PipelineDefinition/PipelineDefinitionS3Location/Key": ["one", "two"],
            "PipelineDefinition/PipelineDefinitionS3Location/Version": ["null", "null"],
        },
    ),
    Case(
        type="AWS::SageMaker::EndpointConfig",
        creating="CreateEndpointConfig",
        absent="arn:aws:sagemaker:us-east-1:123456789012:endpoint-config/gone",
        minimal=lambda world: {"ProductionVariants": _variants(world)},
        full=lambda world: {
            "EndpointConfigName": "churn",
            "ProductionVariants": _variants(world),
            "DataCaptureConfig": {
                "EnableCapture": True,
                "InitialSamplingPercentage": 50,
                "DestinationS3Uri": "s3://captured/churn",
                "CaptureOptions": [{"CaptureMode": "Input"}],
            },
            "AsyncInferenceConfig": {"OutputConfig": {"S3OutputPath": "s3://answers/churn"}},
            "KmsKeyId": "alias/ml",
            "Tags": TAGS,
        },
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"EndpointConfigArn", "EndpointConfigName"}),
        samples=_ANYWHERE,
        beside={
            "ProductionVariants/*": _variant,
            "ShadowProductionVariants/*": _variant,
            "ProductionVariants/*/RoutingConfig": _routing,
            "ShadowProductionVariants/*/RoutingConfig": _routing,
        },
        stack=SERVED,
    ),
    Case(
        type="AWS::SageMaker::Endpoint",
        creating="CreateEndpoint",
        absent="arn:aws:sagemaker:us-east-1:123456789012:endpoint/gone",
        minimal=lambda world: {"EndpointConfigName": config(world, "first")},
        full=lambda world: {
            "EndpointName": "churn",
            "EndpointConfigName": config(world, "first"),
            "DeploymentConfig": _deployment("ALL_AT_ONCE"),
            "RetainAllVariantProperties": True,
            "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DataCaptureConfig"}],
            "RetainDeploymentConfig": False,
            "Tags": TAGS,
        },
        changes=lambda world: {
            "EndpointConfigName": config(world, "second"),
            "DeploymentConfig": _deployment("LINEAR"),
            "RetainAllVariantProperties": False,
            "ExcludeRetainedVariantProperties": [],
            "RetainDeploymentConfig": True,
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"EndpointArn", "EndpointName"}),
        stack=SERVED,
        samples={"EndpointConfigName": lambda world: [config(world, name) for name in "ab"]},
    ),
    Case(
        type="AWS::SageMaker::NotebookInstance",
        creating="CreateNotebookInstance",
        absent="arn:aws:sagemaker:us-east-1:123456789012:notebook-instance/gone",
        minimal=lambda world: {"InstanceType": "ml.t3.medium", "RoleArn": ROLE},
        full=lambda world: {
            "NotebookInstanceName": "explore",
            "InstanceType": "ml.t3.medium",
            "RoleArn": ROLE,
            "SubnetId": "subnet-0123456789abcdef0",
            "SecurityGroupIds": ["sg-0123456789abcdef0", "sg-0123456789abcdef1"],
            "DirectInternetAccess": "Disabled",
            "KmsKeyId": "alias/ml",
            "PlatformIdentifier": "notebook-al2023-v1",
            "VolumeSizeInGB": 20,
            "RootAccess": "Disabled",
            "LifecycleConfigName": "first",
            "DefaultCodeRepository": "https://github.com/ann/explore.git",
            "AdditionalCodeRepositories": ["https://github.com/ann/tools.git"],
            "InstanceMetadataServiceConfiguration": _metadata("2"),
            "Tags": TAGS,
        },
        changes=lambda world: {
            "InstanceType": "ml.g5.xlarge",
            "RoleArn": f"{ROLE}-2",
            "VolumeSizeInGB": 30,
            "RootAccess": "Enabled",
            "LifecycleConfigName": "second",
            "DefaultCodeRepository": "https://github.com/ann/more.git",
            "AdditionalCodeRepositories": ["https://github.com/ann/other.git"],
            "InstanceMetadataServiceConfiguration": _metadata("1"),
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"NotebookInstanceArn", "NotebookInstanceName"}),
        stack=NOTEBOOK,
        samples={
            "InstanceType": ["ml.t3.medium", "ml.t3.large"],
            "PlatformIdentifier": ["notebook-al2-v3", "notebook-al2023-v1"],
            "RoleArn": [ROLE, f"{ROLE}-2"],
            "VolumeSizeInGB": [20, 40],
            "InstanceMetadataServiceConfiguration/MinimumInstanceMetadataServiceVersion": [
                "2",
                "1",
            ],
        },
    ),
    Case(
        type="AWS::SageMaker::NotebookInstanceLifecycleConfig",
        creating="CreateNotebookInstanceLifecycleConfig",
        absent="arn:aws:sagemaker:us-east-1:123456789012:notebook-instance-lifecycle-config/gone",
        minimal=lambda world: {},
        full=lambda world: {
            "NotebookInstanceLifecycleConfigName": "tools",
            "OnCreate": [{"Content": encoded("pip install jax")}],
            "OnStart": [{"Content": encoded("nvidia-smi")}],
            "Tags": TAGS,
        },
        changes=lambda world: {
            "OnCreate": [{"Content": encoded("pip install torch")}],
            "OnStart": [{"Content": encoded("df -h")}],
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset(
            {"NotebookInstanceLifecycleConfigArn", "NotebookInstanceLifecycleConfigName"}
        ),
        stack=NOTEBOOK,
        samples={f"{on}/*/Content": [encoded("a"), encoded("b")] for on in ("OnCreate", "OnStart")},
    ),
    Case(
        type="AWS::SageMaker::CodeRepository",
        creating="CreateCodeRepository",
        absent="arn:aws:sagemaker:us-east-1:123456789012:code-repository/gone",
        minimal=lambda world: {"GitConfig": {"RepositoryUrl": GIT}},
        full=lambda world: {
            "CodeRepositoryName": "explore",
            "GitConfig": {"RepositoryUrl": GIT, "Branch": "main", "SecretArn": SECRET},
            "Tags": TAGS,
        },
        changes=lambda world: {
            "GitConfig": {"RepositoryUrl": GIT, "Branch": "main", "SecretArn": f"{SECRET}-2"},
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"CodeRepositoryArn", "CodeRepositoryName"}),
        stack=NOTEBOOK,
        samples={
            "GitConfig/RepositoryUrl": [GIT, GIT],
            "GitConfig/SecretArn": [SECRET, f"{SECRET}-2"],
        },
    ),
    Case(
        type="AWS::SageMaker::ModelPackageGroup",
        creating="CreateModelPackageGroup",
        absent="arn:aws:sagemaker:us-east-1:123456789012:model-package-group/gone",
        minimal=lambda world: {"ModelPackageGroupName": "churn"},
        full=lambda world: {
            "ModelPackageGroupName": "churn",
            "ModelPackageGroupDescription": "who leaves",
            "ModelPackageGroupPolicy": _shared("111111111111"),
            "Tags": TAGS,
        },
        changes=lambda world: {
            "ModelPackageGroupPolicy": json.dumps(_shared("222222222222")),
            "Tags": OTHER_TAGS,
        },
        attributes=frozenset({"ModelPackageGroupArn", "ModelPackageGroupStatus"}),
        stack="""\
models:
  type: AWS::SageMaker::ModelPackageGroup
  properties: {ModelPackageGroupName: churn}
""",
        samples={"ModelPackageGroupPolicy": [_shared("111111111111"), _shared("222222222222")]},
    ),
    Case(
        type="AWS::SageMaker::Model",
        creating="CreateModel",
        absent="arn:aws:sagemaker:us-east-1:123456789012:model/gone",
        minimal=lambda world: {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE}},
        full=model,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"ModelArn", "ModelName"}),
        samples=_ANYWHERE,
        stack=f"""\
model:
  type: AWS::SageMaker::Model
  properties:
    ExecutionRoleArn: {ROLE}
    PrimaryContainer: {{Image: "{IMAGE}"}}
""",
    ),
)
