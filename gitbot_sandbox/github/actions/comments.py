"""Write, change and delete comments, and react to them. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.access import at_least, role_of
from gitbot_sandbox.github.entities import Comment, Reaction, Repository
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, check_length, forbidden, invalid
from gitbot_sandbox.github.shapes import issues as shapes


def check_body(resource: str, body: str) -> None:
    """Refuse a text that GitHub would refuse. Raises Problem 422."""
    if not body.strip():
        raise Problem(
            422,
            "Validation Failed",
            [{"resource": resource, "field": "body", "code": "missing_field"}],
        )
    check_length(resource, "body", body)


def create_comment(
    hub: Hub, repository: Repository, number: int, login: str, body: str, app_id: int | None = None
) -> Comment:
    """Write a comment on an issue or pull request, and return it.

    Raises:
        Problem: 403 if the conversation is locked, 422 for a text that GitHub refuses.
    """
    _refuse_locked(hub, repository, number, login, app_id)
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


def _refuse_locked(
    hub: Hub, repository: Repository, number: int, login: str, app_id: int | None
) -> None:
    """Refuse comments on a locked conversation. Raises Problem 403.

    People who may write can still comment; Apps cannot.
    """
    if not repository.issues[number].locked:
        return
    if app_id is not None or not at_least(role_of(hub.store, repository, login), "write"):
        raise forbidden("Unable to create comment because issue is locked.")


def edit_comment(hub: Hub, repository: Repository, comment: Comment, login: str, body: str) -> None:
    """Replace a comment's text."""
    check_body("IssueComment", body)
    before, comment.body, comment.updated_at = comment.body, body, hub.now()
    _announce(hub, repository, comment, "edited", login, before)


def delete_comment(hub: Hub, repository: Repository, comment: Comment, login: str) -> None:
    """Delete a comment."""
    del repository.comments[comment.id]
    _announce(hub, repository, comment, "deleted", login)


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
    """Add a reaction once; returns it, and whether it is new."""
    if content not in shapes.REACTIONS:
        raise invalid("Reaction", "content")
    for reaction in comment.reactions:
        if (reaction.login, reaction.content) == (login, content):
            return reaction, False
    made = Reaction(id=hub.store.new_id(), login=login, content=content, created_at=hub.now())
    comment.reactions.append(made)
    return made, True
