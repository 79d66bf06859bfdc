"""AWS::SageMaker::Model as a table. Shell.

ModelName (generated when absent), ExecutionRoleArn, PrimaryContainer, Containers, VpcConfig,
InferenceExecutionConfig, EnableNetworkIsolation: replace. Tags: changed in place. Attributes: ModelArn.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateModel.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import TEXTS, refining
from gitbot.providers.aws.table import Create, Delete, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, listing

_NAME = Name(property="ModelName", longest=63)
_SENDS = (
    *("ModelName", "ExecutionRoleArn", "PrimaryContainer", "Containers"),
    *("VpcConfig", "InferenceExecutionConfig", "EnableNetworkIsolation"),
)
_LISTING = listing("model", "describe_model", _NAME, arn="ModelArn")

MODEL = native_type(
    Table(
        name="AWS::SageMaker::Model",
        noun="model",
        dialect=SAGEMAKER,
        listing=_LISTING,
        identifier=itemgetter("ModelArn"),
        shows=shown("ModelArn", *_SENDS),
        addresses=lambda one: {"ModelName": one["ModelName"]},
        create=Create(
            call="create_model",
            sends=_SENDS,
            gives=lambda answer, _: str(answer["ModelArn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        delete=Delete(call="delete_model"),
        tags=_LISTING.tags,
        natural_key=("ModelName",),
        refine=refining(
            {"/PrimaryContainer/Environment": TEXTS, "/Containers/*/Environment": TEXTS}
        ),
        passes_role_to="sagemaker.amazonaws.com",
    )
)
