"""Call every endpoint of the local GitHub with PyGithub, and record the calls."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from github import GithubException, InputGitTreeElement

from gitbot_sandbox.github.actions import manifests
from gitbot_sandbox.github.entities import Token
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.server import application
from tests.contract.sandbox_github.house import REPO, House
from tests.openapi.schemas import Exchange

API = "/api/v3"
MANIFEST = {
    "name": "other",
    "url": "https://example.org",
    "redirect_url": "https://example.org/back",
    "hook_attributes": {"url": "http://127.0.0.1:9/webhook"},
    "default_events": [],
}


@contextmanager
def recording(patch: pytest.MonkeyPatch) -> Iterator[list[Exchange]]:
    """Keep every exchange that goes through ``requests``."""
    kept: list[Exchange] = []
    send = requests.Session.send

    def spy(self: Any, request: requests.PreparedRequest, **options: Any) -> requests.Response:
        answer = send(self, request, **options)
        path = urlsplit(request.url or "").path.removeprefix(API)
        kept.append(
            Exchange(
                method=request.method or "",
                path=path,
                sent=json.loads(request.body) if request.body else None,
                status=answer.status_code,
                answer=answer.json() if answer.content else None,
            )
        )
        return answer

    with patch.context() as changed:
        changed.setattr(requests.Session, "send", spy)
        yield kept


def untouched(hub: Hub, exchanges: Iterable[Exchange]) -> set[str]:
    """The routes of the local GitHub that none of the exchanges used."""
    routes = application(hub, {}).url_map
    here = routes.bind("localhost")
    seen = {here.match(API + each.path, each.method)[0] for each in exchanges}
    return {
        f"{method} {rule.rule.removeprefix(API)}"
        for rule in routes.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(API) and rule.endpoint not in seen
    }


def walk(world: House) -> None:
    """All of it."""
    _repository(world)
    number = _pull_request(world)
    _talk(world, number)
    _issues(world)
    _git_data(world)
    _checks(world, number)
    _rules(world)
    _apps(world)
    _refusals(world, number)


def _repository(world: House) -> None:
    admin, bob = world.repo("alice"), world.repo("bob")
    for listed in (
        world.client("bob").get_user().get_repos(),
        bob.get_branches(),
        bob.get_commits(),
    ):
        assert list(listed)
    assert world.client("bob").get_repo(bob.id).full_name == REPO
    assert world.client("bob").get_user().login == "bob"
    assert world.client("bob").get_user("carol").login == "carol"
    bob.get_contents("")
    bob.get_contents("specs/dev")
    bob.get_git_ref("heads/main")
    list(bob.get_git_matching_refs("heads/"))
    bob.get_git_commit(bob.get_branch("main").commit.sha)
    ref = bob.create_git_ref("refs/heads/tour", bob.get_branch("main").commit.sha)
    made = bob.create_file("specs/tour.yaml", "Add", "a: 1\n", branch="tour")
    changed = bob.update_file(
        "specs/tour.yaml", "Change", "a: 2\n", made["content"].sha, branch="tour"
    )
    bob.compare("main", "tour")
    bob.delete_file("specs/tour.yaml", "Remove", changed["content"].sha, branch="tour")
    ref.edit(made["commit"].sha, force=True)
    ref.delete()
    admin.add_to_collaborators("carol", "pull")
    assert admin.has_in_collaborators("carol")
    assert [c.login for c in admin.get_collaborators()] == ["bob", "carol"]
    assert admin.get_collaborator_permission("bob") == "write"
    admin.create_label("drift", "ff0000", "The cloud moved")
    assert [x.name for x in admin.get_labels()] == ["drift"]
    admin.get_label("drift")
    team = f"/orgs/acme/teams/ml/memberships/{'bob'}"
    _, membership = admin.requester.requestJsonAndCheck("GET", team)
    assert membership["state"] == "active"
    _, members = admin.requester.requestJsonAndCheck("GET", "/orgs/acme/teams/ml/members")
    assert "bob" in [member["login"] for member in members]
    world.client("carol").get_repo(REPO).create_fork()
    list(admin.get_hooks())


def _pull_request(world: House) -> int:
    world.change("feature", "kind: Stack\nname: two\n")
    repo = world.repo("bob")
    pull = repo.create_pull(base="main", head="feature", title="Change", body="text", draft=True)
    world.local.mark_ready(REPO, pull.number, "bob")
    world.change("feature", "kind: Stack\nname: three\n")
    pull.edit(title="Change it", body="other text")
    pull.edit(state="closed")
    pull.edit(state="open")
    assert list(repo.get_pulls(state="all", sort="updated", direction="desc"))
    assert list(pull.get_files())
    assert list(pull.get_commits())
    assert not pull.is_merged()
    pull.create_review_request(["carol"])
    review = world.repo("carol").get_pull(pull.number).create_review(event="APPROVE")
    pull.get_review(review.id)
    list(pull.get_reviews())
    review.edit("Fine")
    review_by_alice = world.repo("alice").get_pull(pull.number)
    dismissed = review_by_alice.create_review(body="No", event="REQUEST_CHANGES")
    dismissed.dismiss("Settled")
    return pull.number


def _talk(world: House, number: int) -> None:
    repo = world.repo("bob")
    comment = repo.get_issue(number).create_comment("one")
    comment.edit("two")
    reaction = comment.create_reaction("eyes")
    comment.create_reaction("eyes")
    assert list(comment.get_reactions())
    comment.delete_reaction(reaction.id)
    repo.get_issue(number).get_comment(comment.id)
    assert list(repo.get_issue(number).get_comments(since=datetime(2020, 1, 1, tzinfo=UTC)))
    assert list(repo.get_issues_comments())
    comment.delete()
    pull = repo.get_issue(number)
    pull.add_to_labels("bug")
    pull.add_to_assignees("bob")
    pull.remove_from_labels("bug")
    pull.remove_from_assignees("bob")


def _issues(world: House) -> None:
    repo = world.repo("bob")
    issue = repo.create_issue("Drift in dev", body="It moved", labels=["drift"], assignees=["bob"])
    issue.create_comment("/drift dev")
    issue.add_to_labels("bug")
    list(issue.get_labels())
    issue.remove_from_labels("bug")
    issue.add_to_assignees("carol", "nobody-at-all")
    issue.remove_from_assignees("carol")
    issue.edit(title="Drift", body="It moved again")
    issue.edit(state="closed", state_reason="not_planned")
    issue.edit(state="open", state_reason="reopened")
    issue.lock("resolved")
    issue.unlock()
    repo.get_issue(issue.number)
    assert list(repo.get_issues(state="all", labels=["drift"], sort="updated"))
    gone = world.app_client().get_repo(REPO).create_issue("Of the App")
    world.local.delete_issue(REPO, gone.number, "alice")
    with pytest.raises(GithubException):
        repo.get_issue(gone.number)


def _git_data(world: House) -> None:
    repo = world.repo("bob")
    base = repo.get_git_commit(repo.get_branch("main").commit.sha)
    blob = InputGitTreeElement("specs/dev/new.yaml", "100644", "blob", content="a: 1\n")
    gone = InputGitTreeElement("README.md", "100644", "blob", sha=None)
    tree = repo.create_git_tree([blob, gone], base.tree)
    made = repo.create_git_commit("Add and remove", tree, [base])
    ref = repo.create_git_ref("refs/heads/gitbot/tour", made.sha)
    follow = repo.create_git_commit("Nothing", tree, [made])
    ref.edit(follow.sha, force=False)
    ref.delete()


def _checks(world: House, number: int) -> None:
    world.local.hub.courier.wait_idle()
    app, repo = world.app_client().get_repo(REPO), world.repo("bob")
    head = repo.get_pull(number).head.sha
    note = {
        "path": "specs/dev/bucket.yaml",
        "start_line": 1,
        "end_line": 1,
        "annotation_level": "warning",
        "title": "Hm",
        "message": "look",
    }
    output = {"title": "Plan", "summary": "**2** to add", "annotations": [note]}
    run = app.create_check_run("gitbot/dev", head, status="in_progress", external_id="x")
    run.edit(status="completed", conclusion="success", output=output)
    app.get_check_run(run.id)
    assert list(run.get_annotations())
    assert list(app.get_commit(head).get_check_runs())
    world.local.rerequest_check(REPO, run.id, "bob")
    run.edit(status="completed", conclusion="success")
    app.requester.requestJsonAndCheck("POST", f"{run.url}/rerequest")
    commit = repo.get_commit(head)
    commit.create_status("success", "https://example.org/", "fine", "gitbot/prod")
    commit.get_combined_status()
    list(commit.get_statuses())
    pull = repo.get_pull(number)
    pull.merge(sha=pull.head.sha)
    assert pull.is_merged()
    list(repo.get_commit("main").get_pulls())
    deployment = app.create_deployment("main", environment="dev", payload={"key": "run-1"})
    deployment.create_status("in_progress", description="applying")
    deployment.create_status("success", environment_url="https://example.org/")
    app.get_deployment(deployment.id)
    list(app.get_deployments(environment="dev"))
    list(deployment.get_statuses())
    deployment.create_status("inactive")
    app.requester.requestJsonAndCheck("DELETE", deployment.url)


def _rules(world: House) -> None:
    world.local.require_checks(REPO, "gitbot/dev")
    world.local.require_approvals(REPO, 1)
    bob = world.repo("bob")
    _, rules = bob.requester.requestJsonAndCheck("GET", f"{bob.url}/rules/branches/main")
    assert {rule["type"] for rule in rules} == {"required_status_checks", "pull_request"}
    bob.requester.requestJsonAndCheck("GET", f"{bob.url}/rulesets/{rules[0]['ruleset_id']}")


def _apps(world: House) -> None:
    integration = world.integration()
    integration.get_app()
    (installation,) = list(integration.get_installations())
    integration.get_app_installation(installation.id)
    integration.get_repo_installation("acme", "infra")
    integration.get_org_installation("acme")
    integration.get_user_installation("acme")
    code = manifests.create(world.local.hub, MANIFEST, "acme")
    made = requests.post(f"{world.local.api_url}/app-manifests/{code}/conversions", timeout=60)
    assert made.status_code == 201
    assert [r.full_name for r in installation.get_repos()] == [REPO]
    world.client("bob").get_rate_limit()
    _given_token(world)


def _given_token(world: House) -> None:
    """What an App may ask about a token that a person gave to it."""
    hub, app = world.local.hub, world.app
    hub.store.tokens["ghu_given"] = Token(
        login="bob", client_id=app.client_id, made_at=hub.now(), expires_at=hub.now()
    )
    address = f"{world.local.api_url}/applications/{app.client_id}/token"
    rights, body = (app.client_id, app.client_secret), {"access_token": "ghu_given"}
    assert requests.post(address, json=body, auth=rights, timeout=60).status_code == 404
    hub.store.tokens["ghu_given"].expires_at = None
    assert requests.post(address, json=body, auth=rights, timeout=60).status_code == 200
    assert requests.delete(address, json=body, auth=rights, timeout=60).status_code == 204


def _refusals(world: House, number: int) -> None:
    repo = world.repo("bob")
    refused = [
        lambda: repo.get_pull(999),
        lambda: repo.create_pull(base="main", head="nowhere", title="x"),
        lambda: repo.get_pull(number).merge(),
        lambda: repo.create_check_run("x", repo.get_branch("main").commit.sha),
        lambda: world.repo("carol").create_file("x", "m", "x"),
        lambda: repo.create_label("drift", "ff0000"),
        lambda: repo.create_issue("x" * 257),
        lambda: repo.create_issue("x", assignees=["nobody-at-all"]),
        lambda: repo.get_issue(999),
        lambda: repo.create_git_ref("refs/heads/main", repo.get_branch("main").commit.sha),
        lambda: repo.create_git_ref("refs/heads/x", "1" * 40),
    ]
    world.local.switch_issues(REPO, on=False)
    refused.append(lambda: repo.create_issue("x"))
    world.local.lock(REPO, number, "alice")
    refused.append(lambda: world.repo("carol").get_issue(number).create_comment("x"))
    for call in refused:
        with pytest.raises(GithubException):
            call()
