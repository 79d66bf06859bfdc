"""Hold what the API does against its own document, with requests that are made at random. Shell."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS

from gitbot.webhooks.api import Limits
from gitbot.webhooks.api.limits import Limit
from tests.contract.api_world import REPOSITORY, ROOT, ApiWorld

KNOWN = {
    "owner": REPOSITORY.partition("/")[0],
    "name": REPOSITORY.partition("/")[2],
    "environment": "dev",
    "stack": "trainer",
}
"""What is there: made at random, no path would name it."""

NEVER_REFUSED = ("positive_data_acceptance",)
"""A cursor or region of the right form need not be one that there is."""


# The threads of the queue draw numbers while hypothesis looks whether its strategies do.
RANDOM = pytest.mark.filterwarnings("ignore:Do not use the `random` module")


def unlimited() -> Limits:
    return Limits(
        addresses=Limit(size=1e9, per_s=1e9),
        accounts=Limit(size=1e9, per_s=1e9),
        rare=Limit(size=1e9, per_s=1e9),
    )


def hold(world: ApiWorld, app: Flask, *, examples: int, only: str = "") -> dict[str, set[int]]:
    """Ask every operation, or one; the statuses that each answered with.

    Raises:
        FailureGroup: an answer is not as the document says.
    """
    schema = schemathesis.openapi.from_wsgi(f"{ROOT}/openapi.json", app)
    seen: dict[str, set[int]] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        name = operation.definition.raw["operationId"]
        if only not in ("", name):
            continue
        # One operation voids its token.
        token, found = world.token("ada"), seen.setdefault(name, set())
        _ask(operation, GenerationMode.POSITIVE, token, examples, found)
        # Where nothing goes in, nothing can be wrong.
        if {"parameters", "requestBody"} & {k for k, v in operation.definition.raw.items() if v}:
            _ask(operation, GenerationMode.NEGATIVE, token, examples, found)
    return seen


def _ask(operation: Any, mode: GenerationMode, token: str, examples: int, found: set[int]) -> None:
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        derandomize=examples < 20,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        case.headers["Authorization"] = f"Bearer {token}"
        if mode is GenerationMode.POSITIVE:
            case.path_parameters.update({k: KNOWN[k] for k in case.path_parameters if k in KNOWN})
        response = case.call()
        found.add(response.status_code)
        checks = [c for c in CHECKS.get_all() if c.__name__ not in NEVER_REFUSED]
        case.validate_response(response, checks=checks)

    ask()
