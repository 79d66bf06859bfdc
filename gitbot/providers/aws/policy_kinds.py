"""Which properties are policies of IAM's grammar, and what for; by either route. Pure.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html

A policy with no statement is refused by IAM (MalformedPolicyDocument), S3 (MalformedPolicy: "Statement is empty!",
https://github.com/versity/versitygw/issues/646), SQS (InvalidAttributeValue) and SNS (InvalidParameter, both in
https://github.com/cloud-custodian/cloud-custodian/issues/1816), ECR (InvalidParameterException), and KMS, which takes no
policy that would not let its writer write another one
(https://docs.aws.amazon.com/kms/latest/APIReference/API_PutKeyPolicy.html). Of endpoints, EFS, SageMaker and Secrets Manager nothing
says so: what it means there is that nobody may do anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from gitbot.model.schema import TypeSchema
from gitbot.providers.aws.refining import refining

_IDENTITY = "identity"
_TRUST = "trust"
_RESOURCE = "resource"
_EMPTYABLE = "emptyable"
_BUCKET = "bucket"
_INLINE = {"/Policies/*/PolicyDocument": _IDENTITY}
_ATTACHED = {"/PolicyDocument": _IDENTITY}
_OF_A_THING = {"/PolicyDocument": _RESOURCE}

POLICIES: Final[Mapping[str, Mapping[str, str]]] = {
    "AWS::EC2::VPCEndpoint": {"/PolicyDocument": _EMPTYABLE},
    "AWS::ECR::RegistryPolicy": {"/PolicyText": _RESOURCE},
    "AWS::ECR::Repository": {"/RepositoryPolicyText": _RESOURCE},
    "AWS::EFS::FileSystem": {"/FileSystemPolicy": _EMPTYABLE},
    "AWS::IAM::Group": _INLINE,
    "AWS::IAM::GroupPolicy": _ATTACHED,
    "AWS::IAM::ManagedPolicy": _ATTACHED,
    "AWS::IAM::Policy": _ATTACHED,
    "AWS::IAM::Role": {"/AssumeRolePolicyDocument": _TRUST, **_INLINE},
    "AWS::IAM::RolePolicy": _ATTACHED,
    "AWS::IAM::User": _INLINE,
    "AWS::IAM::UserPolicy": _ATTACHED,
    "AWS::KMS::Key": {"/KeyPolicy": _RESOURCE},
    "AWS::KMS::ReplicaKey": {"/KeyPolicy": _RESOURCE},
    "AWS::S3::BucketPolicy": {"/PolicyDocument": _BUCKET},
    "AWS::SNS::TopicInlinePolicy": _OF_A_THING,
    "AWS::SNS::TopicPolicy": _OF_A_THING,
    "AWS::SQS::QueueInlinePolicy": _OF_A_THING,
    "AWS::SQS::QueuePolicy": _OF_A_THING,
    "AWS::SageMaker::ModelPackageGroup": {"/ModelPackageGroupPolicy": _EMPTYABLE},
    "AWS::SecretsManager::ResourcePolicy": {"/ResourcePolicy": _EMPTYABLE},
}
"""By type and path: what the policy is for."""


def with_policies(schema: TypeSchema) -> TypeSchema:
    """The schema, whose check of specs refuses what is no policy."""
    kinds = POLICIES.get(schema.name, {})
    if not kinds:
        return schema
    own = {"": {"ownBucket": True}} if _BUCKET in kinds.values() else {}
    refine = refining({**own, **{path: {"policyDocument": kind} for path, kind in kinds.items()}})
    return replace(schema, json_schema=refine(schema.json_schema))
