"""Turn PyGithub's objects into gitbot's values. Pure if the objects are loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot.model.desired import Permission
from gitbot.model.forge import (
    CloseReason,
    Comment,
    Issue,
    OtherCheck,
    PullRequest,
    Repository,
    Review,
    ReviewState,
)
from gitbot.model.names import Sha

if TYPE_CHECKING:
    import github.CheckRun
    import github.CommitStatus
    import github.Issue
    import github.IssueComment
    import github.NamedUser
    import github.Organization
    import github.PullRequest
    import github.PullRequestReview
    import github.Repository

GHOST = "ghost"  # GitHub's name for somebody who deleted their account

_PERMISSIONS = {
    "admin": Permission.ADMIN,
    "maintain": Permission.WRITE,
    "write": Permission.WRITE,
    "triage": Permission.READ,
    "read": Permission.READ,
}
_PASSED = frozenset({"success", "neutral", "skipped"})


def repository(found: github.Repository.Repository) -> Repository:
    """The repository."""
    return Repository(
        id=str(found.id),
        full_name=found.full_name,
        clone_url=found.clone_url,
        tracked_branch=found.default_branch,
    )


def pull_request(found: github.PullRequest.PullRequest, *, listed: bool = False) -> PullRequest:
    """A pull request.

    ``listed`` means that it comes from a list, which does not say whether it can be merged.
    """
    merged = found.merged_at is not None
    head_repository = found.head.repo
    return PullRequest(
        number=found.number,
        title=found.title,
        author=login(found.user),
        head=Sha(found.head.sha),
        head_ref=found.head.ref,
        base=Sha(found.base.sha),
        base_ref=found.base.ref,
        open=found.state == "open",
        merged=merged,
        draft=found.draft,
        from_fork=head_repository is None or head_repository.id != found.base.repo.id,
        mergeable=None if listed else found.mergeable,
        merge_commit=Sha(found.merge_commit_sha) if merged and found.merge_commit_sha else None,
        url=found.html_url,
        merged_at=found.merged_at,
        updated_at=found.updated_at,
        body=found.body or "",
        labels=frozenset(label.name for label in found.labels),
        head_owner=login(head_repository.owner) if head_repository else None,
    )


def review(found: github.PullRequestReview.PullRequestReview) -> Review | None:
    """A review; None for one that is not submitted yet."""
    states = {state.value.upper(): state for state in ReviewState}
    state = states.get(found.state)
    if state is None or found.submitted_at is None:
        return None
    return Review(
        id=found.id,
        author=login(found.user),
        state=state,
        commit=Sha(found.commit_id) if found.commit_id else None,
        submitted_at=found.submitted_at,
        body=found.body or "",
        url=found.html_url,
        author_id=found.user.id if found.user else None,
    )


def comment(found: github.IssueComment.IssueComment) -> Comment:
    """A comment."""
    return Comment(
        id=found.id,
        author=login(found.user),
        body=found.body or "",
        created_at=found.created_at,
        text_at=found.updated_at or found.created_at,
        url=found.html_url,
        author_id=found.user.id if found.user else None,
    )


def issue(found: github.Issue.Issue, own: str) -> Issue:
    """An issue. ``own`` is the login of gitbot itself."""
    reasons = {reason.value: reason for reason in CloseReason}
    is_open = found.state == "open"
    closer = None if is_open else found.closed_by
    return Issue(
        number=found.number,
        title=found.title,
        body=found.body or "",
        author=login(found.user),
        open=is_open,
        reason=None if is_open else reasons.get(found.state_reason or ""),
        labels=frozenset(label.name for label in found.labels),
        assignees=frozenset(login(user) for user in found.assignees),
        locked=found.locked,
        created_at=found.created_at,
        updated_at=found.updated_at,
        closed_at=found.closed_at,
        url=found.html_url,
        closed_by=login(closer) if closer is not None else "",
        by_person=closer is not None
        and closer.type == "User"
        and closer.login.lower() != own.lower(),
    )


def login(user: github.NamedUser.NamedUser | github.Organization.Organization | None) -> str:
    """A login; ``ghost`` where the account is gone."""
    return user.login if user is not None else GHOST


def permission(name: str) -> Permission:
    """The right that a role gives; an unknown role gives none."""
    return _PERMISSIONS.get(name, Permission.NONE)


def check_run(found: github.CheckRun.CheckRun) -> OtherCheck:
    """Somebody's check run."""
    done = found.status == "completed"
    return OtherCheck(name=found.name, passed=found.conclusion in _PASSED if done else None)


def status(found: github.CommitStatus.CommitStatus) -> OtherCheck:
    """Somebody's status."""
    passed = None if found.state == "pending" else found.state == "success"
    return OtherCheck(name=found.context, passed=passed)
