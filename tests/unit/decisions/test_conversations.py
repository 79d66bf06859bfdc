"""Which stack a command is about."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.decisions.conversations import choose_stack, stacks_about
from gitbot.errors import RefusedError
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.expiry import Expiry
from gitbot.model.names import StackId
from gitbot.model.said import ShownDigest, Topic, TopicKind
from tests.unit.decisions.drift.drift_by_hand import NOW
from tests.unit.decisions.drift.drift_by_hand import row as a_drift
from tests.unit.decisions.expiry.expiries_by_hand import an_expiry
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


@pytest.mark.parametrize(
    ("drift", "expiring", "shown", "expected"),
    [
        (None, (), (), ()),
        (None, (), (WEB, API), (WEB, API)),
        (a_drift(stack=WEB), (), (WEB,), (WEB,)),
        (a_drift(stack=WEB), (an_expiry(name="api", issue=7),), (WEB, API), (WEB,)),
        (a_drift(stack=WEB, finding=Finding.ROLL_UP), (), (API,), ()),
        (None, (an_expiry(issue=7),), (API,), ("web",)),
        (None, (an_expiry(issue=9, pull_request=7),), (API,), ("web", "api")),
    ],
    ids=[
        "nothing",
        "a pull request",
        "the issue of a drift",
        "the plan of another stack was asked for there",
        "an issue that rolls up",
        "the issue of an expiry",
        "a pull request with a warning",
    ],
)
def test_the_issue_about_a_stack_stays_about_it_whatever_was_shown_there(
    drift: DriftRow | None,
    expiring: tuple[Expiry, ...],
    shown: tuple[StackId, ...],
    expected: tuple[StackId | str, ...],
) -> None:
    topic = Topic(kind=TopicKind.APPLY, subject="drift:1")
    digests = [ShownDigest(stack=one, digest="d", shown_at=NOW, topic=topic) for one in shown]
    found = stacks_about(7, drift=drift, expiring=expiring, shown=digests)
    names = {one.name if isinstance(one, StackId) else one for one in expected}
    assert {stack.name for stack in found} == names
