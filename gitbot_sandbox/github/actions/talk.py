"""Issues, comments and reactions. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.access import Actor
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, invalid
from gitbot_sandbox.github.shapes import issues as shapes
from gitbot_sandbox.github.store import Comment, Issue, Label, Reaction, Repository

MAX_BODY = 65_536


def check_body(resource: str, body: str) -> None:
    """Refuse a text that GitHub would refuse. Raises Problem 422."""
    if not body.strip():
        raise Problem(
            422,
            "Validation Failed",
            [{"resource": resource, "field": "body", "code": "missing_field"}],
        )
    if len(body) > MAX_BODY:
        message = f"body is too long (maximum is {MAX_BODY} characters)"
        raise invalid(resource, "body", "custom", message)


def create_comment(
    hub: Hub, repository: Repository, number: int, login: str, body: str, app_id: int | None = None
) -> Comment:
    """Write a comment on an issue or pull request."""
    check_body("IssueComment", body)
    now = hub.now()
    comment = Comment(
        id=hub.store.new_id(),
        number=number,
        author=login,
        body=body,
        created_at=now,
        updated_at=now,
        app_id=app_id,
    )
    repository.comments[comment.id] = comment
    repository.issues[number].updated_at = now
    _announce(hub, repository, comment, "created", login)
    return comment


def edit_comment(hub: Hub, repository: Repository, comment: Comment, login: str, body: str) -> None:
    """Replace a comment's text."""
    check_body("IssueComment", body)
    before, comment.body, comment.updated_at = comment.body, body, hub.now()
    _announce(hub, repository, comment, "edited", login, before)


def _announce(
    hub: Hub,
    repository: Repository,
    comment: Comment,
    action: str,
    sender: str,
    before: str | None = None,
) -> None:
    issue = repository.issues[comment.number]
    payload = {
        "action": action,
        "issue": shapes.webhook_issue(hub, repository, issue),
        "comment": shapes.comment(hub, repository, comment),
    }
    if before is not None:
        payload["changes"] = {"body": {"from": before}}
    emit(hub, repository, "issue_comment", payload, sender)


def react(hub: Hub, comment: Comment, login: str, content: str) -> tuple[Reaction, bool]:
    """React once; the reaction, and whether it is new."""
    if content not in shapes.REACTIONS:
        raise invalid("Reaction", "content")
    for reaction in comment.reactions:
        if (reaction.login, reaction.content) == (login, content):
            return reaction, False
    made = Reaction(id=hub.store.new_id(), login=login, content=content, created_at=hub.now())
    comment.reactions.append(made)
    return made, True


def create_issue(
    hub: Hub,
    repository: Repository,
    actor: Actor,
    *,
    title: str,
    body: str | None,
    labels: list[str],
) -> Issue:
    """Open an issue; labels that are not there yet are made."""
    now = hub.now()
    issue = Issue(
        id=hub.store.new_id(),
        number=repository.take_number(),
        title=title,
        body=body,
        author=actor.login or "ghost",
        created_at=now,
        updated_at=now,
        app_id=actor.app.id if actor.app else None,
    )
    repository.issues[issue.number] = issue
    set_labels(hub, repository, issue, labels)
    return issue


def set_labels(hub: Hub, repository: Repository, issue: Issue, names: list[str]) -> None:
    """Make an issue's labels exactly these."""
    for name in names:
        if name not in repository.labels:
            repository.labels[name] = Label(id=hub.store.new_id(), name=name)
    issue.labels = list(dict.fromkeys(names))


def set_issue_state(
    hub: Hub, issue: Issue, login: str, state: str, reason: str | None = None
) -> None:
    """Close or reopen an issue."""
    if state == issue.state:
        return
    closing = state == "closed"
    issue.state = state
    issue.state_reason = (reason or "completed") if closing else "reopened"
    issue.closed_at = hub.now() if closing else None
    issue.closed_by = login if closing else None
    issue.updated_at = hub.now()
