"""The forge merges exactly what was looked at, and says what GitHub's rules ask for."""

from __future__ import annotations

import pytest

from gitbot.errors import MissingRightError, RefusedError, StaleError
from gitbot.model.forge import MergeMethod, MergeRules, NewPullRequest
from gitbot.model.names import Sha
from gitbot_sandbox.github import Fault
from tests.contract.github.github_world import REPOSITORY, ForgeWorld


def test_a_merge_is_of_the_head_that_was_looked_at_and_happens_once(
    world: ForgeWorld, way: str
) -> None:
    number, forge = world.pull_request(f"merging-{way}"), world.forge(way)
    head = forge.pull_request(number).head
    with pytest.raises(StaleError, match="was changed meanwhile"):
        forge.merge_pull_request(number, Sha("1" * 40), MergeMethod.SQUASH)
    commit = forge.merge_pull_request(number, head, MergeMethod.SQUASH)
    assert forge.pull_request(number).merge_commit == commit


def test_who_closed_a_pull_request_is_known(world: ForgeWorld, way: str) -> None:
    number, forge = world.pull_request(f"closer-{way}"), world.forge(way)
    assert forge.closer(number) == ""
    world.hub.close(REPOSITORY, number, "ada")
    assert forge.closer(number) == "ada"


def test_the_rules_of_the_branch_are_told_before_and_by_the_merge(
    world: ForgeWorld, way: str
) -> None:
    number, forge = world.pull_request(f"rules-{way}"), world.forge(way)
    assert forge.merge_rules("main").methods == tuple(MergeMethod)
    assert forge.merge_rules("main").required_checks == ()
    world.hub.require_checks(REPOSITORY, "build")
    try:
        assert forge.merge_rules("main").required_checks == ("build",)
        with pytest.raises(RefusedError, match='"build" is expected'):
            forge.merge_pull_request(number, forge.pull_request(number).head, MergeMethod.MERGE)
    finally:
        world.hub.require_checks(REPOSITORY)


def test_a_ruleset_that_asks_for_reviews_is_named_unless_it_may_be_bypassed(
    world: ForgeWorld, way: str
) -> None:
    number, forge = world.pull_request(f"reviews-{way}"), world.forge(way)
    world.hub.require_approvals(REPOSITORY, 2)
    try:
        rules = forge.merge_rules("main")
        assert (rules.approvals, rules.rulesets) == (2, ("protect the default branch",))
        world.hub.faults.add(Fault(kind="server_error", path="*/rulesets/1", status=404))
        assert forge.merge_rules("main").rulesets == ("1",)
        head = forge.pull_request(number).head
        with pytest.raises(RefusedError, match="At least 2 approving review is required"):
            forge.merge_pull_request(number, head, MergeMethod.MERGE)
        world.hub.require_approvals(REPOSITORY, 2, forge.login)
        assert forge.merge_rules("main") == MergeRules(methods=tuple(MergeMethod))
        forge.merge_pull_request(number, head, MergeMethod.MERGE)
    finally:
        world.hub.require_approvals(REPOSITORY, 0)


def test_rules_that_may_not_be_read_name_the_right_that_is_missing(
    world: ForgeWorld, way: str
) -> None:
    forge = world.forge(way)
    forge.merge_rules("main")
    world.hub.faults.add(Fault(kind="server_error", path="*/rules/branches/main", status=403))
    with pytest.raises(MissingRightError, match="`metadata: read`"):
        forge.merge_rules("main")


def test_one_who_cannot_review_keeps_no_other_from_being_asked(world: ForgeWorld, way: str) -> None:
    number, forge = world.pull_request(f"asked-{way}"), world.forge(way)
    teams = ["acme/platform", "acme/none", "other/platform"]
    refused = forge.ask_people(
        number, reviewers=["nobody-here", "ada", "bob", *teams], assignees=["ada", "nobody"]
    )
    assert refused == ("nobody-here", "ada", "acme/none", "other/platform")
    pull = world.hub.pull_request(REPOSITORY, number)
    assert pull.requested == ["bob", "acme/platform"]
    assert world.hub.issue(REPOSITORY, number).assignees == ["ada"]


def test_where_there_are_no_drafts_the_pull_request_is_none(world: ForgeWorld, way: str) -> None:
    forge = world.forge(way)
    branch = f"draft-{way}"
    world.hub.push_files(REPOSITORY, branch, {f"{branch}.txt": "x"}, "ada")
    new = NewPullRequest(head=branch, base="main", title="T", body="B", draft=True)
    world.hub.allow_drafts(REPOSITORY, allowed=False)
    try:
        assert not forge.open_pull_request(new).draft
        number = forge.find_open_pull_request(branch, "main").number
        assert not forge.set_draft(number, draft=True)
    finally:
        world.hub.allow_drafts(REPOSITORY, allowed=True)


def test_a_draft_is_made_ready_and_a_draft_again(world: ForgeWorld, way: str) -> None:
    number, forge = world.pull_request(f"ready-{way}"), world.forge(way)
    # GraphQL says with status 200 that there were too many calls.
    limit = Fault(kind="rate_limit", path="/api/graphql", retry_after_s=0)
    world.hub.faults.add(limit)
    for draft in (True, True, False, False):
        assert forge.set_draft(number, draft=draft)
        assert forge.pull_request(number).draft is draft
    assert world.hub.faults.active() == ()
