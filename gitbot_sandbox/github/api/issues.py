"""Serve issues, their labels, assignees and locks. Shell."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, jsonify, redirect, request
from flask.typing import ResponseReturnValue

from gitbot_sandbox.github.access import at_least, role
from gitbot_sandbox.github.actions import issues, pulls
from gitbot_sandbox.github.context import (
    actor,
    body,
    check_edit,
    hub,
    issue_of,
    later,
    login,
    needed,
    page,
    repository,
)
from gitbot_sandbox.github.entities import Issue, Repository
from gitbot_sandbox.github.problems import Problem, invalid
from gitbot_sandbox.github.shapes import issues as shapes
from gitbot_sandbox.github.shapes import repositories as repository_shapes

bp = Blueprint("issues", __name__)

ISSUES = "/repos/<owner>/<name>/issues"
LOCK_REASONS = ("off-topic", "too heated", "resolved", "spam")


@bp.get(ISSUES)
def list_issues(owner: str, name: str) -> Response:
    """Issues and pull requests, newest first; filtered by state, labels, creator and time."""
    found, args = repository(owner, name), request.args
    state, creator = args.get("state", "open"), args.get("creator")
    labels = set(filter(None, args.get("labels", "").lower().split(",")))
    chosen = [
        i
        for i in later(list(found.issues.values()))
        if state in ("all", i.state)
        and labels <= {label.lower() for label in i.labels}
        and (creator is None or creator.lower() == i.author.lower())
        and (found.has_issues or i.number in found.pulls)
    ]
    chosen.sort(key=_order(args.get("sort", "created")), reverse=args.get("direction") != "asc")
    return page(chosen, lambda i: shapes.issue(hub(), found, i))


def _order(by: str) -> Any:
    if by == "updated":
        return lambda issue: (issue.updated_at, issue.number)
    return lambda issue: issue.number


@bp.post(ISSUES)
def create_issue(owner: str, name: str) -> tuple[Response, int]:
    """Open an issue. Labels and assignees are ignored unless the caller may triage."""
    found, sent = repository(owner, name), body()
    login()
    needed(sent, "Issue", "title")
    trusted = _may_triage(found)
    made = issues.create_issue(
        hub(),
        found,
        actor(),
        title=sent["title"],
        body=sent.get("body"),
        labels=_names(sent) if trusted else (),
        assignees=sent.get("assignees") or () if trusted else (),
    )
    return jsonify(shapes.issue(hub(), found, made)), 201


def _may_triage(found: Repository) -> bool:
    return at_least(role(hub().store, found, actor()), "triage")


def _names(sent: dict[str, Any]) -> list[str]:
    return [x if isinstance(x, str) else x["name"] for x in sent.get("labels") or []]


@bp.get(f"{ISSUES}/<int:number>")
def get_issue(owner: str, name: str, number: int) -> ResponseReturnValue:
    """One issue or pull request; a redirect to the new place of one that was transferred."""
    found = repository(owner, name)
    if number in found.moved_issues:
        id_, there = found.moved_issues[number]
        target = hub().store.repositories[id_]
        return redirect(f"{hub().api_url}/repos/{target.full_name}/issues/{there}", 301)
    return jsonify(shapes.issue(hub(), found, issue_of(found, number)))


@bp.patch(f"{ISSUES}/<int:number>")
def update_issue(owner: str, name: str, number: int) -> Response:
    """Change title, body, labels, assignees or state."""
    found = repository(owner, name)
    issue, sent, who = issue_of(found, number), body(), login()
    check_edit(found, issue.author, "triage")
    pull = found.pulls.get(number)
    title, text = sent.get("title"), sent.get("body")
    if pull is not None:
        pulls.edit(hub(), found, pull, who, title=title, body=text)
    else:
        issues.edit(hub(), found, issue, who, title=title, body=text)
    if _may_triage(found):
        _set_people_and_labels(found, issue, sent, who)
    if sent.get("state") in ("open", "closed"):
        if pull is not None:
            pulls.set_state(hub(), found, pull, who, sent["state"])
        else:
            issues.set_state(hub(), found, issue, who, sent["state"], sent.get("state_reason"))
    return jsonify(shapes.issue(hub(), found, issue))


def _set_people_and_labels(found: Repository, issue: Issue, sent: dict[str, Any], who: str) -> None:
    if "labels" in sent:
        issues.set_labels(hub(), found, issue, _names(sent), who)
    if "assignees" in sent:
        wanted = sent["assignees"] or []
        gone = [name for name in issue.assignees if name not in wanted]
        issues.unassign(hub(), found, issue, gone, who)
        issues.assign(hub(), found, issue, wanted, who)


# --- labels ---


@bp.get(f"{ISSUES}/<int:number>/labels")
def issue_labels(owner: str, name: str, number: int) -> Response:
    """The issue's labels."""
    found = repository(owner, name)
    return _labels(found, issue_of(found, number))


