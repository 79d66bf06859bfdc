"""Convert pipelines between the forms of a spec and of CodePipeline's API, and say what it wants of them. Pure.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PipelineDeclaration.html
https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionDeclaration.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from gitbot.providers.aws.refining import refining, together, without_blanks
from gitbot.providers.aws.table import Properties
from gitbot.providers.aws.text_attributes import as_text, parsed

_CONFIGURATION = "Configuration"
_MASKED = re.compile(r"\*+")
_AROUND = ("OnFailure", "OnSuccess", "BeforeEntry")
_Change = Callable[[Mapping[str, Any]], Mapping[str, Any]]


def to_call(properties: Properties) -> dict[str, Any]:
    """The pipeline as the calls take it: configurations have texts alone, stores are by region."""
    done = compared(properties)
    if "ArtifactStores" in done:
        stores = done["ArtifactStores"]
        done["ArtifactStores"] = {one["Region"]: one["ArtifactStore"] for one in stores}
    return done


def from_answer(pipeline: Properties) -> dict[str, Any]:
    """The pipeline as a spec has it. Secrets, for which CodePipeline shows asterisks, are left out."""
    done = {**pipeline, "Stages": _in_stages(pipeline["Stages"], _unmasked)}
    if "ArtifactStores" in done:
        stores = done["ArtifactStores"].items()
        done["ArtifactStores"] = [{"Region": key, "ArtifactStore": one} for key, one in stores]
    return done


def compared(properties: Properties) -> dict[str, Any]:
    """The properties in the form for comparison: CodePipeline keeps every value of a configuration as text."""
    done = dict(properties)
    if isinstance(done.get("Stages"), (list, tuple)):
        done["Stages"] = _in_stages(done["Stages"], _texts)
    return done


def _in_stages(stages: Any, change: _Change) -> list[Any]:
    """The stages with the configurations of their actions and rules changed."""
    return [_in_stage(one, change) if isinstance(one, Mapping) else one for one in stages]


def _in_stage(stage: Mapping[str, Any], change: _Change) -> dict[str, Any]:
    done = {**stage, "Actions": _in_each(stage.get("Actions"), change)}
    for name in _AROUND:
        around = done.get(name)
        if isinstance(around, Mapping) and isinstance(around.get("Conditions"), (list, tuple)):
            conditions = [
                {**one, "Rules": _in_each(one["Rules"], change)}
                if isinstance(one, Mapping) and "Rules" in one
                else one
                for one in around["Conditions"]
            ]
            done[name] = {**around, "Conditions": conditions}
    return done


def _in_each(some: Any, change: _Change) -> Any:
    """The actions or rules with their configurations changed."""
    if not isinstance(some, (list, tuple)):
        return some
    return [
        {**one, _CONFIGURATION: change(parsed(one[_CONFIGURATION]))}
        if isinstance(one, Mapping) and isinstance(parsed(one.get(_CONFIGURATION)), Mapping)
        else one
        for one in some
    ]


def _unmasked(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: one for name, one in configuration.items() if not _MASKED.fullmatch(one)}


def _texts(configuration: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: _text(value) for name, value in configuration.items()}


def _text(value: Any) -> Any:
    """The value as text; one that is not known yet, or has such a part, stays as it is."""
    try:
        json.dumps(value)
    except TypeError:
        return value
    return as_text(value)


_NAME = {"pattern": "^[A-Za-z0-9.@_-]{1,100}$"}
_ARTIFACT = {"pattern": "^[A-Za-z0-9_-]{1,100}$"}
_RESULT = {"enum": ["ROLLBACK", "FAIL", "RETRY", "SKIP"]}
_ONE = {"minItems": 1}
_KEPT = {**_ONE, "maxItems": 8}
_V2 = {"required": ["PipelineType"], "properties": {"PipelineType": {"const": "V2"}}}
_V1_MODE = {"properties": {"ExecutionMode": {"const": "SUPERSEDED"}}}
_OF_V2 = [
    *({"required": [name], "properties": {name: _ONE}} for name in ("Variables", "Triggers")),
    {"required": ["ExecutionMode"], "not": _V1_MODE},
]
_RULE: Mapping[str, Mapping[str, Any]] = {
    "": {"required": ["Name", "RuleTypeId"]},
    "Name": _NAME,
    "RuleTypeId": {"required": ["Category", "Provider"]},
    "RuleTypeId/Category": {"enum": ["Rule"]},
    "RuleTypeId/Owner": {"enum": ["AWS"]},
    "RuleTypeId/Provider": {"pattern": "^[0-9A-Za-z_-]{1,35}$"},
    "RuleTypeId/Version": {"pattern": "^[0-9A-Za-z_-]{1,9}$"},
    "Commands": {"minItems": 1, "maxItems": 50},
    "InputArtifacts/*/Name": _ARTIFACT,
    "Region": {"minLength": 4, "maxLength": 30},
}
_ACTION: Mapping[str, Mapping[str, Any]] = {
    "ActionTypeId/Owner": {"enum": ["AWS", "ThirdParty", "Custom"]},
    "ActionTypeId/Provider": {"pattern": "^[0-9A-Za-z_-]{1,35}$"},
    "RunOrder": {"minimum": 1, "maximum": 999},
    "TimeoutInMinutes": {"minimum": 5, "maximum": 86400},
    "Commands": {"minItems": 1, "maxItems": 50},
    "OutputVariables": {"minItems": 1, "maxItems": 15},
    "EnvironmentVariables": {"minItems": 1, "maxItems": 10, "uniqueKeys": ["Name"]},
    "EnvironmentVariables/*/Name": {"pattern": "^[A-Za-z0-9_]{1,128}$"},
    "InputArtifacts/*/Name": _ARTIFACT,
    "OutputArtifacts/*/Name": _ARTIFACT,
    "OutputArtifacts/*/Files": {"minItems": 1, "maxItems": 10},
    "Namespace": {"pattern": "^[A-Za-z0-9@_-]{1,100}$"},
    "Region": {"minLength": 4, "maxLength": 30},
}
_STAGE: Mapping[str, Mapping[str, Any]] = {
    "Name": _NAME,
    **{f"Actions/*/{path}": limit for path, limit in _ACTION.items()},
    **{f"{name}/Conditions": {"minItems": 1, "maxItems": 1} for name in _AROUND},
    **{f"{name}/Conditions/*/Rules": {"minItems": 1, "maxItems": 5} for name in _AROUND},
    **{f"{name}/Conditions/*/Result": _RESULT for name in _AROUND},
    **{
        f"{name}/Conditions/*/Rules/*/{path}".rstrip("/"): limit
        for name in _AROUND
        for path, limit in _RULE.items()
    },
    **{name: {"required": ["Conditions"]} for name in _AROUND[1:]},
    "OnFailure/Result": _RESULT,
}
_GIT: Mapping[str, Mapping[str, Any]] = {
    "Push": {"minItems": 1, "maxItems": 3},
    "PullRequest": {"minItems": 1, "maxItems": 3},
    "PullRequest/*/Events": {"minItems": 1},
    "PullRequest/*/Events/*": {"enum": ["OPEN", "UPDATED", "CLOSED"]},
    "SourceActionName": _NAME,
    **{
        f"{place}/{kind}": _KEPT
        for place in (
            *("Push/*/Tags", "Push/*/Branches", "Push/*/FilePaths"),
            *("PullRequest/*/Branches", "PullRequest/*/FilePaths"),
        )
        for kind in ("Includes", "Excludes")
    },
}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "required": ["RoleArn", "Stages"],
        "requiredXor": ["ArtifactStore", "ArtifactStores"],
        "if": {"anyOf": _OF_V2},
        "then": _V2,
    },
    "Name": _NAME,
    "ArtifactStore/Location": {"pattern": "^[a-zA-Z0-9.-]{3,63}$"},
    "ArtifactStore/EncryptionKey/Type": {"enum": ["KMS"]},
    "ArtifactStores": {"minItems": 1, "uniqueKeys": ["Region"]},
    "ArtifactStores/*/ArtifactStore/Location": {"pattern": "^[a-zA-Z0-9.-]{3,63}$"},
    "ArtifactStores/*/ArtifactStore/EncryptionKey/Type": {"enum": ["KMS"]},
    "Variables": {"maxItems": 50, "uniqueKeys": ["Name"]},
    "Variables/*/Name": {"pattern": "^[A-Za-z0-9@_-]{1,128}$"},
    "Variables/*/Description": {"maxLength": 200},
    "Triggers": {"maxItems": 50},
    "Triggers/*": {"required": ["ProviderType", "GitConfiguration"]},
    **{f"Stages/*/{path}": limit for path, limit in _STAGE.items()},
    **{f"Triggers/*/GitConfiguration/{path}": limit for path, limit in _GIT.items()},
}

refine = together(without_blanks("Description"), refining(_LIMITS))
"""The registry's schema with what CodePipeline wants."""
