"""Open or update a pull request of gitbot's own, on a branch of its own. Shell."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from gitbot.errors import OthersCommitsError
from gitbot.jobs.steps.look import Glance, Ports
from gitbot.jobs.steps.missing_rights import require_proposing
from gitbot.model.forge import NewCommit, NewPullRequest, PullRequest
from gitbot.model.names import Sha
from gitbot.model.proposals import OwnBranch, Proposal

WEB_FLOW = "web-flow"
"""The login under which GitHub itself commits what an App asks it to."""


def propose(ports: Ports, seen: Glance, new: Proposal) -> PullRequest:
    """The open pull request that brings exactly this. It is opened, or updated if there is one.

    A repeated call changes nothing. The makers are recorded for the commit before anybody can
    approve it.

    Raises:
        OthersCommitsError: somebody else has committed to the branch; their work is not overwritten.
        StaleError: the branch was moved meanwhile.
        MissingRightError: gitbot may not open pull requests here; the part that wanted one is off.
        UserError: GitHub refuses.
    """
    require_proposing(seen)
    repository, records = seen.repository.id, ports.records.proposals
    own = records.of_branch(repository, new.branch)
    if own is None:
        own = OwnBranch(repository=repository, branch=new.branch)
        records.put(own)
    at = seen.forge.branch(new.branch)
    if at is not None and not _is_ours(ports, seen, own, at):
        raise OthersCommitsError(
            f"somebody has committed to the branch `{new.branch}`, and gitbot overwrites nobody's work: "
            "merge or close its pull request and delete the branch, then ask again"
        )
    # Whoever finds this row knows that a process may have died after its commit.
    own = replace(own, head="")
    records.put(own)
    commit = NewCommit(
        branch=new.branch, expected=at, base=new.base, files=new.files, message=new.message
    )
    head = seen.forge.commit(commit)
    ports.records.pull_requests.note_push(repository, {head}, {seen.forge.login, *new.makers})
    own = replace(own, head=head)
    records.put(own)
    opened = _opened(seen, new, own.number)
    credit(ports, seen, replace(opened, head=head), new.makers)
    records.put(replace(own, number=opened.number))
    return opened


def is_free(ports: Ports, seen: Glance, branch: str) -> bool:
    """Whether nobody else's commits are on the branch, so that ``propose`` may write to it."""
    at = seen.forge.branch(branch)
    own = ports.records.proposals.of_branch(seen.repository.id, branch)
    return at is None or _is_ours(
        ports, seen, own or OwnBranch(repository=seen.repository.id, branch=branch), at
    )


def credit(
    ports: Ports, seen: Glance, opened: PullRequest, makers: Collection[str]
) -> frozenset[str]:
    """Count these people as authors of gitbot's own pull request, beside all who were counted before.

    None of them approves it, nor what promotes it later. Returns all of them. Idempotent.
    """
    repository, records = seen.repository.id, ports.records
    records.proposals.note_makers(repository, opened.number, makers)
    everybody = records.proposals.makers(repository, opened.number)
    records.pull_requests.note_push(repository, {opened.head}, everybody)
    return everybody


def _is_ours(ports: Ports, seen: Glance, own: OwnBranch, at: Sha) -> bool:
    """Whether gitbot put the commit there; a process may have died before it recorded that."""
    if own.head == at:
        return True
    pushers = ports.records.pull_requests.pushers(seen.repository.id, {at})
    if at in pushers:
        return seen.forge.login in pushers[at]
    if own.head:
        return False
    # Its webhook was not heard yet either: ask who made it.
    made_by = seen.forge.authors(at)
    return seen.forge.login in made_by and made_by <= {seen.forge.login, WEB_FLOW}


def _opened(seen: Glance, new: Proposal, known: int | None) -> PullRequest:
    base = seen.repository.tracked_branch
    found = seen.forge.find_open_pull_request(new.branch, base)
    if found is None:
        return seen.forge.open_pull_request(
            NewPullRequest(
                head=new.branch,
                base=base,
                title=new.title,
                body=new.body,
                labels=new.labels,
                draft=new.draft,
            )
        )
    seen.forge.edit_pull_request(found.number, title=new.title, body=new.body)
    if found.number != known:
        # A process that died has opened it, perhaps before it could label it.
        seen.forge.label(found.number, add=new.labels)
    return found
