"""What the issue about waiting applies lists, and when it is up to date."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.waiting import NOTHING, listed, to_list
from gitbot.model.runs import RunStatus
from tests.unit.decisions.facts_by_hand import EARLIER_TIP, a_run, stack_id

HELD = a_run("h", RunStatus.HELD, pull_request=None)
OTHER = a_run("o", RunStatus.HELD, pull_request=None, stack=stack_id("db", "prod"))


def test_what_no_pull_request_shows_is_listed_by_environment_and_stack() -> None:
    first = replace(HELD, id="f", stack=stack_id("app"))
    found = to_list([OTHER, HELD, a_run("of a pull request", RunStatus.HELD), first])
    assert {name: [run.id for run in runs] for name, runs in found.items()} == {
        "dev": ["f", "h"],
        "prod": ["o"],
    }


def test_a_list_is_news_only_when_a_stack_or_a_digest_changes() -> None:
    """A hold whose digest has not changed is told once, however often the tip moves."""
    now = listed(to_list([HELD, OTHER]))
    later = replace(HELD, id="again", tip=EARLIER_TIP)
    assert listed(to_list([OTHER, later])) == now
    assert listed(to_list([OTHER, replace(HELD, digest="d2")])) != now
    assert listed(to_list([HELD])) != now
    assert listed(to_list([])) == NOTHING
