"""Submit, edit and dismiss reviews of pull requests. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.entities import Pull, Repository, Review
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, invalid
from gitbot_sandbox.github.shapes import pulls as shapes
from gitbot_sandbox.github.shapes.common import Json

REVIEW_STATES = {
    "APPROVE": "APPROVED",
    "REQUEST_CHANGES": "CHANGES_REQUESTED",
    "COMMENT": "COMMENTED",
}


def submit(
    hub: Hub,
    repository: Repository,
    pull: Pull,
    login: str,
    event: str,
    *,
    body: str = "",
    commit: str | None = None,
) -> Review:
    """Submit a review (APPROVE, REQUEST_CHANGES or COMMENT), and return it.

    Raises:
        Problem: 422 for one's own pull request or a missing body.
    """
    if event not in REVIEW_STATES:
        raise invalid("PullRequestReview", "event")
    own = repository.issues[pull.number].author.lower() == login.lower()
    if own and event != "COMMENT":
        verb = "approve" if event == "APPROVE" else "request changes on"
        raise Problem(422, f"Can not {verb} your own pull request")
    if event != "APPROVE" and not body:
        raise Problem(422, "Body can't be blank")
    found = Review(
        id=hub.store.new_id(),
        author=login,
        body=body,
        state=REVIEW_STATES[event],
        commit=commit or pull.head_sha,
        submitted_at=hub.now(),
    )
    pull.reviews.append(found)
    repository.issues[pull.number].updated_at = hub.now()
    _announce(hub, repository, pull, found, "submitted", login)
    return found


def edit(
    hub: Hub, repository: Repository, pull: Pull, found: Review, login: str, body: str
) -> None:
    """Replace a review's text. Raises Problem 422 for a blank one."""
    if not body.strip():
        raise Problem(422, "Body can't be blank")
    before, found.body = found.body, body
    changes: Json = {"body": {"from": before}}
    _announce(hub, repository, pull, found, "edited", login, changes=changes)


def dismiss(hub: Hub, repository: Repository, pull: Pull, found: Review, login: str) -> None:
    """Dismiss a review, so that it no longer counts.

    Raises:
        Problem: 422 for a review that neither approves nor requests changes.
    """
    if found.state not in ("APPROVED", "CHANGES_REQUESTED"):
        raise Problem(422, "Can not dismiss a commented pull request review")
    found.state = "DISMISSED"
    repository.issues[pull.number].updated_at = hub.now()
    _announce(hub, repository, pull, found, "dismissed", login)


def _announce(
    hub: Hub,
    repository: Repository,
    pull: Pull,
    found: Review,
    action: str,
    sender: str,
    **more: Json,
) -> None:
    """Send a ``pull_request_review`` event."""
    simple = shapes.pull_simple(hub, repository, pull)
    payload = {
        "action": action,
        "review": shapes.webhook_review(hub, repository, pull, found),
        "pull_request": shapes.for_webhook(hub, repository, simple),
        **more,
    }
    emit(hub, repository, "pull_request_review", payload, sender)
