"""AWS::SageMaker::ModelPackageGroup as a table. Shell.

ModelPackageGroupName, ModelPackageGroupDescription: replace. ModelPackageGroupPolicy (costs a call to
read, where it is declared), Tags: changed in place. Attributes: ModelPackageGroupArn,
ModelPackageGroupStatus. SageMaker deletes no group that has model packages.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModelPackageGroup.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_PutModelPackageGroupPolicy.html
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.policy_documents import normalised_policy, policy_text
from gitbot.providers.aws.surfaces import Surface
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, failure, listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="ModelPackageGroupName", longest=63)
_GROUP = ("ModelPackageGroupName", "ModelPackageGroupDescription")
_LISTING = listing(
    *("model-package-group", "describe_model_package_group", _NAME), arn="ModelPackageGroupArn"
)
_POLICY = "model_package_group_policy"


def _read(aws: Connection, arn: str) -> Any:
    try:
        answer = aws.call("sagemaker", f"get_{_POLICY}", ModelPackageGroupName=_own(arn))
    except CloudError as error:
        if error.code != "ValidationException":  # its code for "there is none"
            raise
        return None
    return json.loads(answer["ResourcePolicy"])


def _write(aws: Connection, arn: str, value: Any) -> None:
    name = _own(arn)
    if value is not None:
        text = policy_text(value)
        aws.call(*("sagemaker", f"put_{_POLICY}"), ModelPackageGroupName=name, ResourcePolicy=text)
    elif _read(aws, arn) is not None:
        aws.call("sagemaker", f"delete_{_POLICY}", ModelPackageGroupName=name)


def _own(arn: str) -> str:
    return arn.rpartition("/")[2]


def _packages(aws: Connection, one: Described) -> Sequence[str]:
    """The versions of the model that the group has; waiting does not help against them."""
    name = one["ModelPackageGroupName"]
    packages = aws.pages(
        *("sagemaker", "list_model_packages", "ModelPackageSummaryList"), ModelPackageGroupName=name
    )
    return [f"model package {one['ModelPackageArn']}" for one in packages]


def _with_policy(properties: Properties) -> Properties:
    policy = properties.get("ModelPackageGroupPolicy")
    if policy is None:
        return properties
    return {**properties, "ModelPackageGroupPolicy": normalised_policy(policy)}


_POLICY_SURFACE = Surface(
    property="ModelPackageGroupPolicy",
    read=_read,
    write=_write,
    removal=Removal(default=None, says="other accounts lose access"),
)
MODEL_PACKAGE_GROUP = native_type(
    Table(
        name="AWS::SageMaker::ModelPackageGroup",
        noun="model package group",
        dialect=SAGEMAKER,
        listing=_LISTING,
        identifier=itemgetter("ModelPackageGroupArn"),
        shows=shown("ModelPackageGroupArn", "ModelPackageGroupStatus", *_GROUP),
        addresses=shown("ModelPackageGroupName"),
        create=Create(
            call="create_model_package_group",
            sends=_GROUP,
            gives=lambda answer, _: str(answer["ModelPackageGroupArn"]),
            taken=TAKEN,
        ),
        ready=lambda one: bool(one["ModelPackageGroupStatus"] == "Completed"),
        failed=failure("ModelPackageGroupStatus", "Failed", "DeleteFailed"),
        delete=Delete(call="delete_model_package_group", users=_packages),
        tags=_LISTING.tags,
        surfaces=(_POLICY_SURFACE,),
        looks=(f"get_{_POLICY}", "list_model_packages"),
        calls=(f"put_{_POLICY}", f"delete_{_POLICY}"),
        normalise=_with_policy,
        natural_key=("ModelPackageGroupName",),
    )
)
