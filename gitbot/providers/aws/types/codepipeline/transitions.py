"""Close and open the ways into stages of a pipeline, and start it again. Shell.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_DisableStageTransition.html
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_StartPipelineExecution.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.surfaces import Surface

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

CLOSED: Final = "DisableInboundStageTransitions"
RESTART: Final = "RestartExecutionOnUpdate"
LOOKS: Final = ("get_pipeline_state",)
CALLS: Final = (
    *("disable_stage_transition", "enable_stage_transition"),
    "start_pipeline_execution",
)
_BUILT: Final = frozenset({"Tags", RESTART, CLOSED})
"""The properties of which a change runs nothing otherwise."""


def _read(aws: Connection, pipeline: str) -> Any:
    """The stages that executions do not enter, each with the reason that somebody gave."""
    told = aws.call("codepipeline", "get_pipeline_state", name=pipeline)["stageStates"]
    ways = [(one["stageName"], one.get("inboundTransitionState") or {}) for one in told]
    return [
        {"StageName": stage, "Reason": way.get("disabledReason", "")}
        for stage, way in ways
        if way.get("enabled") is False
    ]


def _write(aws: Connection, pipeline: str, value: Any) -> None:
    had, wanted = (
        {one["StageName"]: one["Reason"] for one in each or ()}
        for each in (_read(aws, pipeline), value)
    )
    for stage in sorted(had.keys() - wanted.keys()):
        aws.call("codepipeline", "enable_stage_transition", **_way(pipeline, stage))
    for stage, reason in sorted(wanted.items()):
        if had.get(stage) != reason:
            call = "disable_stage_transition"
            aws.call("codepipeline", call, **_way(pipeline, stage), reason=reason)


def _way(pipeline: str, stage: str) -> dict[str, str]:
    return {"pipelineName": pipeline, "stageName": stage, "transitionType": "Inbound"}


def restart(aws: Connection, operation: Operation, pipeline: str) -> None:
    """Start the pipeline after a change of what it does, where its spec wants that: once for each operation."""
    changed = (operation.changed | operation.removed) - _BUILT
    if changed and operation.properties.get(RESTART):
        token = {"clientRequestToken": operation.token}
        aws.call("codepipeline", "start_pipeline_execution", name=pipeline, **token)


SURFACE: Final = Surface(
    property=CLOSED,
    read=_read,
    write=_write,
    removal=Removal(default=None, says="executions enter every stage"),
    last=True,
)
