"""AWS::SageMaker::Pipeline as a table. Shell.

PipelineName: replace. PipelineDefinition, PipelineDisplayName, PipelineDescription, RoleArn,
ParallelismConfiguration, Tags: changed in place. A definition in the spec is compared as JSON. One in S3 cannot
be read back: SageMaker copies it when the spec names another object or version. SageMaker deletes no
pipeline that runs.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreatePipeline.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.text_attributes import parsed
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, named_listing

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="PipelineName", longest=256)
_DEFINITION, _BODY, _S3 = (
    *("PipelineDefinition", "PipelineDefinitionBody"),
    "PipelineDefinitionS3Location",
)
_CHANGED = (
    *(_DEFINITION, "PipelineDisplayName", "PipelineDescription"),
    *("RoleArn", "ParallelismConfiguration"),
)
_PLACE = {"Bucket": "Bucket", "Key": "ObjectKey", "Version": "VersionId"}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    f"{_DEFINITION}/{_BODY}": {"jsonText": True},
    **{f"{_DEFINITION}/{_S3}/{name}": {"minLength": 1} for name in _PLACE},
}
_LISTING = named_listing("pipeline", "describe_pipeline", _NAME, arn="PipelineArn")


def _sent(properties: Properties) -> dict[str, Any]:
    """The parameters: where the definition is in S3, its place has other names."""
    sent = {name: properties[name] for name in _CHANGED if properties.get(name) is not None}
    definition = sent.pop(_DEFINITION, None) or {}
    if _BODY in definition:
        sent[_DEFINITION] = definition[_BODY]
    elif _S3 in definition:
        place = definition[_S3]
        sent[_S3] = {own: place[name] for name, own in _PLACE.items() if place.get(name)}
    return sent


def _shows(one: Described) -> Properties:
    return {
        **shown("PipelineName", *_CHANGED)(one),
        _DEFINITION: {_BODY: one[_DEFINITION]},
    }


def _parsed(properties: Properties) -> Properties:
    definition = properties.get(_DEFINITION)
    if not isinstance(definition, Mapping) or _BODY not in definition:
        return properties
    return {**properties, _DEFINITION: {**definition, _BODY: parsed(definition[_BODY])}}


def _executions(aws: Connection, one: Described) -> Sequence[str]:
    """The executions that run; nothing ends them but themselves or a person."""
    executions: Sequence[Mapping[str, Any]] = aws.pages(
        *("sagemaker", "list_pipeline_executions", "PipelineExecutionSummaries"),
        PipelineName=one["PipelineName"],
    )  # type: ignore[assignment]
    running = ("Executing", "Stopping")
    return [
        f"execution {run['PipelineExecutionArn']}"
        for run in executions
        if run["PipelineExecutionStatus"] in running
    ]


_CREATE = Create(
    call="create_pipeline",
    sends=("PipelineName", *_CHANGED),
    parameters=lambda it: {**shown("PipelineName")(it.properties), **_sent(it.properties)},
    gives=lambda _, given: str(given["PipelineName"]),
    token="ClientRequestToken",
    taken=TAKEN,
)
_UPDATE = Update(call="update_pipeline", sends=_CHANGED, parameters=lambda values, _: _sent(values))
PIPELINE = native_type(
    Table(
        name="AWS::SageMaker::Pipeline",
        noun="pipeline",
        dialect=SAGEMAKER,
        listing=_LISTING,
        shows=_shows,
        addresses=shown("PipelineName"),
        create=_CREATE,
        updates=(_UPDATE,),
        resets={"PipelineDescription": Removal(default="", says="it has none")},
        delete=Delete(call="delete_pipeline", users=_executions),
        tags=_LISTING.tags,
        handled=(f"/{_DEFINITION}/{_BODY}", *(f"/{_DEFINITION}/{_S3}/{name}" for name in _PLACE)),
        filled=("PipelineDisplayName", f"{_DEFINITION}/{_BODY}"),
        write_only=(f"/{_DEFINITION}/{_S3}",),
        normalise=_parsed,
        refine=refining(_LIMITS),
        natural_key=("PipelineName",),
        looks=("list_pipeline_executions",),
        passes_role_to="sagemaker.amazonaws.com",
    )
)
