"""Make moto's pipelines of CodePipeline hide, keep and refuse what AWS does. Shell.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_CreatePipeline.html
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from functools import wraps
from typing import Any

from moto.codepipeline.exceptions import InvalidStructureException
from moto.codepipeline.models import CodePipeline, CodePipelineBackend, codepipeline_backends
from moto.codepipeline.responses import CodePipelineResponse
from moto.core.exceptions import JsonRESTError
from moto.iam.exceptions import NotFoundException

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tag_index import index

_SECRETS = ("OAuthToken",)
_OF_V2 = ("variables", "triggers")


def patch() -> None:
    """Make all patches of this module."""
    wrap(CodePipelineBackend, "create_pipeline", _named_once)
    wrap(CodePipelineBackend, "update_pipeline", _checked)
    wrap(CodePipelineBackend, "get_pipeline", _masked)
    wrap(CodePipeline, "add_default_values", _with_more)
    wrap(CodePipeline, "validate_tags", _counted_once)
    for call in (get_pipeline_state, enable_stage_transition, disable_stage_transition):
        setattr(CodePipelineResponse, call.__name__, call)
    wrap(CodePipelineResponse, "start_pipeline_execution", _once_by_token)
    index(codepipeline_backends, "codepipeline:", _tagged)


def _tagged(backend: Any) -> Iterator[tuple[str, dict[str, str]]]:
    for one in backend.pipelines.values():
        yield one._arn, one.tags


def _check(backend: Any, pipeline: dict[str, Any]) -> None:
    """Defects: moto takes any pipeline, and looks at the form of a trust policy that IAM takes in two."""
    try:
        backend.iam_backend.get_role_by_arn(pipeline["roleArn"])
    except NotFoundException:
        raise InvalidStructureException(
            f"CodePipeline is not authorized to perform AssumeRole on role {pipeline['roleArn']}"
        ) from None
    stages = pipeline["stages"]
    if len(stages) < 2:
        raise InvalidStructureException(
            f"Pipeline has only {len(stages)} stage(s). There should be a minimum of 2 stages in a pipeline"
        )
    if len({"artifactStore", "artifactStores"} & pipeline.keys()) != 1:
        raise InvalidStructureException(
            "A pipeline has either artifactStore or artifactStores, and not both"
        )
    modern = any(pipeline.get(name) for name in _OF_V2)
    modern = modern or pipeline.get("executionMode", "SUPERSEDED") != "SUPERSEDED"
    if modern and pipeline.get("pipelineType", "V1") != "V2":
        raise InvalidStructureException("Only pipelines of the type V2 have this")
    if any(len(names) != len(set(names)) for names in _names(stages)):
        raise InvalidStructureException("Names of stages and of actions in a stage must be unique")


def _names(stages: list[dict[str, Any]]) -> Iterator[list[str]]:
    yield [stage["name"] for stage in stages]
    for stage in stages:
        yield [action["name"] for action in stage["actions"]]


def _named_once(original: Any) -> Any:
    """Defects: a name that is taken has another refusal; what AWS refuses is made."""

    @wraps(original)
    def create_pipeline(self: Any, pipeline: dict[str, Any], tags: Any) -> Any:
        name = pipeline["name"]
        if name in self.pipelines:
            why = f"A pipeline with the name '{name}' already exists in account '{self.account_id}'"
            raise JsonRESTError("PipelineNameInUseException", why)
        _check(self, pipeline)
        made = CodePipeline(self.account_id, self.region_name, pipeline)
        made.validate_tags(tags or [])
        made.tags.update({tag["key"]: tag["value"] for tag in tags or []})
        self.pipelines[name] = made
        return _hidden(pipeline), tags or []

    return create_pipeline


def _checked(original: Any) -> Any:
    """Defect: what AWS refuses is kept."""

    @wraps(original)
    def update_pipeline(self: Any, pipeline: dict[str, Any]) -> Any:
        if pipeline["name"] in self.pipelines:
            _check(self, pipeline)
        return _hidden(original(self, pipeline))

    return update_pipeline


def _masked(original: Any) -> Any:
    """Defect: secrets are shown."""

    @wraps(original)
    def get_pipeline(self: Any, name: str) -> Any:
        pipeline, metadata = original(self, name)
        return _hidden(pipeline), metadata

    return get_pipeline


def _hidden(pipeline: dict[str, Any]) -> dict[str, Any]:
    shown = deepcopy(pipeline)
    for stage in shown["stages"]:
        for action in stage["actions"]:
            has = action["configuration"]
            has |= {name: "****" for name in _SECRETS if name in has}
    return shown


def _with_more(original: Any) -> Any:
    """Defect: the defaults of a pipeline's mode and type are not shown."""

    @wraps(original)
    def add_default_values(self: Any, pipeline: dict[str, Any]) -> Any:
        pipeline.setdefault("executionMode", "SUPERSEDED")
        pipeline.setdefault("pipelineType", "V1")
        return original(self, pipeline)

    return add_default_values


def _counted_once(original: Any) -> Any:
    """Defect: a tag that takes the place of another counts twice."""

    @wraps(original)
    def validate_tags(self: Any, tags: list[dict[str, str]]) -> None:
        has = self.tags
        self.tags = {
            key: value for key, value in has.items() if key not in {tag["key"] for tag in tags}
        }
        try:
            original(self, tags)
        finally:
            self.tags = has

    return validate_tags


def _pipeline(response: Any, parameter: str) -> Any:
    name = response._get_param(parameter)
    found = response.codepipeline_backend.pipelines.get(name)
    if found is None:
        why = f"Account does not have a pipeline with name '{name}'"
        raise JsonRESTError("PipelineNotFoundException", why)
    if not hasattr(found, "closed"):
        found.closed = {}
    return found


def get_pipeline_state(self: Any) -> str:
    """Defect: the call is missing."""
    found = _pipeline(self, "name")
    states = []
    for stage in found.pipeline["stages"]:
        reason = found.closed.get(stage["name"])
        way = {"enabled": reason is None, **({"disabledReason": reason} if reason else {})}
        states.append({"stageName": stage["name"], "inboundTransitionState": way})
    return json.dumps({"pipelineName": self._get_param("name"), "stageStates": states})


def enable_stage_transition(self: Any) -> str:
    """Defect: the call is missing."""
    _stage(self).closed.pop(self._get_param("stageName"), None)
    return "{}"


def disable_stage_transition(self: Any) -> str:
    """Defect: the call is missing."""
    _stage(self).closed[self._get_param("stageName")] = self._get_param("reason")
    return "{}"


def _stage(response: Any) -> Any:
    """The pipeline, of which the stage is one."""
    found, name = _pipeline(response, "pipelineName"), response._get_param("stageName")
    if name not in {stage["name"] for stage in found.pipeline["stages"]}:
        raise JsonRESTError("StageNotFoundException", f"There is no stage with the name {name}")
    return found


def _once_by_token(original: Any) -> Any:
    """Defect: the same request starts it again."""

    @wraps(original)
    def start_pipeline_execution(self: Any) -> Any:
        found, token = _pipeline(self, "name"), self._get_param("clientRequestToken")
        known = found.__dict__.setdefault("started", {})
        if token is None or token not in known:
            known[token] = original(self)
        return known[token]

    return start_pipeline_execution
