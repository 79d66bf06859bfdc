"""The forge makes commits and branches through the Git database, and opens pull requests. Shell."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gitbot.errors import ConversationClosedError, MissingRightError, StaleError, UserError
from gitbot.model.forge import NewCommit, NewIssue, NewPullRequest, Right
from gitbot.model.names import Sha
from gitbot_sandbox.github import Fault
from gitbot_sandbox.github.gitrepo import GitRepository
from gitbot_sandbox.sandbox import eventually
from tests.contract.github.github_world import FILES, REPOSITORY, ForgeWorld


def git(world: ForgeWorld) -> GitRepository:
    return world.hub.git(REPOSITORY)


def main(world: ForgeWorld) -> Sha:
    return Sha(git(world).branch("main") or "")


def files_at(world: ForgeWorld, commit: str) -> dict[str, str]:
    repository = git(world)
    entries = repository.entries(commit, recursive=True)
    return {e.path: repository.blob(e.sha).decode() for e in entries if e.kind == "blob"}


def new_commit(world: ForgeWorld, branch: str, **changes: object) -> NewCommit:
    given = {
        "branch": branch,
        "expected": None,
        "base": main(world),
        "files": {"specs/staging/b.yaml": "b: ü\n", "README.md": None},
        "message": "Promote b to staging",
    }
    return NewCommit(**{**given, **changes})  # type: ignore[arg-type]


def test_a_branch_is_made_with_a_commit_of_changed_files(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"gitbot/promote/{way}"
    assert forge.branch(branch) is None
    made = forge.commit(new_commit(world, branch))
    assert forge.branch(branch) == made == git(world).branch(branch)
    found = git(world).commit(made)
    assert found.parents == (main(world),)
    assert found.message == "Promote b to staging"
    assert found.author.name == forge.login
    assert forge.authors(made) == {forge.login}
    assert forge.authors(Sha(world.push(f"authors-{way}", "x: 1\n", "mia"))) == {"mia"}
    before = files_at(world, main(world))
    assert "README.md" in before
    del before["README.md"]
    assert files_at(world, made) == {**before, "specs/staging/b.yaml": "b: ü\n"}


def test_a_commit_is_put_on_top_of_the_expected_one(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"follow-{way}"
    first = forge.commit(new_commit(world, branch))
    files = {"specs/staging/b.yaml": "b: 2\n"}
    second = forge.commit(new_commit(world, branch, expected=first, base=first, files=files))
    assert git(world).commit(second).parents == (first,)
    assert files_at(world, second)["specs/staging/b.yaml"] == "b: 2\n"


def test_a_branch_is_rebuilt_on_a_newer_base_by_moving_forward(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"rebuild-{way}"
    first = forge.commit(new_commit(world, branch))
    newer = {f"specs/dev/newer-{way}.yaml": "x: 1\n"}
    world.hub.push_files(REPOSITORY, "main", newer, "bob")
    second = forge.commit(new_commit(world, branch, expected=first))
    assert git(world).commit(second).parents == (first, main(world))
    assert f"specs/dev/newer-{way}.yaml" in files_at(world, second)


def test_repeating_a_commit_makes_no_second_one(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"again-{way}"
    new = new_commit(world, branch)
    made = forge.commit(new)
    assert forge.commit(new) == made
    nothing = new_commit(world, branch, expected=made, base=made, files={})
    assert forge.commit(nothing) == made
    assert git(world).branch(branch) == made


@pytest.mark.parametrize("path", ["*/git/refs", "*/git/commits", "*/git/trees"])
def test_a_lost_answer_leaves_one_commit_on_a_new_branch(world: ForgeWorld, path: str) -> None:
    branch = "lost-" + path.rpartition("/")[2]
    world.hub.faults.add(Fault(kind="lost_reply", method="POST", path=path))
    made = world.forge().commit(new_commit(world, branch))
    assert git(world).branch(branch) == made
    assert git(world).commit(made).parents == (main(world),)


def test_a_lost_answer_to_a_move_is_no_conflict(world: ForgeWorld) -> None:
    forge = world.forge()
    first = forge.commit(new_commit(world, "lost-move"))
    world.hub.faults.add(Fault(kind="lost_reply", method="PATCH", path="*/git/refs/*"))
    files = {"specs/staging/b.yaml": "b: 2\n"}
    new = new_commit(world, "lost-move", expected=first, base=first, files=files)
    assert forge.commit(new) == git(world).branch("lost-move")


def test_somebody_elses_commit_is_never_overwritten(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"theirs-{way}"
    first = forge.commit(new_commit(world, branch))
    theirs = world.hub.push_files(REPOSITORY, branch, {"theirs": "1\n"}, "bob")
    files = {"specs/staging/b.yaml": "b: 2\n"}
    with pytest.raises(StaleError, match=branch):
        forge.commit(new_commit(world, branch, expected=first, base=first, files=files))
    with pytest.raises(StaleError, match=branch):
        forge.commit(new_commit(world, branch))
    assert git(world).branch(branch) == theirs


@pytest.mark.parametrize(("there", "method"), [(True, "PATCH"), (False, "POST")])
def test_a_branch_that_moves_after_we_looked_is_stale(
    world: ForgeWorld, there: bool, method: str
) -> None:
    forge, branch = world.forge(), f"race-{method.lower()}"
    expected = forge.commit(new_commit(world, branch)) if there else None
    files = {"specs/staging/b.yaml": "b: 2\n"}
    new = new_commit(world, branch, expected=expected, files=files)
    world.hub.faults.add(Fault(kind="delay", method=method, path="*/git/refs*", delay_s=1.0))
    with ThreadPoolExecutor(1) as beside:
        committing = beside.submit(forge.commit, new)
        eventually(lambda: not world.hub.faults.active(), what="the move of the branch")
        theirs = world.hub.push_files(REPOSITORY, branch, {"theirs": "1\n"}, "bob")
        with pytest.raises(StaleError):
            committing.result()
    assert git(world).branch(branch) == theirs


def test_a_base_that_is_gone_is_stale(world: ForgeWorld, way: str) -> None:
    with pytest.raises(StaleError, match="11111111"):
        world.forge(way).commit(new_commit(world, f"no-base-{way}", base=Sha("1" * 40)))


def test_a_missing_file_cannot_be_deleted(world: ForgeWorld, way: str) -> None:
    new = new_commit(world, f"absent-{way}", files={"specs/never.yaml": None})
    with pytest.raises(UserError, match="BadObjectState"):
        world.forge(way).commit(new)
    assert world.forge(way).branch(f"absent-{way}") is None


def test_a_branch_is_deleted_only_where_it_is_expected(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"delete-{way}"
    made = forge.commit(new_commit(world, branch))
    with pytest.raises(StaleError):
        forge.delete_branch(branch, main(world))
    world.hub.faults.add(Fault(kind="lost_reply", method="DELETE", path="*/git/refs/*"))
    assert forge.delete_branch(branch, made)
    assert git(world).branch(branch) is None
    assert not forge.delete_branch(branch, made)


# --- pull requests ---


def new_pull_request(world: ForgeWorld, branch: str, **changes: object) -> NewPullRequest:
    world.forge().commit(new_commit(world, branch))
    given = {"head": branch, "base": "main", "title": "Promote b", "body": "to staging"}
    return NewPullRequest(**{**given, **changes})  # type: ignore[arg-type]


def test_a_pull_request_is_opened_once_and_found_by_its_branch(world: ForgeWorld, way: str) -> None:
    forge, branch = world.forge(way), f"open-{way}"
    new = new_pull_request(world, branch, labels=("promotion",))
    assert forge.find_open_pull_request(branch, "main") is None
    made = forge.open_pull_request(new)
    assert (made.title, made.body, made.author) == ("Promote b", "to staging", forge.login)
    assert (made.head_ref, made.base_ref, made.draft, made.from_fork) == (
        branch,
        "main",
        False,
        False,
    )
    assert forge.open_pull_request(new).number == made.number
    found = forge.find_open_pull_request(branch, "main")
    assert found is not None
    assert (found.number, found.labels) == (made.number, {"promotion"})
    assert forge.find_open_pull_request(branch, "release") is None


def test_a_draft_pull_request_is_opened_as_a_draft(world: ForgeWorld) -> None:
    assert world.forge().open_pull_request(new_pull_request(world, "draft", draft=True)).draft


def test_a_pull_request_whose_answer_is_lost_is_opened_once(world: ForgeWorld, way: str) -> None:
    new = new_pull_request(world, f"lost-pull-{way}")
    world.hub.faults.add(Fault(kind="lost_reply", method="POST", path="*/pulls"))
    made = world.forge(way).open_pull_request(new)
    pulls = world.hub.repository(REPOSITORY).pulls.values()
    assert [pull.number for pull in pulls if pull.head_ref == new.head] == [made.number]


def test_a_forks_branch_of_the_same_name_is_not_ours(world: ForgeWorld) -> None:
    world.hub.set_permission(REPOSITORY, "tom", "triage")
    world.hub.fork(REPOSITORY, "tom")
    world.hub.push_files("tom/infra", "same-name", FILES | {"specs/dev/f.yaml": "f: 1\n"}, "tom")
    world.hub.open_pull_request(REPOSITORY, author="tom", head="tom:same-name", title="From tom")
    assert world.forge().find_open_pull_request("same-name", "main") is None


@pytest.mark.parametrize(("head", "base"), [("nowhere", "main"), ("main", "main")])
def test_a_pull_request_without_commits_is_refused(world: ForgeWorld, head: str, base: str) -> None:
    new = NewPullRequest(head=head, base=base, title="x", body="")
    with pytest.raises(UserError, match="422"):
        world.forge().open_pull_request(new)


def test_a_pull_request_is_edited_and_closed_without_needless_writes(
    world: ForgeWorld, way: str
) -> None:
    forge = world.forge(way)
    number = forge.open_pull_request(new_pull_request(world, f"edit-{way}")).number
    forge.edit_pull_request(number, title="Promote c", body="")
    found = forge.pull_request(number)
    assert (found.title, found.body) == ("Promote c", "")
    forge.close_pull_request(number)
    assert not forge.pull_request(number).open
    world.hub.faults.forget_calls()
    forge.edit_pull_request(number, title="Promote c", body="")
    forge.close_pull_request(number)
    assert {call.method for call in world.hub.faults.calls()} == {"GET"}


def test_what_the_app_may_not_write_is_known_and_refused(
    world: ForgeWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = world.hub.hub.store.apps[world.credentials.app_id]
    head = world.forge("app").commit(new_commit(world, "rights"))
    number = world.pull_request("rights-draft")
    assert world.forge("app").missing_rights() == frozenset()
    for permission in Right:
        monkeypatch.setitem(app.permissions, permission.value, "read")
    forges = world.forges("app")
    forge = forges.open(REPOSITORY)
    assert forges.missing_rights() == {REPOSITORY: ["contents", "issues", "pull_requests"]}
    assert forge.missing_rights() == set(Right)
    with pytest.raises(MissingRightError, match="contents: write"):
        forge.commit(new_commit(world, "rights", expected=head, files={"c.yaml": "c: 1\n"}))
    with pytest.raises(MissingRightError, match="pull_requests: write"):
        forge.open_pull_request(NewPullRequest(head="rights", base="main", title="x", body=""))
    with pytest.raises(MissingRightError, match="pull_requests: write"):
        forge.set_draft(number, draft=True)
    with pytest.raises(ConversationClosedError):
        forge.create_issue(NewIssue(title="x", body="<!-- gitbot:x -->"))
    # GitHub does not say what a token may do.
    assert world.forge("token").missing_rights() == frozenset()