def _labels(found: Repository, issue: Issue) -> Response:
    return page(
        [found.labels[n] for n in issue.labels],
        lambda x: repository_shapes.label(hub(), found, x),
    )


@bp.post(f"{ISSUES}/<int:number>/labels")
def add_labels(owner: str, name: str, number: int) -> Response:
    """Add labels to the issue."""
    found = repository(owner, name, "triage")
    issue = issue_of(found, number)
    sent = request.get_json(force=True, silent=True)
    names = _names(sent if isinstance(sent, dict) else {"labels": sent})
    issues.set_labels(hub(), found, issue, [*issue.labels, *names], login())
    return _labels(found, issue)


@bp.delete(f"{ISSUES}/<int:number>/labels/<label>")
def remove_label(owner: str, name: str, number: int, label: str) -> Response:
    """Remove a label from the issue."""
    found = repository(owner, name, "triage")
    issue = issue_of(found, number)
    kept = [known for known in issue.labels if known.lower() != label.lower()]
    if len(kept) == len(issue.labels):
        raise Problem(404, "Label does not exist")
    issues.set_labels(hub(), found, issue, kept, login())
    return _labels(found, issue)


# --- assignees ---


@bp.post(f"{ISSUES}/<int:number>/assignees")
def add_assignees(owner: str, name: str, number: int) -> tuple[Response, int]:
    """Add assignees; people who cannot be assigned are skipped."""
    found = repository(owner, name, "triage")
    issue = issue_of(found, number)
    issues.assign(hub(), found, issue, body().get("assignees") or (), login())
    return jsonify(shapes.issue(hub(), found, issue)), 201


@bp.delete(f"{ISSUES}/<int:number>/assignees")
def remove_assignees(owner: str, name: str, number: int) -> Response:
    """Remove assignees."""
    found = repository(owner, name, "triage")
    issue = issue_of(found, number)
    issues.unassign(hub(), found, issue, body().get("assignees") or (), login())
    return jsonify(shapes.issue(hub(), found, issue))


# --- locks ---


@bp.put(f"{ISSUES}/<int:number>/lock")
def lock(owner: str, name: str, number: int) -> tuple[str, int]:
    """Lock the conversation."""
    found = repository(owner, name, "write")
    issue, reason = issue_of(found, number), body().get("lock_reason")
    if reason is not None and reason not in LOCK_REASONS:
        raise invalid("Issue", "lock_reason")
    issues.set_lock(hub(), found, issue, login(), locked=True, reason=reason)
    return "", 204


@bp.delete(f"{ISSUES}/<int:number>/lock")
def unlock(owner: str, name: str, number: int) -> tuple[str, int]:
    """Unlock the conversation."""
    found = repository(owner, name, "write")
    issues.set_lock(hub(), found, issue_of(found, number), login(), locked=False)
    return "", 204
