"""Pipelines that are to become of type V1 again, while they have what only V2 has and no spec says. Shell.

https://docs.aws.amazon.com/codepipeline/latest/userguide/pipeline-types.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_TYPE = "PipelineType"
_ENDED_BY: Mapping[str, str] = {
    "ExecutionMode": "ExecutionMode: SUPERSEDED",
    "Variables": "Variables: []",
    "Triggers": "Triggers: []",
}
"""What only pipelines of type V2 have, and what a spec says to be without it."""


def concerns(deed: Deed) -> bool:
    """Whether a pipeline that is there becomes one of type V1."""
    if not isinstance(deed, Making) or deed.type != "AWS::CodePipeline::Pipeline":
        return False
    return _TYPE in (deed.changed or ()) and deed.properties.get(_TYPE) == "V1"


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, Sequence[str]]:
    """What each pipeline has that only V2 has, with one call for each."""
    pipelines = {str(deed.remote_id) for deed in deeds if isinstance(deed, Making)}
    return facts.each("pipelines", pipelines, _modern)


def _modern(aws: Connection, name: str) -> Sequence[str]:
    """https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_GetPipeline.html"""
    try:
        has = aws.call("codepipeline", "get_pipeline", name=name)["pipeline"]
    except CloudError as error:
        if error.code != "PipelineNotFoundException":
            raise
        return ()
    mode = has.get("executionMode", "SUPERSEDED")
    found = {"ExecutionMode": mode != "SUPERSEDED"}
    found |= {one: bool(has.get(one.lower())) for one in ("Variables", "Triggers")}
    return [one for one in _ENDED_BY if found[one]]


def say(answer: Mapping[str, Sequence[str]], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """An objection to each pipeline that would keep what V1 does not have."""
    for deed in concerned:
        if not isinstance(deed, Making):
            continue
        kept = [one for one in answer[str(deed.remote_id)] if one not in (deed.changed or ())]
        if kept:
            yield Objection(
                address=deed.address,
                why=f"the pipeline `{deed.remote_id}` has {' and '.join(kept)} that its spec does not say, "
                "and CodePipeline has that for pipelines of type V2 alone.",
                fix=f"Write `{'`, `'.join(_ENDED_BY[one] for one in kept)}` beside `{_TYPE}: V1`, or keep "
                f"`{_TYPE}: V2`.",
            )


MODERN_PIPELINES = Question(concerns=concerns, ask=ask, say=say, refuses=True)
