"""The routes that apply a plan that a pull request shows, and tell how that goes. Shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from gitbot.decisions.apply_report import ReportedRun
from gitbot.decisions.asked_applies import ApplyStatus
from gitbot.errors import RefusedError, UserError
from gitbot.jobs.steps.asking import apply_of, ask_apply, stands
from gitbot.jobs.steps.run_views import plan_and_result
from gitbot.model.codec import to_full_data
from gitbot.model.runs import RunStatus
from gitbot.render.terminal import walk_lines
from gitbot.webhooks.api.plans import accepted, asker_of
from gitbot.webhooks.api.problems import NOT_FOUND, ApiError
from gitbot.webhooks.api.routes import Answer, Api, Call, Route

APPLIES = "/repositories/{owner}/{name}/environments/{environment}/applies"
_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}


def _ask(api: Api, call: Call) -> Answer:
    environment, body = call.path["environment"], call.body
    try:
        command = ask_apply(
            api.ports,
            asker_of(call),
            call.repository.id,
            environment,
            body["pull_request"],
            body["digest"],
        )
    except RefusedError:
        raise
    except UserError as error:
        raise ApiError(NOT_FOUND, str(error)) from error
    return accepted(call, str(command.ref.comment))


def _tell(api: Api, call: Call) -> Answer:
    environment, id_ = call.path["environment"], int(call.path["apply"])
    command = apply_of(api.ports, call.repository.id, environment, id_)
    # An apply is told to everybody who may read the repository, as on the pull request.
    if command is None:
        raise ApiError(NOT_FOUND, "there is no such apply")
    found, runs = stands(api.ports, command)
    results = _results(api, runs) if found.status.ended else []
    text = "\n".join(each.pop("text") for each in results)
    return Answer(
        body={
            "id": call.path["apply"],
            "status": found.status.value,
            "outcome": runs[-1].run.status.value if runs else None,
            "pull_request": command.number,
            "actor": command.author,
            "text": text,
            "why": found.why or None,
            "run": runs[-1].run.id if runs else None,
            "results": results,
        }
    )


def _results(api: Api, runs: Sequence[ReportedRun]) -> list[Any]:
    """What each run did, in words and as ``gitbot apply --json`` prints it; without what it kept secret."""
    found, hide = [], api.ports.engine.hide
    for one in runs:
        plan, result = plan_and_result(api.ports, one)
        if result is not None:
            lines = "\n".join(line.text for line in walk_lines(plan, result))
            found.append(
                {
                    "stack": one.run.stack.label,
                    "plan": _hidden(to_full_data(plan), hide),
                    "result": _hidden(to_full_data(result), hide),
                    "ok": result.ok,
                    "text": hide(lines),
                }
            )
    return found


def _hidden(data: Any, hide: Callable[[str], str]) -> Any:
    """The data without the sensitive values of the specs, wherever a text of it repeats one."""
    if isinstance(data, str):
        return hide(data)
    if isinstance(data, dict):
        return {name: _hidden(value, hide) for name, value in data.items()}
    return [_hidden(value, hide) for value in data] if isinstance(data, list) else data


_ANSWER = {
    "id": _TEXT,
    "status": {"type": "string", "enum": [each.value for each in ApplyStatus]},
    "outcome": {"enum": [*(each.value for each in RunStatus), None]},
    "pull_request": {"type": "integer"},
    "actor": _TEXT,
    "text": {**_TEXT, "description": "what `gitbot apply` prints"},
    "why": {**_MAYBE_TEXT, "description": "why it did not go through"},
    "run": {**_MAYBE_TEXT, "description": "the run of the last stack"},
    "results": {"type": "array", "items": {"type": "object"}},
}

ROUTES = (
    Route(
        method="POST",
        path=APPLIES,
        name="ask_apply",
        summary="Apply a plan of a pull request, as the comment `/apply ENVIRONMENT DIGEST` on it does",
        handle=_ask,
        body={
            "type": "object",
            "required": ["pull_request", "digest"],
            "additionalProperties": False,
            "properties": {
                "pull_request": {"type": "integer", "minimum": 1, "maximum": 2**31 - 1},
                "digest": {"type": "string", "pattern": "^[0-9a-f]{16,64}$"},
            },
        },
        answers={
            202: {"type": "object", "required": ["id"], "properties": {"id": _TEXT}},
        },
        problems=frozenset({403, 409}),
    ),
    Route(
        method="GET",
        path=f"{APPLIES}/{{apply}}",
        name="apply",
        summary="How far an apply is, and what it did",
        handle=_tell,
        answers={200: {"type": "object", "required": sorted(_ANSWER), "properties": _ANSWER}},
    ),
)
