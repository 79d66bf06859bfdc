"""The routes that show environments, the state of their stacks, and what happens next. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitbot.decisions.environments import unknown_environment
from gitbot.decisions.time.schedules import next_due
from gitbot.jobs.steps.look import Look, look_at_tip
from gitbot.language.files import home_path_of
from gitbot.model.codec import encode_value, to_full_data
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Json, Redacted
from gitbot.render.recorded import stack_data
from gitbot.render.schedule import schedule_data
from gitbot.webhooks.api import pages, read_schemas
from gitbot.webhooks.api.problems import INVALID, NOT_FOUND, ApiError
from gitbot.webhooks.api.routes import Answer, Api, Call, Route

_BELOW = "/repositories/{owner}/{name}/environments"


def _environments(api: Api, call: Call) -> Answer:
    found, after = call.repository, pages.after(call)
    at_tip = look_at_tip(api.ports, found.id).at_tip.environments
    names = {*at_tip, *api.ports.engine.state.environments(found.id)}

    def items() -> Iterator[tuple[str, Json]]:
        for name in sorted(name for name in names if name > after):
            environment = at_tip.get(name)
            yield (
                name,
                {
                    "name": name,
                    "in_specs": environment is not None,
                    "region": environment.region if environment else None,
                    "timezone": environment.timezone if environment else None,
                    "applied": api.ports.records.journal.applied_tip(_key(call, name)),
                },
            )

    return pages.page(call, items())


def _stacks(api: Api, call: Call) -> Answer:
    after, state = pages.after(call), api.ports.engine.state
    known = {f"{one.name}\0{one.region}": one for one in _known(api, call)}

    def items() -> Iterator[tuple[str, Json]]:
        for key in sorted(key for key in known if key > after):
            yield key, stack_data(state.read(known[key]))

    return pages.page(call, items())


def _stack(api: Api, call: Call) -> Answer:
    return Answer(body=to_full_data(_recorded(api, call)))


def _outputs(api: Api, call: Call) -> Answer:
    outputs: dict[str, Json] = {
        name: {
            "value": None if isinstance(one.value, Redacted) else encode_value(one.value),
            "sensitive": one.sensitive or isinstance(one.value, Redacted),
        }
        for name, one in sorted(_recorded(api, call).outputs.items())
    }
    return Answer(body={"outputs": outputs})


def _schedule(api: Api, call: Call) -> Answer:
    seen = look_at_tip(api.ports, call.repository.id)
    key = _key(call, call.path["environment"])
    rows = [
        (row, next_due(row))
        for row in api.ports.records.schedules.of_repository(key.repository)
        if row.schedule.environment == key
    ]
    if not rows:
        _require(seen, key.environment)
    zones = {name: one.timezone for name, one in seen.at_tip.environments.items()}
    return Answer(body={"schedules": list[Any](schedule_data(rows, zones))})


def _key(call: Call, environment: str) -> EnvironmentKey:
    return EnvironmentKey(repository=call.repository.id, environment=environment)


def _known(api: Api, call: Call) -> tuple[StackId, ...]:
    """The stacks of the environment that state knows. Raises ApiError for no such environment."""
    environment = call.path["environment"]
    found = api.ports.engine.state.stacks(_key(call, environment))
    if not found:
        _require(look_at_tip(api.ports, call.repository.id), environment)
    return found


def _require(seen: Look, environment: str) -> None:
    """Return when the tip has the environment. Raises ApiError when it has not."""
    known = seen.at_tip.environments
    if environment not in known:
        broken = home_path_of(environment) in seen.tree.entries
        raise ApiError(NOT_FOUND, unknown_environment(environment, known, broken=broken))


def _recorded(api: Api, call: Call) -> RecordedStack:
    """The state of the stack that the path names.

    Where stacks of that name were applied in several regions, the one that is not empty, or that of
    the parameter ``region``.
    """
    name, region = call.path["stack"], call.query.get("region")
    known = _known(api, call)
    states = [
        api.ports.engine.state.read(one)
        for one in known
        if one.name == name and region in (None, one.region)
    ]
    full = [one for one in states if not one.empty] or states[:1]
    if not full:
        names = ", ".join(sorted({one.name for one in known})) or "none"
        where = f" in {region}" if region else ""
        raise ApiError(
            NOT_FOUND,
            f"state has no stack {name}{where} in {call.path['environment']}; it has: {names}",
        )
    if len(full) > 1:
        regions = ", ".join(sorted(one.id.region for one in full))
        raise ApiError(INVALID, f"{name} is in several regions: add ?region= with one of {regions}")
    return full[0]


ROUTES = (
    Route(
        method="GET",
        path=_BELOW,
        name="environments",
        summary="The environments of the tracked branch, and others that state still knows",
        handle=_environments,
        query=pages.QUERY,
        answers={200: pages.listed(read_schemas.ENVIRONMENT)},
    ),
    Route(
        method="GET",
        path=f"{_BELOW}/{{environment}}/stacks",
        name="stacks",
        summary="The stacks of an environment, as they were last applied",
        handle=_stacks,
        query=pages.QUERY,
        answers={200: pages.listed(read_schemas.LISTED_STACK)},
    ),
    Route(
        method="GET",
        path=f"{_BELOW}/{{environment}}/stacks/{{stack}}",
        name="stack",
        summary="The state of a stack. Sensitive values are hashes",
        handle=_stack,
        query=read_schemas.REGION,
        answers={200: read_schemas.STACK},
    ),
    Route(
        method="GET",
        path=f"{_BELOW}/{{environment}}/stacks/{{stack}}/outputs",
        name="outputs",
        summary="The outputs of a stack. The value of a sensitive one is null",
        handle=_outputs,
        query=read_schemas.REGION,
        answers={200: read_schemas.OUTPUTS},
    ),
    Route(
        method="GET",
        path=f"{_BELOW}/{{environment}}/schedule",
        name="schedule",
        summary="What the server does next in an environment: when, and why",
        handle=_schedule,
        answers={200: read_schemas.SCHEDULE},
    ),
)
