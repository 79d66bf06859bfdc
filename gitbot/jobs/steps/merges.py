"""Find the merged pull requests that the tip contains. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.errors import StaleError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.shown_plans import settle_shown
from gitbot.model.forge import PullRequest
from gitbot.model.names import Sha

MERGES_WINDOW = timedelta(days=14)
"""How far back to look for merged pull requests, to find whom to tell and what was reviewed."""


def merge_of(pull_request: PullRequest) -> Sha:
    """The commit that brought a merged pull request to the tracked branch."""
    return pull_request.merge_commit or pull_request.head


def contained(seen: Look, ancestor: Sha, descendant: Sha | None) -> bool:
    """Whether ``descendant`` is or contains ``ancestor``. A lost commit contains nothing.

    A commit is lost when its branch was rewritten, or when the mirror was made again since.
    """
    if descendant is None:
        return False
    try:
        return seen.mirror.contains(ancestor, descendant)
    except StaleError:
        return False


def touches(seen: Look, merged: PullRequest, environment: str) -> bool:
    """Whether the pull request changed the environment's folder, or specs outside any environment.

    True also when its commits are not in the mirror any more: better tell once too often.
    """
    try:
        if seen.mirror.contains(merged.head, merged.base):
            return True  # GitHub shows a base that has the merge already: it tells nothing
        folders = seen.mirror.changed_folders(merged.base, merged.head)
    except StaleError:
        return True
    return environment in folders or bool(folders - seen.at_tip.environments.keys())


def brings(seen: Look, merged: PullRequest, environment: str) -> bool:
    """Whether the pull request added the environment: its plan could be shown on none before."""
    rules = seen.at_tip.environments.get(environment)
    if rules is None:
        return False
    try:
        # GitHub's base may be older than the merge: only what the head itself has is its own.
        before, after = (seen.mirror.specs(one).entries for one in (merged.base, merged.head))
        return rules.source.file not in before and rules.source.file in after
    except StaleError:
        return False


def merged_into_tip(ports: Ports, seen: Look) -> tuple[PullRequest, ...]:
    """The merged pull requests that the tip contains, newest merge first.

    Those that wait for the end of a freeze are found however long it lasts.
    """
    waiting = (ports.records.freezes.waiting(seen.key(name)) for name in seen.at_tip.environments)
    began = [each.since for applies in waiting for each in applies]
    since = min([ports.forges.now(), *began]) - MERGES_WINDOW
    found = tuple(
        each
        for each in reversed(seen.forge.merged_pull_requests(since))
        if seen.mirror.contains(merge_of(each), seen.tip)
    )
    # What they showed when they were merged counts, also if who showed it could not record it.
    settle_shown(ports, seen.forge, seen.repository.id, [each.number for each in found])
    return found


def merged_after_tip(ports: Ports, seen: Look) -> tuple[PullRequest, ...]:
    """The pull requests that were merged since the tip was fetched: it does not have them yet."""
    since = ports.forges.now() - MERGES_WINDOW
    return tuple(
        each
        for each in seen.forge.merged_pull_requests(since)
        if not seen.mirror.contains(merge_of(each), seen.tip)
    )


def merged_since(
    seen: Look, merged: tuple[PullRequest, ...], applied: Sha | None
) -> tuple[PullRequest, ...]:
    """The merged pull requests that the last applied tip does not contain.

    When that tip is lost, only the newest one: who was told of the others cannot be seen any more.
    """
    if applied is not None and not seen.mirror.has(applied):
        return merged[:1]
    return tuple(each for each in merged if not contained(seen, merge_of(each), applied))
