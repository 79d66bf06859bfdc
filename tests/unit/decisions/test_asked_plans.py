"""Who may have which commit planned, and which digests are offered with the plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.asked_plans import (
    check_reachable,
    check_rules,
    digests_shown,
    pull_requests_of,
)
from gitbot.errors import RefusedError, UserError
from gitbot.model.names import Sha
from tests.contract.records_world import DIGEST, OTHER, STACK, plan, run
from tests.unit.decisions.facts_by_hand import DEV, HEAD, OTHER_HEAD, a_pull_request

OWN = a_pull_request(5)
FORK = replace(OWN, number=3, from_fork=True)


def test_the_pull_requests_of_the_repository_itself_come_first() -> None:
    elsewhere = replace(OWN, number=1, head=OTHER_HEAD)
    assert pull_requests_of(HEAD, [elsewhere, FORK, OWN]) == (OWN, FORK)


@pytest.mark.parametrize(
    ("pulls", "given", "refused"),
    [
        ((), {"on_a_branch": True}, None),
        ((OWN,), {}, None),
        ((FORK, OWN), {}, None),
        ((FORK,), {"on_a_branch": True}, None),
        ((FORK,), {"leave": True}, None),
        # The kind: who may only read would have the plan role used for what nobody has looked at.
        ((FORK,), {}, RefusedError),
        ((), {}, UserError),
    ],
)
def test_a_commit_is_planned_when_somebody_with_the_right_stands_behind_it(
    pulls: Any, given: dict[str, bool], refused: type[Exception] | None
) -> None:
    asked = {"on_a_branch": False, "leave": False, **given}
    if refused is None:
        check_reachable(HEAD, pulls, **asked)
        return
    with pytest.raises(refused, match=HEAD[:8]) as caught:
        check_reachable(HEAD, pulls, **asked)
    assert type(caught.value) is refused


def test_a_commit_cannot_choose_what_its_plan_may_reach() -> None:
    rules = DEV
    check_rules(rules, rules, broken=False)
    check_rules(rules, None, broken=True)
    with pytest.raises(RefusedError, match="no environment dev"):
        check_rules(rules, None, broken=False)
    with pytest.raises(RefusedError, match="region"):
        check_rules(rules, replace(rules, region="eu-west-9"), broken=False)


def test_only_what_the_pull_request_shows_now_is_offered() -> None:
    shown = run(digest=DIGEST, head=HEAD)
    assert digests_shown([plan()], {STACK: shown}, HEAD) == {STACK.label: DIGEST}
    assert digests_shown([plan()], {OTHER: shown}, HEAD) == {}
    assert digests_shown([plan()], {STACK: replace(shown, digest="e" * 64)}, HEAD) == {}
    assert digests_shown([plan()], {STACK: shown}, Sha("9" * 40)) == {}
    assert digests_shown([plan(changes=())], {STACK: shown}, HEAD) == {}
