"""What gitbot's own forge sends and is answered, held against GitHub's description. Shell."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitbot.adapters.github import GitHubForge
from gitbot.model.forge import Annotation, Check, CheckState, DeploymentState
from gitbot_sandbox.github import LocalGitHub
from tests.contract.github.github_world import REPOSITORY, World, build
from tests.openapi.schemas import Api
from tests.openapi.test_openapi_gate import UNDESCRIBED
from tests.openapi.tour import recording

pytestmark = pytest.mark.full

ANNOTATIONS = tuple(
    Annotation(file="specs/dev/a.yaml", line=line, title="t", message="m") for line in range(60)
)


def use(world: World, forge: GitHubForge, number: int) -> None:
    """Every method of the forge, with what jobs hand it."""
    head = forge.pull_request(number).head
    comment = world.hub.comment(REPOSITORY, number, "ada", "/plan")
    world.hub.approve(REPOSITORY, number, "bob")
    forge.repository()
    forge.open_pull_requests()
    forge.merged_pull_requests(datetime(2020, 1, 1, tzinfo=UTC))
    forge.pull_requests_of(head)
    forge.reviews(number)
    forge.comments(number, datetime(2020, 1, 1, tzinfo=UTC))
    forge.permission("ada")
    forge.permission("nobody-at-all")
    forge.in_team("acme/platform", "bob")
    forge.commit_author(head)
    made = forge.create_comment(number, "<!-- gitbot:plan -->\nplan")
    forge.edit_comment(made, "<!-- gitbot:plan -->\nnew plan")
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


def test_the_forge_speaks_as_github_describes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api.load()
    with LocalGitHub(tmp_path / "hub") as hub, recording(monkeypatch) as exchanges:
        world = build(hub, tmp_path / "data")
        number = world.pull_request("gate")
        world.hub.merge(REPOSITORY, world.pull_request("merged"), "bob")
        for way in ("app", "token"):
            use(world, world.forge(way), number)
    problems = [
        problem
        for exchange in exchanges
        for problem in api.problems(exchange)
        if not UNDESCRIBED.match(problem)
    ]
    assert len(exchanges) > 60
    assert not problems, "\n".join(dict.fromkeys(problems))
