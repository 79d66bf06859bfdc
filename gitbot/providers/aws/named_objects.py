"""Of which types an object belongs in a property, where the registry's schema does not say. Pure.

The registry tells it with ``format`` for some properties. A property goes by its name, or by the name of the
definition that it is in and its own; what one type has otherwise stands with the type. Where a property takes
several kinds of objects, all of them stand here: what is left out is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from gitbot.model.schema import TypeSchema

_ROLE: Final = ("AWS::IAM::Role.Arn",)
_ROLE_BY_NAME: Final = (*_ROLE, "AWS::IAM::Role.Name")
_ROLE_OR_USER: Final = (*_ROLE, "AWS::IAM::User.Arn")
_KEY: Final = ("AWS::KMS::Key.Arn", "AWS::KMS::Key.Id")
_VPC: Final = ("AWS::EC2::VPC.Id",)
_SUBNET: Final = ("AWS::EC2::Subnet.Id",)
_GROUP: Final = ("AWS::EC2::SecurityGroup.Id",)
_ADDRESS: Final = ("AWS::EC2::EIP.Id",)
_TABLE: Final = ("AWS::EC2::RouteTable.Id",)
_CARD: Final = ("AWS::EC2::NetworkInterface.Id",)
_PROFILE: Final = ("AWS::IAM::InstanceProfile.Arn", "AWS::IAM::InstanceProfile.Name")
_QUEUE: Final = ("AWS::SQS::Queue.Arn",)
_TOPIC: Final = ("AWS::SNS::Topic.Arn",)
_BALANCER: Final = ("AWS::ElasticLoadBalancingV2::LoadBalancer.Arn",)
_TARGETS: Final = ("AWS::ElasticLoadBalancingV2::TargetGroup.Arn",)
_TASK: Final = ("AWS::ECS::TaskDefinition.Arn", "AWS::ECS::TaskDefinition.Name")
_LOGS: Final = ("AWS::Logs::LogGroup.Arn",)
_DISK: Final = ("AWS::EFS::FileSystem.Id",)
_CODE: Final = ("AWS::Lambda::Function.Arn", "AWS::Lambda::Function.Name")
_BUCKET_ARN: Final = ("AWS::S3::Bucket.Arn",)

NAMED: Final[Mapping[str, tuple[str, ...]]] = {
    "AllocationId": _ADDRESS,
    "AllocationIds": _ADDRESS,
    "ApiId": ("AWS::ApiGatewayV2::Api.Id",),
    "BatchParameters.JobDefinition": (
        "AWS::Batch::JobDefinition.Arn",
        "AWS::Batch::JobDefinition.Name",
    ),
    "CarrierGatewayId": ("AWS::EC2::CarrierGateway.Id",),
    "CredentialsArn": _ROLE_OR_USER,
    "DeadLetterConfig.Arn": _QUEUE,
    "EgressOnlyInternetGatewayId": ("AWS::EC2::EgressOnlyInternetGateway.Id",),
    "HostId": ("AWS::EC2::Host.Id",),
    "IamInstanceProfile": _PROFILE,
    "IamInstanceProfile.Arn": _PROFILE,
    "IamInstanceProfile.Name": _PROFILE,
    "InstanceId": ("AWS::EC2::Instance.Id",),
    "InternetGatewayId": ("AWS::EC2::InternetGateway.Id",),
    "LaunchTemplateId": ("AWS::EC2::LaunchTemplate.Id",),
    "ListenerArn": ("AWS::ElasticLoadBalancingV2::Listener.Arn",),
    "LoadBalancerArn": _BALANCER,
    "LoadBalancerArns": _BALANCER,
    "ManagedPolicyArns": ("AWS::IAM::ManagedPolicy.Arn",),
    "NatGatewayId": ("AWS::EC2::NatGateway.Id",),
    "NetworkInterfaceId": _CARD,
    "NetworkInterfaceIds": _CARD,
    "PermissionsBoundary": ("AWS::IAM::ManagedPolicy.Arn",),
    "PreferredSubnetId": _SUBNET,
    "RouteTableId": _TABLE,
    "RouteTableIds": _TABLE,
    "SecondaryAllocationIds": _ADDRESS,
    "SecurityGroupIds": _GROUP,
    "ServiceRole": _ROLE_BY_NAME,
    "SourceVolumeId": ("AWS::EC2::Volume.Id",),
    "SubnetIds": _SUBNET,
    "TargetGroupArn": _TARGETS,
    "TargetGroupARNs": _TARGETS,
    "TaskDefinitionArn": _TASK,
    "TransitGatewayId": ("AWS::EC2::TransitGateway.Id",),
    "UserPoolArn": ("AWS::Cognito::UserPool.Arn",),
    "VPCSecurityGroups": _GROUP,
    "VPCZoneIdentifier": _SUBNET,
    "VolumeId": ("AWS::EC2::Volume.Id",),
    "VpcPeeringConnectionId": ("AWS::EC2::VPCPeeringConnection.Id",),
    "VpnGatewayId": ("AWS::EC2::VPNGateway.Id",),
}
"""By the name of a property, or by those of its definition and itself."""

OF_TYPE: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "AWS::ApiGatewayV2::Integration": {"ConnectionId": ("AWS::ApiGatewayV2::VpcLink.Id",)},
    "AWS::ApiGatewayV2::Stage": {
        "AccessLogSettings.DestinationArn": (
            *_LOGS,
            "AWS::KinesisFirehose::DeliveryStream.Arn",
        ),
    },
    "AWS::AutoScaling::AutoScalingGroup": {
        "NotificationTargetARN": (*_QUEUE, *_TOPIC),
    },
    "AWS::Batch::ComputeEnvironment": {
        "Ec2InstanceProfileArn": _PROFILE,
        "EksClusterArn": ("AWS::EKS::Cluster.Arn",),
        "InstanceRole": _PROFILE,
        "SpotIamFleetRole": _ROLE,
    },
    "AWS::Batch::JobDefinition": {"FileSystemId": _DISK},
    "AWS::Batch::JobQueue": {
        "ComputeEnvironment": (
            "AWS::Batch::ComputeEnvironment.Arn",
            "AWS::Batch::ComputeEnvironment.Name",
        ),
        "SchedulingPolicyArn": ("AWS::Batch::SchedulingPolicy.Arn",),
    },
    "AWS::CodeBuild::Project": {"EncryptionKey": _KEY, "ResourceAccessRole": _ROLE},
    "AWS::DynamoDB::Table": {"StreamArn": ("AWS::Kinesis::Stream.Arn",)},
    "AWS::EC2::FlowLog": {
        "DeliverCrossAccountRole": _ROLE,
        "DeliverLogsPermissionArn": _ROLE,
        "ResourceId": (
            *_VPC,
            *_SUBNET,
            *_CARD,
            "AWS::EC2::NatGateway.Id",
            "AWS::EC2::TransitGateway.Id",
            "AWS::EC2::TransitGatewayAttachment.Id",
            "AWS::EC2::TransitGatewayVpcAttachment.Id",
        ),
    },
    "AWS::EC2::LaunchTemplate": {"NetworkInterface.Groups": _GROUP},
    "AWS::EC2::Route": {
        "GatewayId": (
            "AWS::EC2::InternetGateway.Id",
            "AWS::EC2::VPNGateway.Id",
            "AWS::EC2::VPCEndpoint.Id",
        ),
        "VpcEndpointId": ("AWS::EC2::VPCEndpoint.Id",),
    },
    "AWS::ECR::Repository": {"KmsKey": _KEY},
    "AWS::ECS::Service": {
        "Cluster": ("AWS::ECS::Cluster.Arn", "AWS::ECS::Cluster.Name"),
        "LoadBalancer.TargetGroupArn": _TARGETS,
        "RegistryArn": ("AWS::ServiceDiscovery::Service.Arn",),
        "Role": _ROLE_BY_NAME,
        "TaskDefinition": _TASK,
        "VpcLatticeConfiguration.TargetGroupArn": ("AWS::VpcLattice::TargetGroup.Arn",),
    },
    "AWS::ECS::TaskDefinition": {"FilesystemId": _DISK},
    "AWS::EFS::AccessPoint": {"FileSystemId": _DISK},
    "AWS::EFS::MountTarget": {"FileSystemId": _DISK},
    "AWS::EKS::Cluster": {"Provider.KeyArn": _KEY},
    "AWS::EKS::Nodegroup": {
        "ClusterName": ("AWS::EKS::Cluster.Name",),
        "LaunchTemplateSpecification.Id": ("AWS::EC2::LaunchTemplate.Id",),
        "NodeRole": _ROLE,
        "SourceSecurityGroups": _GROUP,
    },
    "AWS::ElasticLoadBalancingV2::Listener": {"CertificateArn": ("AWS::ACM::Certificate.Arn",)},
    "AWS::IAM::InstanceProfile": {"Roles": ("AWS::IAM::Role.Name",)},
    "AWS::KMS::Alias": {"TargetKeyId": _KEY},
    "AWS::Lambda::EventSourceMapping": {
        "EventSourceArn": (
            *_QUEUE,
            "AWS::AmazonMQ::Broker.Arn",
            "AWS::DocDB::DBCluster.Arn",
            "AWS::DynamoDB::GlobalTable.Arn",
            "AWS::DynamoDB::Table.Arn",
            "AWS::Kinesis::Stream.Arn",
            "AWS::Kinesis::StreamConsumer.Arn",
            "AWS::MSK::Cluster.Arn",
            "AWS::MSK::ServerlessCluster.Arn",
            "AWS::MSK::VpcConnection.Arn",
        ),
        "FunctionName": _CODE,
    },
    "AWS::Lambda::Function": {
        "DeadLetterConfig.TargetArn": (*_QUEUE, *_TOPIC),
        "Role": _ROLE,
    },
    "AWS::Lambda::Permission": {"FunctionName": _CODE},
    "AWS::RDS::DBInstance": {"DBSubnetGroupName": ("AWS::RDS::DBSubnetGroup.Name",)},
    "AWS::Route53::HostedZone": {"CloudWatchLogsLogGroupArn": _LOGS},
    "AWS::Route53::RecordSet": {"RecordSet.HostedZoneId": ("AWS::Route53::HostedZone.Id",)},
    "AWS::S3::Bucket": {
        "BucketArn": _BUCKET_ARN,
        "LambdaConfiguration.Function": _CODE[:1],
        "QueueConfiguration.Queue": _QUEUE,
        "ReplicationConfiguration.Role": _ROLE,
        "ReplicationDestination.Bucket": _BUCKET_ARN,
        "TopicConfiguration.Topic": _TOPIC,
    },
    "AWS::S3::BucketPolicy": {"Bucket": ("AWS::S3::Bucket.Name",)},
    "AWS::SageMaker::Endpoint": {"EndpointConfigName": ("AWS::SageMaker::EndpointConfig.Name",)},
    "AWS::SageMaker::EndpointConfig": {
        "ErrorTopic": _TOPIC,
        "ModelName": ("AWS::SageMaker::Model.Name",),
        "SuccessTopic": _TOPIC,
    },
    "AWS::StepFunctions::StateMachine": {"LogGroupArn": _LOGS},
}
"""What only one type has, or has otherwise."""


def with_named_objects(schema: TypeSchema) -> TypeSchema:
    """The schema, whose properties say with the keyword ``names`` which objects they take.

    A property whose type AWS's registry tells keeps that.
    """
    last = schema.name.rpartition("::")[2]
    table = {**NAMED, **OF_TYPE.get(schema.name, {})}
    whole = schema.json_schema
    definitions = {
        name: _told(one, name, table) for name, one in whole.get("definitions", {}).items()
    }
    told = _told(whole, last, table)
    return replace(
        schema, json_schema={**told, **({"definitions": definitions} if definitions else {})}
    )


def _told(
    schema: Mapping[str, Any], inside: str, table: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Any]:
    """The schema and what is written inside it, with ``names`` where the table tells."""
    done = dict(schema)
    if "properties" in schema:
        done["properties"] = {
            name: _property(_told(one, name, table), f"{inside}.{name}", name, table)
            for name, one in schema["properties"].items()
        }
    if isinstance(schema.get("items"), Mapping):
        done["items"] = _told(schema["items"], inside, table)
    return done


def _property(
    schema: Mapping[str, Any], whole: str, name: str, table: Mapping[str, tuple[str, ...]]
) -> Mapping[str, Any]:
    found = table.get(whole) or table.get(name)
    items = schema.get("items", {})
    known = schema.get("format") or items.get("format")
    if found is None or known or "properties" in schema:
        return schema
    if isinstance(items, Mapping) and items:
        return {**schema, "items": {**items, "names": list(found)}}
    return {**schema, "names": list(found)}
