"""Which stack a command is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.conversations import choose_stack
from gitbot.errors import RefusedError
from gitbot.model.names import StackId
from tests.unit.decisions.facts_by_hand import a_command, stack_id

WEB, API, PROD_WEB = stack_id(), stack_id("api"), stack_id("web", "prod")
KNOWN = (WEB, API, PROD_WEB)


@pytest.mark.parametrize(
    ("arguments", "here", "expected"),
    [
        ({"environment": "dev", "stack": "api"}, (WEB,), API),
        ({"environment": "prod", "stack": "web"}, (), PROD_WEB),
        ({}, (WEB,), WEB),
        ({}, (WEB, WEB), WEB),
        ({"environment": "prod"}, (WEB, API, PROD_WEB), PROD_WEB),
    ],
)
def test_the_stack_is_named_or_the_only_one_of_the_conversation(
    arguments: dict[str, str], here: tuple[StackId, ...], expected: StackId
) -> None:
    assert choose_stack(a_command(**arguments), here, KNOWN) == expected


@pytest.mark.parametrize(
    ("arguments", "here", "part"),
    [
        (
            {"environment": "dev", "stack": "x"},
            (WEB,),
            "no stack `dev/x`: its stacks are `api`, `web`",
        ),
        ({"environment": "qa", "stack": "x"}, (WEB,), "no stack `qa/x`: qa has no stacks"),
        ({}, (), "name it, `/apply dev/trainer`"),
        ({"environment": "prod"}, (WEB,), "nothing here says which stack"),
        ({"duration": "3d"}, (WEB, API), "`/apply dev/api 3d`, `/apply dev/web 3d`"),
        (
            {"until": "2026-12-24", "because": "x"},
            (WEB, API),
            "`/apply dev/api until 2026-12-24 because …`",
        ),
    ],
)
def test_what_is_not_clear_is_refused_with_the_commands_to_choose_from(
    arguments: dict[str, str], here: tuple[StackId, ...], part: str
) -> None:
    with pytest.raises(RefusedError) as refused:
        choose_stack(a_command(**arguments), here, KNOWN)
    assert part in str(refused.value)


def test_a_word_that_is_no_time_is_told_as_that() -> None:
    for environment, part in (
        ("banana", "`banana` is neither a duration such as"),
        ("prod", "nothing"),
    ):
        command = replace(a_command(environment=environment), verb="wake")
        with pytest.raises(RefusedError, match=part):
            choose_stack(command, (WEB,), KNOWN)
