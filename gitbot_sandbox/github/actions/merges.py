"""Merge pull requests by merge commit, squash or rebase. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.actions import pulls
from gitbot_sandbox.github.actions.pushes import ref_moved
from gitbot_sandbox.github.entities import Pull, Repository
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem

METHODS = ("merge", "squash", "rebase")


def merge(
    hub: Hub,
    repository: Repository,
    pull: Pull,
    login: str,
    *,
    method: str = "merge",
    sha: str | None = None,
    title: str | None = None,
    message: str | None = None,
) -> str:
    """Merge into the base branch; returns the branch's new commit.

    Raises:
        Problem: 405 if it cannot be merged, 409 if the head is no longer ``sha``.
    """
    if method not in METHODS:
        raise Problem(422, f"Invalid merge method {method}")
    if sha is not None and sha != pull.head_sha:
        raise Problem(409, "Head branch was modified. Review and try the merge again.")
    if repository.issues[pull.number].state != "open":
        raise Problem(405, "Pull Request is not mergeable")
    if pull.draft:
        raise Problem(405, "Pull Request is still a draft")
    for name in repository.required_checks:
        if not _passed(repository, pull.head_sha, name):
            raise Problem(405, f'Required status check "{name}" is expected.')
    wanted = 0 if login in repository.bypass else repository.required_approvals
    if _approvals(pull) < wanted:
        raise Problem(
            405,
            f"At least {wanted} approving review is required by reviewers with write access.",
        )
    old, ref = pulls.base_tip(hub, repository, pull), f"refs/heads/{pull.base_ref}"
    commit = _commit(hub, repository, pull, old, login, method, title, message)
    hub.git(repository).update_ref(ref, commit, old)
    pulls.close_merged(hub, repository, pull, login, commit, onto=old)
    ref_moved(hub, repository, ref, old, commit, login)
    pulls.announce(hub, repository, pull, "closed", login)
    return commit


def _passed(repository: Repository, sha: str, name: str) -> bool:
    """Whether the newest check run of the name has passed; GitHub counts neutral and skipped so."""
    for run in reversed(repository.check_runs.values()):
        if run.sha == sha and run.name == name:
            return run.conclusion in ("success", "neutral", "skipped")
    return False


def _approvals(pull: Pull) -> int:
    """How many people approve; the newest verdict of each counts."""
    verdicts = {each.author: each.state for each in pull.reviews if each.state != "COMMENTED"}
    return list(verdicts.values()).count("APPROVED")


def _commit(
    hub: Hub,
    repository: Repository,
    pull: Pull,
    onto: str,
    login: str,
    method: str,
    title: str | None,
    message: str | None,
) -> str:
    """Make and return the commit that the base branch will move to."""
    git, issue = hub.git(repository), repository.issues[pull.number]
    by = hub.person(login)
    if method == "rebase":
        base = git.merge_base(onto, pull.head_sha)
        done = git.rebase(onto, base, pull.head_sha, by) if base else None
        if done is None:
            raise Problem(405, "This branch can't be rebased")
        return done
    tree = git.merge_tree(onto, pull.head_sha)
    if tree is None:
        raise Problem(405, "Pull Request is not mergeable")
    if method == "squash":
        head = title or f"{issue.title} (#{pull.number})"
        text, parents, author = message or "", [onto], hub.person(issue.author)
    else:
        head = title or (
            f"Merge pull request #{pull.number} from {pull.head_owner}/{pull.head_ref}"
        )
        text, parents, author = message or issue.title, [onto, pull.head_sha], by
    full = f"{head}\n\n{text}".strip()
    return git.write_commit(tree=tree, parents=parents, message=full, author=author, committer=by)
