"""Serve repositories, forks, collaborators, labels and webhooks. Shell."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from gitbot_sandbox.github.access import at_least, role, role_of
from gitbot_sandbox.github.actions import accounts
from gitbot_sandbox.github.context import (
    actor,
    allowed,
    body,
    hub,
    login,
    needed,
    page,
    repository,
)
from gitbot_sandbox.github.entities import ROLES, Label
from gitbot_sandbox.github.problems import not_found
from gitbot_sandbox.github.shapes import repositories as shapes

bp = Blueprint("repositories", __name__)


@bp.get("/repos/<owner>/<name>")
def get_repository(owner: str, name: str) -> Response:
    """One repository by name."""
    return jsonify(shapes.full(hub(), repository(owner, name), actor()))


@bp.get("/repositories/<int:id_>")
def get_repository_by_id(id_: int) -> Response:
    """One repository by id, also after it was renamed."""
    found = allowed(hub().store.repositories.get(id_), "read")
    return jsonify(shapes.full(hub(), found, actor()))


@bp.get("/user/repos")
def own_repositories() -> Response:
    """The repositories that the caller was given access to."""
    login()
    visible = [
        r
        for r in hub().store.repositories.values()
        if at_least(role(hub().store, r, actor()), "read")
    ]
    return page(visible, lambda r: shapes.full(hub(), r, actor()))


@bp.post("/repos/<owner>/<name>/forks")
def create_fork(owner: str, name: str) -> tuple[Response, int]:
    """Fork a repository into the caller's account."""
    fork = accounts.fork(hub(), repository(owner, name), login())
    return jsonify(shapes.full(hub(), fork, actor())), 202


@bp.get("/repos/<owner>/<name>/collaborators")
def collaborators(owner: str, name: str) -> Response:
    """Everybody who has been given access, the owner first."""
    found = repository(owner, name, "write")
    names = [found.owner, *found.permissions]
    return page(
        [n for n in names if (u := hub().store.user(n)) and u.kind == "User"],
        lambda n: shapes.collaborator(hub(), n, role_of(hub().store, found, n)),
    )


@bp.get("/repos/<owner>/<name>/collaborators/<who>")
def is_collaborator(owner: str, name: str, who: str) -> tuple[str, int]:
    """204 for a collaborator, else 404."""
    found = repository(owner, name)
    if who.lower() not in {n.lower() for n in (found.owner, *found.permissions)}:
        raise not_found()
    return "", 204


@bp.put("/repos/<owner>/<name>/collaborators/<who>")
def add_collaborator(owner: str, name: str, who: str) -> tuple[str, int]:
    """Give a user access, or change the user's right."""
    found = repository(owner, name, "admin")
    wanted = body().get("permission", "push")
    role_name = {"pull": "read", "push": "write"}.get(wanted, wanted)
    if hub().store.user(who) is None or role_name not in ROLES:
        raise not_found()
    found.permissions[hub().user(who).login] = role_name
    return "", 204


@bp.get("/repos/<owner>/<name>/collaborators/<who>/permission")
def permission(owner: str, name: str, who: str) -> Response:
    """What a user may do in the repository."""
    found = repository(owner, name)
    user = hub().store.user(who)
    if user is None:
        raise not_found()
    return jsonify(shapes.permission(hub(), user.login, role_of(hub().store, found, user.login)))


@bp.get("/repos/<owner>/<name>/labels")
def labels(owner: str, name: str) -> Response:
    """The labels, by name."""
    found = repository(owner, name)
    return page(
        [found.labels[n] for n in sorted(found.labels)], lambda x: shapes.label(hub(), found, x)
    )


@bp.get("/repos/<owner>/<name>/labels/<label>")
def label(owner: str, name: str, label: str) -> Response:
    """One label."""
    found = repository(owner, name)
    if label not in found.labels:
        raise not_found()
    return jsonify(shapes.label(hub(), found, found.labels[label]))


@bp.post("/repos/<owner>/<name>/labels")
def create_label(owner: str, name: str) -> tuple[Response, int]:
    """Make a label."""
    found, sent = repository(owner, name, "write"), body()
    needed(sent, "Label", "name")
    accounts.refuse_known_label(found, sent["name"])
    made = Label(
        id=hub().store.new_id(),
        name=sent["name"],
        color=sent.get("color", "ededed"),
        description=sent.get("description"),
    )
    found.labels[made.name] = made
    return jsonify(shapes.label(hub(), found, made)), 201
