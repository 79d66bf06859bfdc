"""AWS::CodePipeline::Pipeline as a table. Shell.

Name (generated when absent): replace. RoleArn, Stages, ArtifactStore or ArtifactStores, ExecutionMode, PipelineType,
Variables, Triggers, DisableInboundStageTransitions (a call of its own reads them, where they are declared),
RestartExecutionOnUpdate (only says what a change does), Tags: changed in place. Attributes: Arn, Version (one more with
each change). CodePipeline never shows the OAuthToken of a configuration. Executions that run go on with what they
started with.
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_CreatePipeline.html
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_UpdatePipeline.html
"""

from __future__ import annotations

from gitbot.model.cloud import Operation
from gitbot.model.schema import Losses, Removal
from gitbot.providers.aws.dialect import Dialect, Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, PlainTags, named
from gitbot.providers.aws.table import (
    Create,
    Delete,
    Described,
    Properties,
    Table,
    Update,
    given,
    shown,
)
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.codepipeline.shapes import compared, from_answer, refine, to_call
from gitbot.providers.aws.types.codepipeline.transitions import (
    CALLS,
    CLOSED,
    LOOKS,
    RESTART,
    SURFACE,
    restart,
)

_PIPELINE = Dialect(
    service="codepipeline",
    absent=frozenset({"PipelineNotFoundException", "ResourceNotFoundException"}),
    renames=True,
)
_WHOLE = "Pipeline"
_NAME = Name(property="Name", longest=100, sent_in=_WHOLE)
_STORES = ("ArtifactStore", "ArtifactStores")
_CHANGED = (
    *("RoleArn", "Stages", *_STORES, "ExecutionMode", "PipelineType", "Variables", "Triggers"),
)
_SECRET = "/Stages/*/Actions/*/Configuration/OAuthToken"
_LISTING = Plain(
    dialect=_PIPELINE,
    call="get_pipeline",
    asks=named("Name"),
    tags=PlainTags(
        dialect=_PIPELINE,
        target=lambda one: {"ResourceArn": one["Metadata"]["PipelineArn"]},
        reading="list_tags_for_resource",
    ),
    name=_NAME,
    index=Index("codepipeline:"),
)


def _shows(one: Described) -> Properties:
    told = from_answer(one[_WHOLE])
    own = {"Arn": one["Metadata"]["PipelineArn"], "Version": str(told["Version"])}
    return {**shown("Name", *_CHANGED)(told), **own}


def _made(operation: Operation) -> Properties:
    return {_WHOLE: to_call(given(operation, ("Name", *_CHANGED)))}


def _changes(values: Properties, one: Described) -> Properties:
    """The whole pipeline, which the call replaces: what no spec says of it stays as it is."""
    wanted = {name: value for name, value in values.items() if value is not None}
    gone = {*values, *_STORES, "Version"}
    kept = {name: value for name, value in one[_WHOLE].items() if name not in gone}
    return {_WHOLE: {**kept, **to_call(wanted)}}


_REMOVALS = {
    "/ExecutionMode": Removal(
        default="SUPERSEDED", says="a newer execution overtakes an older one"
    ),
    "/Variables": Removal(default=None, says="it has no variables"),
    "/Triggers": Removal(default=None, says="every change of the source starts it"),
    f"/{RESTART}": Removal(default=False, says="a change of it starts nothing"),
}
_UPDATES = (
    Update(call="update_pipeline", sends=_CHANGED, whole=True, parameters=_changes),
    Update(call="start_pipeline_execution", sends=(RESTART,), parameters=lambda *_: {}),
)
_CREATE = Create(
    call="create_pipeline",
    sends=("Name", *_CHANGED),
    parameters=_made,
    gives=lambda answer, _: str(answer[_WHOLE]["Name"]),
    name=_NAME,
    taken=frozenset({"PipelineNameInUseException"}),
)

PIPELINE = native_type(
    Table(
        name="AWS::CodePipeline::Pipeline",
        noun="pipeline",
        dialect=_PIPELINE,
        listing=_LISTING,
        identifier=lambda one: str(one[_WHOLE]["Name"]),
        shows=_shows,
        create=_CREATE,
        updates=_UPDATES,
        surfaces=(SURFACE,),
        completes=restart,
        looks=LOOKS,
        calls=CALLS,
        removals=_REMOVALS,
        delete=Delete(call="delete_pipeline", parameters=lambda one: {"Name": one["Name"]}),
        tags=_LISTING.tags,
        natural_key=("Name",),
        filled=(*_STORES, "PipelineType"),
        write_only=(_SECRET, f"/{RESTART}"),
        sets=(f"/{CLOSED}",),
        identities={f"/{CLOSED}": ("StageName",)},
        follows={"Version": _CHANGED},
        normalise=compared,
        refine=refine,
        passes_role_to="codepipeline.amazonaws.com",
        losses=Losses(gone="the history of its executions is lost"),
    )
)
