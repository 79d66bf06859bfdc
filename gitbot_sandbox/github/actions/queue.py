"""The merge queue: build the commit of each entry, wait for its checks, merge or give back. Shell.

https://docs.github.com/en/webhooks/webhook-events-and-payloads#merge_group
"""

from __future__ import annotations

from gitbot_sandbox.github.actions import pulls
from gitbot_sandbox.github.actions.pushes import ref_moved
from gitbot_sandbox.github.entities import Pull, QueueEntry, Repository
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.gitrepo import ZERO
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem

_PASSED = ("success", "neutral", "skipped")


def enqueue(hub: Hub, repository: Repository, pull: Pull, login: str) -> QueueEntry:
    """Add a pull request at the end of the queue, and ask for the checks of its commit.

    The commit merges the head into the entry before it, or into the base branch.

    Raises:
        Problem: it is not open, or does not merge.
    """
    git = hub.git(repository)
    if repository.issues[pull.number].state != "open":
        raise Problem(422, "Pull request is not open")
    tip = pulls.base_tip(hub, repository, pull)
    before = repository.queue[-1].head_sha if repository.queue else tip
    tree = git.merge_tree(before, pull.head_sha)
    if tree is None:
        raise Problem(422, "Pull request has conflicts")
    by = hub.person(login)
    commit = git.write_commit(
        tree=tree,
        parents=[before, pull.head_sha],
        message=f"Merge pull request #{pull.number} from {pull.head_owner}/{pull.head_ref}",
        author=by,
        committer=by,
    )
    entry = QueueEntry(
        number=pull.number, base_ref=pull.base_ref, base_sha=before, head_sha=commit, by=login
    )
    repository.queue.append(entry)
    git.update_ref(entry.ref, commit)
    ref_moved(hub, repository, entry.ref, ZERO, commit, login)
    _announce(hub, repository, entry, "checks_requested")
    return entry


def settle(hub: Hub, repository: Repository) -> None:
    """Merge the first entries whose required checks passed, and give back those where one failed."""
    while repository.queue:
        entry = repository.queue[0]
        results = [_result(repository, entry.head_sha, name) for name in repository.required_checks]
        if any(each == "failed" for each in results):
            # What comes after it was built on it.
            for each in tuple(repository.queue):
                _leave(hub, repository, each, "invalidated")
        elif all(each == "passed" for each in results):
            _merge(hub, repository, entry)
            _leave(hub, repository, entry, "merged")
        else:
            return


def _result(repository: Repository, sha: str, name: str) -> str:
    for run in reversed(repository.check_runs.values()):
        if run.sha == sha and run.name == name:
            if run.status != "completed":
                return "waiting"
            return "passed" if run.conclusion in _PASSED else "failed"
    return "waiting"


def _merge(hub: Hub, repository: Repository, entry: QueueEntry) -> None:
    pull, ref = repository.pulls[entry.number], f"refs/heads/{entry.base_ref}"
    hub.git(repository).update_ref(ref, entry.head_sha, entry.base_sha)
    pulls.close_merged(hub, repository, pull, entry.by, entry.head_sha, onto=entry.base_sha)
    ref_moved(hub, repository, ref, entry.base_sha, entry.head_sha, entry.by)
    pulls.announce(hub, repository, pull, "closed", entry.by)


def _leave(hub: Hub, repository: Repository, entry: QueueEntry, reason: str) -> None:
    repository.queue.remove(entry)
    hub.git(repository).delete_ref(entry.ref)
    ref_moved(hub, repository, entry.ref, entry.head_sha, ZERO, entry.by)
    _announce(hub, repository, entry, "destroyed", reason=reason)


def _announce(
    hub: Hub, repository: Repository, entry: QueueEntry, action: str, **more: str
) -> None:
    commit = hub.git(repository).commit(entry.head_sha)
    payload = {
        "action": action,
        **more,
        "merge_group": {
            "head_sha": entry.head_sha,
            "head_ref": entry.ref,
            "base_sha": entry.base_sha,
            "base_ref": f"refs/heads/{entry.base_ref}",
            "head_commit": {"id": entry.head_sha, "message": commit.message},
        },
    }
    emit(hub, repository, "merge_group", payload, entry.by)
