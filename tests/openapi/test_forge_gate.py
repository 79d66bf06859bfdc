"""The calls and answers of gitbot's forge match GitHub's description. Shell."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitbot.adapters.github import GitHubForge
from gitbot.model.forge import (
    Annotation,
    Check,
    CheckState,
    CloseReason,
    DeploymentState,
    NewCommit,
    NewIssue,
    NewPullRequest,
)
from gitbot.model.names import Sha
from gitbot_sandbox.github import LocalGitHub
from tests.contract.github.github_world import REPOSITORY, ForgeWorld, build
from tests.openapi.schemas import Api
from tests.openapi.test_openapi_gate import UNDESCRIBED
from tests.openapi.tour import recording

pytestmark = pytest.mark.full

ANNOTATIONS = tuple(
    Annotation(file="specs/dev/a.yaml", line=line, title="t", message="m") for line in range(60)
)


def use(world: ForgeWorld, forge: GitHubForge, number: int) -> None:
    """Every method about a pull request and its commits, with what jobs hand it."""
    head = forge.pull_request(number).head
    comment = world.hub.comment(REPOSITORY, number, "ada", "/plan")
    world.hub.approve(REPOSITORY, number, "bob")
    forge.repository()
    forge.open_pull_requests()
    forge.merged_pull_requests(datetime(2020, 1, 1, tzinfo=UTC))
    forge.reviews(number)
    forge.recent_comments(datetime(2020, 1, 1, tzinfo=UTC))
    forge.permission("ada")
    forge.permission("nobody-at-all")
    forge.in_team("acme/platform", "bob")
    forge.team_members("acme/platform")
    forge.committers(number)
    made = forge.create_comment(number, "<!-- gitbot:plan -->\nplan")
    forge.comment(made.id)
    forge.edit_comment(made.id, "<!-- gitbot:plan -->\nnew plan")
    forge.find_own_comment(number, "<!-- gitbot:plan -->")
    forge.react(comment, "eyes")
    for state in CheckState:
        check = Check(name=f"gitbot/{state}", state=state, title="T", summary="S")
        forge.set_check(head, check)
    forge.set_check(
        head,
        Check(name="gitbot/dev", state=CheckState.FAILURE, title="T", annotations=ANNOTATIONS),
    )
    forge.other_checks(head)
    deployment = forge.deployment(head, "dev", "apply", f"run-{forge.login}")
    for deployed in DeploymentState:
        forge.set_deployment(deployment, deployed, "d", "https://gitbot.example.com")
    forge.drop_doubled_deployments()
    forge.delete_comment(forge.create_comment(number, "twice").id)


def use_issues(world: ForgeWorld, forge: GitHubForge) -> None:
    """Every method about issues."""
    marker = f"<!-- gitbot:drift:{forge.login} -->"
    new = NewIssue(
        title="Drift", body=f"{marker}\nmoved", labels=("drift",), assignees=("bob", "ghost")
    )
    number = forge.create_issue(new).number
    forge.create_comment(number, "hello")
    assert number in forge.recent_comments(datetime(2020, 1, 1, tzinfo=UTC))
    forge.label(number, add=("dev",), remove=("drift", "absent"))
    forge.edit_issue(number, title="Drift in dev", body=f"{marker}\nmoved on")
    forge.close_issue(number, CloseReason.NOT_PLANNED)
    forge.reopen_issue(number)
    assert forge.find_own_issues(marker)
    assert forge.issue(number)
    assert forge.issue(9_999) is None


def use_branches(world: ForgeWorld, forge: GitHubForge) -> None:
    """Every method about branches and the pull requests from them."""
    branch = f"gitbot/{forge.login.removesuffix('[bot]')}"
    new = NewCommit(
        branch=branch,
        expected=forge.branch(branch),
        base=forge.branch("main") or Sha(""),
        files={"specs/dev/promoted.yaml": "a: 1\n", "specs/dev/a.yaml": None},
        message="Promote",
    )
    made = forge.commit(new)
    again = replace(new, expected=made, base=made, files={"specs/dev/promoted.yaml": "a: 2\n"})
    head = forge.commit(again)
    assert forge.login in forge.authors(head)
    pull = NewPullRequest(head=branch, base="main", title="P", body="b", labels=("promotion",))
    number = forge.open_pull_request(pull).number
    assert forge.open_pull_request(pull).number == number
    forge.edit_pull_request(number, title="Promote", body="body")
    forge.close_pull_request(number)
    assert forge.delete_branch(branch, head)


def test_calls_and_answers_of_the_forge_match_githubs_description(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api.load()
    with LocalGitHub(tmp_path / "hub") as hub, recording(monkeypatch) as exchanges:
        world = build(hub, tmp_path / "data")
        number = world.pull_request("gate")
        world.hub.merge(REPOSITORY, world.pull_request("merged"), "bob")
        for way in ("app", "token"):
            use(world, world.forge(way), number)
            use_issues(world, world.forge(way))
            use_branches(world, world.forge(way))
    problems = [
        problem
        for exchange in exchanges
        for problem in api.problems(exchange)
        if not UNDESCRIBED.match(problem)
    ]
    assert len(exchanges) > 60
    assert not problems, "\n".join(dict.fromkeys(problems))
