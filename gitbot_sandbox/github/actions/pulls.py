"""Edit, update and close pull requests. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.entities import Pull, Repository
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.gitobjects import Person
from gitbot_sandbox.github.gitrepo import ZERO
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, check_length, invalid
from gitbot_sandbox.github.shapes import pulls as shapes
from gitbot_sandbox.github.shapes.common import Json

NO_DRAFTS = "Draft pull requests are not supported in this repository."


def announce(
    hub: Hub, repository: Repository, pull: Pull, action: str, sender: str, **more: Json | str
) -> None:
    """Send a ``pull_request`` event."""
    full = shapes.pull_full(hub, repository, pull, mergeable(hub, repository, pull))
    payload = {
        "action": action,
        "number": pull.number,
        "pull_request": shapes.for_webhook(hub, repository, full),
        **more,
    }
    emit(hub, repository, "pull_request", payload, sender)


def base_tip(hub: Hub, repository: Repository, pull: Pull) -> str:
    """The newest commit of the base branch; the recorded one when the branch is gone."""
    return hub.git(repository).branch(pull.base_ref) or pull.base_sha


def mergeable(hub: Hub, repository: Repository, pull: Pull) -> bool | None:
    """Whether base and head merge without conflict; None once it is merged.

    Also updates ``refs/pull/N/merge``, as GitHub does.
    """
    if pull.merged_at is not None:
        return None
    git, tip = hub.git(repository), base_tip(hub, repository, pull)
    ref = f"refs/pull/{pull.number}/merge"
    test = git.refs(ref).get(ref)
    if test and git.commit(test).parents == (tip, pull.head_sha):
        return True
    tree = git.merge_tree(tip, pull.head_sha)
    if tree is None:
        if test:
            git.delete_ref(ref)
        pull.merge_commit = None
        return False
    commit = git.write_commit(
        tree=tree,
        parents=[tip, pull.head_sha],
        message=f"Merge {pull.head_sha} into {tip}",
        author=Person(name="GitHub", email="noreply@github.example"),
    )
    git.update_ref(ref, commit)
    pull.merge_commit = commit
    return True


def edit(
    hub: Hub,
    repository: Repository,
    pull: Pull,
    login: str,
    *,
    title: str | None = None,
    body: str | None = None,
    base: str | None = None,
) -> None:
    """Change title, body or base; sends one ``edited`` event if anything differs."""
    check_length("PullRequest", "title", title or "", 256)
    check_length("PullRequest", "body", body or "")
    issue = repository.issues[pull.number]
    changes: Json = {}
    if title is not None and title != issue.title:
        changes["title"], issue.title = {"from": issue.title}, title
    if body is not None and body != issue.body:
        changes["body"], issue.body = {"from": issue.body or ""}, body
    if base is not None and base != pull.base_ref:
        sha = hub.git(repository).branch(base)
        if sha is None:
            raise invalid("PullRequest", "base")
        changes["base"] = {"ref": {"from": pull.base_ref}, "sha": {"from": pull.base_sha}}
        pull.base_ref, pull.base_sha = base, sha
    if changes:
        issue.updated_at = hub.now()
        announce(hub, repository, pull, "edited", login, changes=changes)


def set_state(hub: Hub, repository: Repository, pull: Pull, login: str, state: str) -> None:
    """Close or reopen a pull request. Raises Problem 422 if it cannot be reopened."""
    issue = repository.issues[pull.number]
    if issue.state == state:
        return
    now = hub.now()
    if state == "closed":
        issue.state, issue.closed_at, issue.closed_by = "closed", now, login
    else:
        source = hub.store.repositories.get(pull.head_repository or 0)
        head = hub.git(source).branch(pull.head_ref) if source else None
        if pull.merged_at is not None or source is None or head is None:
            raise invalid("PullRequest", "state", message="state cannot be changed.")
        issue.state, issue.closed_at, issue.closed_by = "open", None, None
        _new_head(hub, repository, pull, source, head)
    issue.updated_at = now
    announce(hub, repository, pull, "closed" if state == "closed" else "reopened", login)


def set_draft(hub: Hub, repository: Repository, pull: Pull, login: str, *, draft: bool) -> None:
    """Make a pull request a draft, or ready for review. Raises Problem 422 where there are no drafts."""
    if draft and not repository.drafts:
        raise Problem(422, NO_DRAFTS)
    if pull.draft != draft:
        pull.draft = draft
        repository.issues[pull.number].updated_at = hub.now()
        action = "converted_to_draft" if draft else "ready_for_review"
        announce(hub, repository, pull, action, login)


def _new_head(hub: Hub, repository: Repository, pull: Pull, source: Repository, head: str) -> None:
    git, ref = hub.git(repository), f"refs/pull/{pull.number}/head"
    git.fetch_from(hub.git(source), head, ref)
    pull.head_sha = head
    shared = git.merge_base(base_tip(hub, repository, pull), head)
    if shared is not None and git.is_ancestor(pull.base_sha, shared):
        pull.base_sha = shared


def branch_moved(hub: Hub, repository: Repository, branch: str, new: str, pusher: str) -> None:
    """Update the open pull requests from and into a branch that has moved."""
    for target in list(hub.store.repositories.values()):
        for pull in list(target.pulls.values()):
            if target.issues[pull.number].state != "open":
                continue
            if target.id == repository.id and pull.base_ref == branch:
                _base_moved(hub, target, pull, new, pusher)
            elif (pull.head_repository, pull.head_ref) == (repository.id, branch):
                _head_moved(hub, target, pull, repository, new, pusher)


def _base_moved(hub: Hub, repository: Repository, pull: Pull, new: str, pusher: str) -> None:
    if new == ZERO:
        set_state(hub, repository, pull, pusher, "closed")
        return
    if hub.git(repository).is_ancestor(pull.head_sha, new) and hub.sees_merges:
        see_merge(hub, repository, pull, pusher)  # it was merged by pushing it


def see_merge(hub: Hub, repository: Repository, pull: Pull, pusher: str) -> None:
    """Mark a pull request as merged whose head was pushed to its base, and report that."""
    close_merged(hub, repository, pull, pusher, pull.head_sha, onto=pull.base_sha)
    announce(hub, repository, pull, "closed", pusher)


def _head_moved(
    hub: Hub, target: Repository, pull: Pull, source: Repository, new: str, pusher: str
) -> None:
    if new == ZERO:
        set_state(hub, target, pull, pusher, "closed")
        return
    before = pull.head_sha
    _new_head(hub, target, pull, source, new)
    target.issues[pull.number].updated_at = hub.now()
    announce(hub, target, pull, "synchronize", pusher, before=before, after=new)


def close_merged(
    hub: Hub, repository: Repository, pull: Pull, login: str, commit: str, *, onto: str
) -> None:
    """Mark a pull request as merged, onto what the base branch was. The caller sends the event."""
    issue, now = repository.issues[pull.number], hub.now()
    pull.merged_at, pull.merged_by, pull.merge_commit = now, login, commit
    pull.merged_onto = onto
    issue.state, issue.closed_at, issue.closed_by, issue.updated_at = "closed", now, login, now
