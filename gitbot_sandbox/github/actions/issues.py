"""Change issues, and the labels, assignees and locks of issues and pull requests. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot_sandbox.github.access import Actor, at_least, role_of
from gitbot_sandbox.github.actions import pulls
from gitbot_sandbox.github.entities import Issue, Label, Repository
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, check_length, invalid
from gitbot_sandbox.github.shapes import issues as shapes
from gitbot_sandbox.github.shapes.common import Json, user
from gitbot_sandbox.github.shapes.repositories import label as label_shape

CLOSE_REASONS = ("completed", "not_planned", "duplicate")
MAX_ASSIGNEES = 10


def create_issue(
    hub: Hub,
    repository: Repository,
    actor: Actor,
    *,
    title: str,
    body: str | None,
    labels: Sequence[str] = (),
    assignees: Sequence[str] = (),
) -> Issue:
    """Open an issue and return it; labels that the repository lacks are made.

    Raises:
        Problem: 410 if issues are switched off, 422 for a text or assignee that GitHub refuses.
    """
    if not repository.has_issues:
        raise Problem(410, "Issues has been disabled in this repository.")
    check_texts(title, body)
    for login in assignees:
        if not _assignable(hub, repository, login):
            raise invalid("Issue", "assignees")
    now, author = hub.now(), actor.login or "ghost"
    issue = Issue(
        id=hub.store.new_id(),
        number=repository.take_number(),
        title=title,
        body=body,
        author=author,
        created_at=now,
        updated_at=now,
        app_id=actor.app.id if actor.app else None,
    )
    repository.issues[issue.number] = issue
    announce(hub, repository, issue, "opened", author)
    set_labels(hub, repository, issue, labels, author)
    assign(hub, repository, issue, assignees, author)
    return issue


def check_texts(title: str | None, body: str | None) -> None:
    """Refuse a title or body that is too long. Raises Problem 422."""
    check_length("Issue", "title", title or "", 256)
    check_length("Issue", "body", body or "")


def edit(
    hub: Hub,
    repository: Repository,
    issue: Issue,
    login: str,
    *,
    title: str | None = None,
    body: str | None = None,
) -> None:
    """Change title or body; sends one ``edited`` event if anything differs."""
    check_texts(title, body)
    changes: Json = {}
    if title and title != issue.title:
        changes["title"], issue.title = {"from": issue.title}, title
    if body is not None and body != (issue.body or ""):
        changes["body"], issue.body = {"from": issue.body or ""}, body
    if changes:
        issue.updated_at = hub.now()
        announce(hub, repository, issue, "edited", login, changes=changes)


def set_state(
    hub: Hub,
    repository: Repository,
    issue: Issue,
    login: str,
    state: str,
    reason: str | None = None,
) -> None:
    """Close or reopen an issue. Closing a closed issue again can change the reason.

    Raises:
        Problem: 422 for a reason that GitHub does not know.
    """
    closing = state == "closed"
    if reason is not None and reason not in (CLOSE_REASONS if closing else ("reopened",)):
        raise invalid("Issue", "state_reason")
    if state == issue.state:
        issue.state_reason = reason or issue.state_reason
        return
    issue.state = state
    issue.state_reason = (reason or "completed") if closing else "reopened"
    issue.closed_at = hub.now() if closing else None
    issue.closed_by = login if closing else None
    issue.updated_at = hub.now()
    announce(hub, repository, issue, "closed" if closing else "reopened", login)


def delete(hub: Hub, repository: Repository, issue: Issue, login: str) -> None:
    """Delete an issue for good: from then on, reading it answers 410."""
    del repository.issues[issue.number]
    repository.deleted_issues.add(issue.number)
    for comment in [c for c in repository.comments.values() if c.number == issue.number]:
        del repository.comments[comment.id]
    announce(hub, repository, issue, "deleted", login)


def transfer(hub: Hub, repository: Repository, issue: Issue, target: Repository, login: str) -> int:
    """Move an issue to another repository; returns its number there. Reading it here redirects.

    https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/transferring-an-issue-to-another-repository
    """
    announce(hub, repository, issue, "transferred", login)
    here = issue.number
    del repository.issues[here]
    issue.number = target.take_number()
    target.issues[issue.number] = issue
    repository.moved_issues[here] = (target.id, issue.number)
    for comment in [c for c in repository.comments.values() if c.number == here]:
        del repository.comments[comment.id]
        comment.number, target.comments[comment.id] = issue.number, comment
    announce(hub, target, issue, "opened", login)
    return issue.number


def set_lock(
    hub: Hub,
    repository: Repository,
    issue: Issue,
    login: str,
    *,
    locked: bool,
    reason: str | None = None,
) -> None:
    """Lock or unlock the conversation of an issue or pull request."""
    if issue.locked == locked:
        return
    issue.locked, issue.lock_reason = locked, reason if locked else None
    issue.updated_at = hub.now()
    announce(hub, repository, issue, "locked" if locked else "unlocked", login)


# --- labels and assignees ---


def set_labels(
    hub: Hub, repository: Repository, issue: Issue, names: Sequence[str], login: str
) -> None:
    """Make the labels exactly these; sends one event for each change."""
    wanted = list(dict.fromkeys(_label(hub, repository, name).name for name in names))
    gone = [name for name in issue.labels if name not in wanted]
    new = [name for name in wanted if name not in issue.labels]
    issue.labels = wanted
    for action, changed in (("unlabeled", gone), ("labeled", new)):
        for name in changed:
            issue.updated_at = hub.now()
            shape = label_shape(hub, repository, repository.labels[name])
            announce(hub, repository, issue, action, login, label=shape)


def _label(hub: Hub, repository: Repository, name: str) -> Label:
    """The label of this name, in any letter case; made if there is none."""
    for found in repository.labels.values():
        if found.name.lower() == name.lower():
            return found
    made = repository.labels[name] = Label(id=hub.store.new_id(), name=name)
    return made


def assign(
    hub: Hub, repository: Repository, issue: Issue, logins: Sequence[str], sender: str
) -> None:
    """Add assignees, at most ten; people who cannot be assigned are skipped."""
    for login in logins:
        known = {name.lower() for name in issue.assignees}
        if login.lower() in known or not _assignable(hub, repository, login):
            continue
        if len(issue.assignees) < MAX_ASSIGNEES:
            issue.assignees.append(hub.user(login).login)
            _assignee_changed(hub, repository, issue, "assigned", login, sender)


def unassign(
    hub: Hub, repository: Repository, issue: Issue, logins: Sequence[str], sender: str
) -> None:
    """Remove assignees."""
    for login in logins:
        for name in [name for name in issue.assignees if name.lower() == login.lower()]:
            issue.assignees.remove(name)
            _assignee_changed(hub, repository, issue, "unassigned", name, sender)


def _assignable(hub: Hub, repository: Repository, login: str) -> bool:
    """Whether this login can be assigned: a user with access can, an App cannot."""
    found = hub.store.user(login)
    if found is None or found.kind != "User":
        return False
    let_in = {name.lower() for name in (repository.owner, *repository.permissions)}
    owner = hub.store.user(repository.owner)
    if owner is not None:
        let_in |= {name.lower() for name in owner.members}
    return login.lower() in let_in and at_least(role_of(hub.store, repository, login), "read")


def _assignee_changed(
    hub: Hub, repository: Repository, issue: Issue, action: str, login: str, sender: str
) -> None:
    issue.updated_at = hub.now()
    announce(hub, repository, issue, action, sender, assignee=user(hub, login))


def announce(
    hub: Hub, repository: Repository, issue: Issue, action: str, sender: str, **more: Json
) -> None:
    """Send an ``issues`` event; for a pull request, a ``pull_request`` event."""
    pull = repository.pulls.get(issue.number)
    if pull is not None:
        pulls.announce(hub, repository, pull, action, sender, **more)
        return
    payload = {
        "action": action,
        "issue": shapes.webhook_issue(hub, repository, issue),
        **more,
    }
    emit(hub, repository, "issues", payload, sender)
