"""Tests for a pull request's way through the local GitHub, with PyGithub and git."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import pytest
from github import GithubException, UnknownObjectException

from gitbot_sandbox.github import Problem
from tests.contract.sandbox_github.house import REPO, House, git, house, listener


@pytest.fixture
def world(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path / "github") as made:
        yield made


def test_a_file_is_committed_through_the_api_and_proposed_and_merged(world: House) -> None:
    repo = world.repo("bob")
    spec = repo.get_contents("specs/dev/bucket.yaml")
    assert not isinstance(spec, list)
    assert spec.decoded_content == b"kind: Stack\nname: one\n"
    repo.create_git_ref("refs/heads/feature", repo.get_branch("main").commit.sha)
    repo.update_file(spec.path, "Rename", "kind: Stack\nname: two\n", spec.sha, branch="feature")
    repo.create_file("specs/dev/new.yaml", "Add", "kind: Stack\n", branch="feature")
    pull = repo.create_pull(base="main", head="feature", title="Rename it", body="Please")
    assert (pull.mergeable, pull.mergeable_state, pull.changed_files) == (True, "clean", 2)
    assert [(f.filename, f.status) for f in pull.get_files()] == [
        ("specs/dev/bucket.yaml", "modified"),
        ("specs/dev/new.yaml", "added"),
    ]
    assert [c.commit.message for c in pull.get_commits()] == ["Rename", "Add"]
    merged = pull.merge(sha=pull.head.sha)
    pull = repo.get_pull(pull.number)
    assert pull.merged
    assert pull.merge_commit_sha == merged.sha == repo.get_branch("main").commit.sha
    assert pull.merged_by.login == "bob"
    assert [p.number for p in repo.get_commit(merged.sha).get_pulls()] == [pull.number]


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1), ("rebase", 1)])
def test_each_way_to_merge_makes_its_own_history(world: House, method: str, parents: int) -> None:
    number = world.pull_request()
    world.local.push_files(REPO, "main", {"other": "x"}, "bob")
    merged = world.repo("bob").get_pull(number).merge(merge_method=method)
    commit = world.repo("bob").get_commit(merged.sha)
    assert len(commit.parents) == parents
    spec = world.repo("bob").get_contents("specs/dev/bucket.yaml")
    assert not isinstance(spec, list)
    assert b"name: two" in spec.decoded_content
    assert [p.number for p in commit.get_pulls()] == [number]
    (pushed,) = world.repo("bob").get_commits(path="other")
    assert [p.number for p in pushed.get_pulls()] == []


def test_the_base_of_a_pull_request_does_not_move_with_its_branch(
    world: House, tmp_path: Path
) -> None:
    number = world.pull_request()
    pull = world.repo("bob").get_pull(number)
    opened = pull.base.sha
    moved = world.local.push_files(REPO, "main", {"other": "x"}, "bob")
    world.local.push_files(REPO, "feature", {"more": "x"}, "bob")
    assert world.repo("bob").get_pull(number).base.sha == opened
    work = tmp_path / "work"
    git("clone", "-b", "feature", world.local.clone_url(REPO, world.tokens["bob"]), str(work))
    person = ("-c", "user.name=bob", "-c", "user.email=bob@example.com")
    assert git(*person, "merge", "--no-edit", "origin/main", cwd=work).returncode == 0
    assert git("push", "origin", "feature", cwd=work).returncode == 0  # it has what the base has
    assert world.repo("bob").get_pull(number).base.sha == moved
    world.repo("bob").get_pull(number).merge()
    assert world.repo("bob").get_pull(number).base.sha == moved


def test_a_stale_head_is_not_merged(world: House) -> None:
    number = world.pull_request()
    seen = world.repo("bob").get_pull(number).head.sha
    world.change("feature", "kind: Stack\nname: sneaky\n")
    with pytest.raises(GithubException) as refused:
        world.repo("bob").get_pull(number).merge(sha=seen)
    assert refused.value.status == 409
    assert not world.repo("bob").get_pull(number).merged


def test_conflicts_and_drafts_are_not_merged(world: House) -> None:
    number = world.pull_request()
    world.change("main", "kind: Stack\nname: three\n")
    pull = world.repo("bob").get_pull(number)
    assert (pull.mergeable, pull.mergeable_state) == (False, "dirty")
    with pytest.raises(GithubException) as refused:
        pull.merge()
    assert refused.value.status == 405
    world.change("draft", "x")
    draft = world.repo("bob").create_pull(base="main", head="draft", title="d", draft=True)
    with pytest.raises(GithubException, match="draft"):
        draft.merge()


def test_a_git_push_updates_the_pull_request_and_sends_an_event(
    world: House, tmp_path: Path
) -> None:
    number = world.pull_request()
    with listener() as heard:
        world.local.set_webhook(REPO, heard.url, "s3cret")
        work = tmp_path / "work"
        url = world.local.clone_url(REPO, world.tokens["bob"])
        assert git("clone", "--branch=feature", url, str(work)).returncode == 0
        (work / "more.txt").write_text("more\n")
        git("add", ".", cwd=work)
        git("commit", "--quiet", "--message=More", cwd=work)
        before = git("rev-parse", "HEAD~1", cwd=work).stdout.strip()
        after = git("rev-parse", "HEAD", cwd=work).stdout.strip()
        pushed = git("push", cwd=work)
        assert pushed.returncode == 0, pushed.stderr
        assert world.repo("bob").get_pull(number).head.sha == after
        assert world.local.courier.wait_idle()
    events = [headers["X-GitHub-Event"] for headers, _ in heard.heard]
    assert events == ["ping", "push", "pull_request"]
    for headers, body in heard.heard:
        expected = "sha256=" + hmac.new(b"s3cret", body, hashlib.sha256).hexdigest()
        assert headers["X-Hub-Signature-256"] == expected
        assert headers["User-Agent"].startswith("GitHub-Hookshot/")
    push, pull = json.loads(heard.heard[1][1]), json.loads(heard.heard[2][1])
    assert (push["before"], push["after"], push["forced"]) == (before, after, False)
    assert push["commits"][0]["added"] == ["more.txt"]
    assert (pull["action"], pull["before"], pull["after"]) == ("synchronize", before, after)
    assert pull["sender"]["login"] == "bob"


def test_the_push_event_says_forced_created_or_deleted(world: House, tmp_path: Path) -> None:
    number = world.pull_request()
    with listener() as heard:
        world.local.set_webhook(REPO, heard.url, "s", events=["push"])
        work = tmp_path / "work"
        git("clone", "-b", "feature", world.local.clone_url(REPO, world.tokens["bob"]), str(work))
        git("commit", "--amend", "--message=Other words", cwd=work)
        git("push", "--force", "origin", "feature", "feature:second", cwd=work)
        git("push", "origin", ":feature", cwd=work)
        world.local.courier.wait_idle()
    told = [json.loads(body) for _, body in heard.heard[1:]]
    assert [(p["ref"], p["created"], p["deleted"], p["forced"]) for p in told] == [
        ("refs/heads/feature", False, False, True),
        ("refs/heads/second", True, False, False),
        ("refs/heads/feature", False, True, False),
    ]
    assert world.repo("bob").get_pull(number).state == "closed"


def test_a_pull_request_from_a_fork_is_fetched_from_the_base_repository(
    world: House, tmp_path: Path
) -> None:
    fork = world.client("carol").get_repo(REPO).create_fork()
    assert fork.full_name == "carol/infra"
    assert fork.parent.full_name == REPO
    sha = world.local.push_files("carol/infra", "mine", {"a.txt": "a"}, "carol")
    pull = world.repo("carol").create_pull(base="main", head="carol:mine", title="From a fork")
    assert pull.head.repo.full_name == "carol/infra"
    assert (pull.head.sha, pull.mergeable) == (sha, True)
    url = world.local.clone_url(REPO, world.tokens["bob"])
    listed = git("ls-remote", url, f"refs/pull/{pull.number}/*").stdout
    assert f"{sha}\trefs/pull/{pull.number}/head" in listed
    assert f"refs/pull/{pull.number}/merge" in listed
    with pytest.raises(GithubException) as refused:
        pull.merge()
    assert refused.value.status == 403


def test_reviews_comments_and_reactions_are_kept(world: House) -> None:
    number = world.pull_request()
    pull = world.repo("carol").get_pull(number)
    review = pull.create_review(event="APPROVE", body="Fine")
    assert review.commit_id == pull.head.sha
    with pytest.raises(GithubException, match="own pull request"):
        world.repo("bob").get_pull(number).create_review(event="APPROVE")
    world.repo("bob").get_pull(number).get_review(review.id).dismiss("No more")
    assert [r.state for r in pull.get_reviews()] == ["DISMISSED"]
    comment = pull.create_issue_comment("/plan")
    comment.create_reaction("eyes")
    comment.edit("/plan dev")
    (read,) = world.repo("bob").get_pull(number).get_issue_comments()
    assert (read.body, read.user.login, read.reactions["eyes"]) == ("/plan dev", "carol", 1)
    with pytest.raises(GithubException) as refused:
        world.repo("carol").get_issue(number).create_comment(" ")
    assert refused.value.status == 422


def test_lists_come_in_pages(world: House) -> None:
    number = world.pull_request()
    for at in range(7):
        world.local.comment(REPO, number, "carol", f"comment {at}")
    client = world.client("bob")
    client.per_page = 3
    listed = client.get_repo(REPO).get_issue(number).get_comments()
    assert listed.totalCount == 7
    assert [c.body for c in listed] == [f"comment {at}" for at in range(7)]


def test_an_app_writes_check_runs_and_a_token_cannot(world: House) -> None:
    number = world.pull_request()
    head = world.repo("bob").get_pull(number).head.sha
    with pytest.raises(GithubException) as refused:
        world.repo("bob").create_check_run("gitbot/dev", head)
    assert refused.value.status == 403
    repo = world.app_client().get_repo(REPO)
    note = {
        "path": "specs/dev/bucket.yaml",
        "start_line": 2,
        "end_line": 2,
        "annotation_level": "failure",
        "message": "no such name",
    }
    run = repo.create_check_run("gitbot/dev", head, status="in_progress")
    run.edit(
        status="completed",
        conclusion="failure",
        output={"title": "1 problem", "summary": "Look", "annotations": [note]},
    )
    (read,) = repo.get_commit(head).get_check_runs()
    assert (read.conclusion, read.output.title, read.app.slug) == ("failure", "1 problem", "gitbot")
    assert [a.message for a in read.get_annotations()] == ["no such name"]
    with listener() as heard:
        world.local.set_app_webhook(world.app.app_id, heard.url, "s")
        world.local.rerequest_check(REPO, run.id, "bob")
        world.local.courier.wait_idle()
    told = json.loads(heard.heard[-1][1])
    assert (told["action"], told["check_run"]["id"]) == ("rerequested", run.id)
    assert told["installation"]["id"] == world.app.installation_id


def test_statuses_and_deployments_show_where_a_commit_stands(world: House) -> None:
    repo = world.repo("bob")
    commit = repo.get_commit("main")
    commit.create_status("pending", context="gitbot/dev")
    commit.create_status("success", context="gitbot/dev", description="2 to add")
    assert commit.get_combined_status().state == "success"
    assert [s.state for s in commit.get_statuses()] == ["success", "pending"]
    first = repo.create_deployment("main", environment="dev", required_contexts=[])
    first.create_status("success", description="applied")
    second = repo.create_deployment(commit.sha, environment="dev", payload={"key": "r1"})
    second.create_status("success")
    assert [d.id for d in repo.get_deployments(environment="dev")] == [second.id, first.id]
    assert next(iter(first.get_statuses())).state == "inactive"
    assert second.payload == {"key": "r1"}


def test_nobody_can_see_or_do_more_than_their_rights_allow(world: House) -> None:
    with pytest.raises(UnknownObjectException):
        world.repo("mallory")
    carol = world.repo("carol")
    with pytest.raises(GithubException) as refused:
        carol.create_file("x", "m", "x")
    assert refused.value.status == 403
    assert world.repo("bob").get_collaborator_permission("carol") == "read"
    assert world.repo("bob").get_collaborator_permission("mallory") == "none"
    world.local.set_permission(REPO, "mallory", "maintain")
    assert world.repo("bob").get_collaborator_permission("mallory") == "write"
    assert world.repo("bob").get_collaborator_role_name("mallory") == "maintain"


def test_git_refuses_missing_and_insufficient_credentials(world: House, tmp_path: Path) -> None:
    plain = world.local.clone_url(REPO)
    assert git("ls-remote", plain).returncode != 0
    for login in ("mallory", "carol"):
        url = world.local.clone_url(REPO, world.tokens[login])
        assert (git("ls-remote", url).returncode == 0) is (login == "carol")
    work = tmp_path / "work"
    git("clone", world.local.clone_url(REPO, world.tokens["carol"]), str(work))
    git("commit", "--allow-empty", "--message=x", cwd=work)
    assert "403" in git("push", cwd=work).stderr
    git("remote", "set-url", "origin", world.local.clone_url(REPO, world.tokens["bob"]), cwd=work)
    assert git("push", "origin", "HEAD:refs/pull/9/head", cwd=work).returncode != 0
    assert git("push", cwd=work).returncode == 0


def test_an_app_with_another_key_is_turned_away(world: House) -> None:
    other = world.local.create_app("other", "alice")
    assert (
        world.integration().get_repo_installation("acme", "infra").id == world.app.installation_id
    )
    forged = replace(world, registered=replace(world.app, private_key_pem=other.private_key_pem))
    with pytest.raises(GithubException) as refused:
        forged.app_client().get_repo(REPO)
    assert refused.value.status == 401


def test_acting_in_python_is_refused_as_through_the_api(world: House) -> None:
    number = world.pull_request()
    with pytest.raises(Problem) as refused:
        world.local.approve(REPO, number, "bob")
    assert refused.value.status == 422
    with pytest.raises(KeyError, match="there is no user"):
        world.local.comment(REPO, number, "nobody", "hi")


def test_mergeability_may_be_unknown_for_a_while(world: House) -> None:
    number = world.pull_request()
    world.local.leave_mergeability_open(2)
    told = [world.repo("bob").get_pull(number) for _ in range(3)]
    assert [(p.mergeable, p.mergeable_state) for p in told] == [
        (None, "unknown"),
        (None, "unknown"),
        (True, "clean"),
    ]


def test_a_push_that_git_sends_in_chunks_arrives(world: House, tmp_path: Path) -> None:
    work = tmp_path / "work"
    git("clone", world.local.clone_url(REPO, world.tokens["bob"]), str(work))
    (work / "model.bin").write_bytes(random.Random(1).randbytes(3_000_000))
    git("add", ".", cwd=work)
    git("commit", "--message=Model", cwd=work)
    pushed = git("push", cwd=work)
    assert pushed.returncode == 0, pushed.stderr
    tip = git("rev-parse", "HEAD", cwd=work).stdout.strip()
    assert world.repo("bob").get_branch("main").commit.sha == tip


@pytest.mark.parametrize("path", ["../outside", ".git/config", "a//b", "/etc/passwd", "a/../../b"])
def test_a_path_that_leaves_the_tree_is_refused(world: House, path: str) -> None:
    before = world.repo("bob").get_branch("main").commit.sha
    body = {"message": "m", "content": "eA==", "branch": "main"}
    with pytest.raises(GithubException) as refused:
        world.repo("bob").requester.requestJsonAndCheck(
            "PUT", f"/repos/{REPO}/contents/{quote(path, safe='')}", input=body
        )
    assert refused.value.status in (404, 422)
    assert world.repo("bob").get_branch("main").commit.sha == before


def test_a_head_that_is_not_a_branch_or_has_nothing_new_is_refused(world: House) -> None:
    for head in ("nowhere", "main", "--upload-pack=x", "carol:main"):
        with pytest.raises(GithubException) as refused:
            world.repo("bob").create_pull(base="main", head=head, title="T")
        assert refused.value.status == 422
    number = world.pull_request()
    with pytest.raises(GithubException, match="already exists"):
        world.repo("bob").create_pull(base="main", head="feature", title="T")
    world.local.close(REPO, number, "bob")
    assert world.repo("bob").create_pull(base="main", head="feature", title="T").number == 2


def test_pushing_a_head_to_the_base_merges_its_pull_request(world: House, tmp_path: Path) -> None:
    number = world.pull_request()
    work = tmp_path / "work"
    git("clone", "-b", "feature", world.local.clone_url(REPO, world.tokens["bob"]), str(work))
    assert git("push", "origin", "feature:main", cwd=work).returncode == 0
    pull = world.repo("bob").get_pull(number)
    assert (pull.merged, pull.merged_by.login, pull.merge_commit_sha) == (
        True,
        "bob",
        pull.head.sha,
    )


def test_many_people_merge_at_once_and_nothing_is_lost(world: House) -> None:
    number_of = {}
    for at in range(6):
        world.local.push_files(REPO, f"b{at}", {f"f{at}.txt": "x"}, "bob")
        number_of[at] = world.local.open_pull_request(REPO, author="bob", head=f"b{at}", title="T")
    repos = [world.repo("bob") for _ in number_of]

    def merge(at: int) -> str:
        return str(repos[at].get_pull(number_of[at]).merge(merge_method="squash").sha)

    with listener() as heard, ThreadPoolExecutor(6) as pool:
        world.local.set_webhook(REPO, heard.url, "s", events=["push", "pull_request"])
        commits = set(pool.map(merge, number_of))
        assert world.local.courier.wait_idle()
    assert len(commits) == 6
    assert commits <= {c.sha for c in world.repo("bob").get_commits("main")}
    pushes = [json.loads(b) for h, b in heard.heard if h["X-GitHub-Event"] == "push"]
    assert [p["before"] for p in pushes[1:]] == [p["after"] for p in pushes[:-1]]
