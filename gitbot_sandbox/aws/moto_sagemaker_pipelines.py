"""Make moto's SageMaker pipelines keep, find and refuse what AWS's do. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdatePipeline.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeletePipeline.html
"""

from __future__ import annotations

import json
from functools import wraps
from typing import Any

from moto.sagemaker import models
from moto.sagemaker.exceptions import ConflictException, ValidationError
from moto.sagemaker.models import FakePipeline
from moto.sagemaker.models import SageMakerModelBackend as Backend
from moto.sagemaker.utils import get_pipeline_from_name

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    wrap(models, "get_pipeline_from_name", _by_arn_too)
    wrap(models, "load_pipeline_definition_from_s3", _as_text)
    wrap(FakePipeline, "__init__", _with_small_letters)
    wrap(Backend, "create_pipeline", _of_json)
    wrap(Backend, "update_pipeline", _emptied_too)
    wrap(Backend, "delete_pipeline", _at_rest)


def _by_arn_too(original: Any) -> Any:
    """Defect: only a name finds a pipeline, and not its ARN."""

    @wraps(original)
    def get_pipeline_from_name(pipelines: dict[str, Any], pipeline_name: str) -> Any:
        by_arn = {one.arn: name for name, one in pipelines.items()}
        return original(pipelines, by_arn.get(pipeline_name, pipeline_name))

    return get_pipeline_from_name


def _as_text(original: Any) -> Any:
    """Defect: a definition that was in S3 is shown as a map, and not as text."""

    @wraps(original)
    def load_pipeline_definition_from_s3(*args: Any, **given: Any) -> str:
        return json.dumps(original(*args, **given))

    return load_pipeline_definition_from_s3


def _with_small_letters(original: Any) -> Any:
    """Defect: the name in the ARN has capital letters."""

    @wraps(original)
    def __init__(self: Any, *args: Any, **given: Any) -> None:
        original(self, *args, **given)
        head, _, name = self.arn.rpartition("/")
        self.arn = f"{head}/{name.lower()}"

    return __init__


def _check(definition: str | None) -> None:
    try:
        json.loads(definition or "{}")
    except ValueError as error:
        raise ValidationError(
            message=f"Unable to parse pipeline definition. {error}: invalid JSON"
        ) from error


def _of_json(original: Any) -> Any:
    """Defect: any text is a definition."""

    @wraps(original)
    def create_pipeline(self: Any, **given: Any) -> Any:
        _check(given["pipeline_definition"])
        return original(self, **given)

    return create_pipeline


def _emptied_too(original: Any) -> Any:
    """Defects: an empty description changes nothing, and any text is a definition."""

    @wraps(original)
    def update_pipeline(self: Any, pipeline_name: str, **given: Any) -> Any:
        _check(given.get("pipeline_definition"))
        arn = original(self, pipeline_name, **given)
        if given.get("pipeline_description") == "":
            self.pipelines[pipeline_name].pipeline_description = ""
        return arn

    return update_pipeline


def _at_rest(original: Any) -> Any:
    """Defect: a pipeline that runs is deleted."""

    @wraps(original)
    def delete_pipeline(self: Any, pipeline_name: str) -> Any:
        pipeline = get_pipeline_from_name(self.pipelines, pipeline_name)
        runs = pipeline.pipeline_executions.values()
        if any(one.pipeline_execution_status == "Executing" for one in runs):
            raise ConflictException(f"Pipeline {pipeline.arn} has running executions.")
        return original(self, pipeline_name)

    return delete_pipeline
