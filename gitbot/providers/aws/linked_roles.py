"""Which service makes a role of its own in the account when the first object of a type is made. Pure.

Who makes the object must be allowed ``iam:CreateServiceLinkedRole`` for that service; later ones need it no more.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

LINKED: Final[Mapping[str, str]] = {
    "AWS::AutoScaling::AutoScalingGroup": "autoscaling.amazonaws.com",
    "AWS::Batch::ComputeEnvironment": "batch.amazonaws.com",
    "AWS::DynamoDB::Table": "contributorinsights.dynamodb.amazonaws.com",
    "AWS::EC2::FlowLog": "delivery.logs.amazonaws.com",
    "AWS::EC2::Instance": "spot.amazonaws.com",
    "AWS::ECS::Cluster": "ecs.amazonaws.com",
    "AWS::ECS::Service": "ecs.amazonaws.com",
    "AWS::EFS::FileSystem": "elasticfilesystem.amazonaws.com",
    "AWS::EFS::MountTarget": "elasticfilesystem.amazonaws.com",
    "AWS::EKS::Cluster": "eks.amazonaws.com",
    "AWS::EKS::Nodegroup": "eks-nodegroup.amazonaws.com",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "elasticloadbalancing.amazonaws.com",
    "AWS::FSx::FileSystem": "fsx.amazonaws.com",
    "AWS::KMS::Key": "mrk.kms.amazonaws.com",
    "AWS::RDS::DBInstance": "rds.amazonaws.com",
    "AWS::RDS::DBSubnetGroup": "rds.amazonaws.com",
    "AWS::SageMaker::Domain": "sagemaker.amazonaws.com",
}
"""The service by the native type: of machines it is needed for spot capacity, of keys for those of several regions."""

ACTION: Final = "iam:CreateServiceLinkedRole"


def linked_roles(types: Collection[str]) -> Iterator[dict[str, Any]]:
    """The statement that lets the services of the types make their roles; none where none does."""
    services = sorted({LINKED[one] for one in types if one in LINKED})
    if services:
        yield {
            "Sid": "GitbotMayLetServicesMakeTheirRoles",
            "Effect": "Allow",
            "Action": ACTION,
            "Resource": "arn:*:iam::*:role/aws-service-role/*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": services}},
        }
