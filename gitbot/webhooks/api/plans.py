"""The routes that plan a commit and tell the plan. Shell."""

from __future__ import annotations

from gitbot.errors import RefusedError, UserError
from gitbot.jobs.steps.asking import Asker, ask_plan, wake_plan
from gitbot.model.asked_plans import AskedPlan, AskedStatus, PlanAnswer
from gitbot.model.names import Sha
from gitbot.model.values import Json
from gitbot.webhooks.api.problems import NOT_FOUND, ApiError
from gitbot.webhooks.api.routes import Answer, Api, Call, Route

PLANS = "/repositories/{owner}/{name}/environments/{environment}/plans"
_TEXT = {"type": "string"}
_MAYBE_TEXT = {"type": ["string", "null"]}
_MAP = {"type": "object", "additionalProperties": _TEXT}
COMMIT = {"type": "string", "pattern": "^[0-9a-f]{40}$"}
STACK = {"type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9@._-]{0,199}$"}


def asker_of(call: Call) -> Asker:
    """Who calls."""
    return Asker(login=call.token.login, account=call.token.account)


def accepted(call: Call, id_: str) -> Answer:
    """What is answered to a request whose work goes on: its id, and where its end is told."""
    return Answer(status=202, body={"id": id_}, headers={"Location": f"{call.address}/{id_}"})


def _ask(api: Api, call: Call) -> Answer:
    environment, body = call.path["environment"], call.body
    commit, stacks = Sha(body["commit"]), body.get("stacks", [])
    try:
        asked = ask_plan(api.ports, asker_of(call), call.repository.id, environment, commit, stacks)
    except RefusedError:
        raise
    except UserError as error:
        raise ApiError(NOT_FOUND, str(error)) from error
    return accepted(call, asked.id)


def _tell(api: Api, call: Call) -> Answer:
    plans = api.ports.records.asked_plans
    asked = plans.get(call.path["plan"])
    there = (call.repository.id, call.path["environment"])
    # A plan is told to who asked for it: who they are decides what it may hold.
    if (
        asked is None
        or (asked.repository, asked.environment) != there
        or asked.account != call.token.account
    ):
        raise ApiError(NOT_FOUND, "there is no such plan, or not any more")
    answer = plans.answer(asked.id) if asked.status.ended else None
    if answer is None:
        wake_plan(api.ports, asked)
    return Answer(body=_body(asked, answer or PlanAnswer()))


def _body(asked: AskedPlan, answer: PlanAnswer) -> Json:
    digests = dict(answer.digests)
    return {
        "id": asked.id,
        "status": asked.status.value,
        "commit": asked.commit,
        "text": answer.text,
        "styles": list(answer.styles),
        "plan": dict(answer.plan),
        "changes": answer.changes,
        "unread": dict(answer.unread),
        "pull_request": answer.pull_request,
        "digests": digests,
        "digest": next(iter(digests.values())) if len(digests) == 1 else None,
        "error": answer.error or None,
        "diagnostics": list(answer.diagnostics),
    }


_ANSWER = {
    "id": _TEXT,
    "status": {"type": "string", "enum": [each.value for each in AskedStatus]},
    "commit": COMMIT,
    "text": {**_TEXT, "description": "what `gitbot plan` prints"},
    "styles": {"type": "array", "items": _TEXT, "description": "the style of each line of text"},
    "plan": {"type": "object", "description": "what `gitbot plan --json` prints"},
    "changes": {"type": "boolean"},
    "unread": {**_MAP, "description": "by stack, why it could not be planned"},
    "pull_request": {"type": ["integer", "null"]},
    "digests": {**_MAP, "description": "by stack, what an apply of the pull request takes"},
    "digest": {**_MAYBE_TEXT, "description": "the digest, where there is exactly one"},
    "error": _MAYBE_TEXT,
    "diagnostics": {"type": "array", "items": {"type": "object"}},
}

ROUTES = (
    Route(
        method="POST",
        path=PLANS,
        name="ask_plan",
        summary="Plan a commit that was pushed, merged with the tracked branch",
        handle=_ask,
        body={
            "type": "object",
            "required": ["commit"],
            "additionalProperties": False,
            "properties": {
                "commit": COMMIT,
                "stacks": {
                    "type": "array",
                    "items": STACK,
                    "maxItems": 100,
                    "description": "only these stacks; empty: all of the environment",
                },
            },
        },
        answers={
            202: {"type": "object", "required": ["id"], "properties": {"id": _TEXT}},
        },
        problems=frozenset({403}),
    ),
    Route(
        method="GET",
        path=f"{PLANS}/{{plan}}",
        name="plan",
        summary="How far a plan is that you have asked for, and what it says",
        handle=_tell,
        answers={200: {"type": "object", "required": sorted(_ANSWER), "properties": _ANSWER}},
    ),
)
