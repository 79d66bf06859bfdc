"""Serve users, organizations, teams, Apps and rate limits. Shell."""

from __future__ import annotations

import secrets
from datetime import timedelta

from flask import Blueprint, Response, jsonify

from gitbot_sandbox.github.actions import manifests
from gitbot_sandbox.github.context import actor, hub, login, page, repository
from gitbot_sandbox.github.entities import App, Team, Token
from gitbot_sandbox.github.problems import Problem, forbidden, not_found
from gitbot_sandbox.github.shapes import apps as app_shapes
from gitbot_sandbox.github.shapes import repositories as repository_shapes
from gitbot_sandbox.github.shapes.common import Json, full_user, private_user, user, when

bp = Blueprint("people", __name__)

RATE_LIMIT = 5000
TOKEN_LIFE = timedelta(hours=1)


@bp.get("/user")
def me() -> Response:
    """The user who owns the token; an App's installation is no user."""
    if actor().app is not None:
        raise forbidden()
    return jsonify(private_user(hub(), hub().user(login())))


@bp.get("/users/<name>")
def get_user(name: str) -> Response:
    """The public profile of a user."""
    found = hub().store.user(name)
    if found is None:
        raise not_found()
    return jsonify(full_user(hub(), found))


@bp.get("/orgs/<organization>/teams/<slug>/members")
def team_members(organization: str, slug: str) -> Response:
    """Who is in a team. Only the organization's members and Apps may ask."""
    found = _team(organization, slug)
    return page(sorted(found.members, key=str.lower), lambda member: user(hub(), member))


@bp.get("/orgs/<organization>/teams/<slug>/memberships/<who>")
def membership(organization: str, slug: str, who: str) -> Response:
    """Whether a user is in a team. Only the organization's members and Apps may ask."""
    team = _team(organization, slug)
    role_name = next((r for m, r in team.members.items() if m.lower() == who.lower()), None)
    if not role_name:
        raise not_found()
    url = f"{hub().api_url}/orgs/{team.organization}/teams/{slug}/memberships/{who}"
    return jsonify({"url": url, "role": role_name, "state": "active"})


def _team(organization: str, slug: str) -> Team:
    """The team, for who may see it."""
    me_ = login().lower()
    team = hub().store.teams.get((organization.lower(), slug))
    owner = hub().store.user(organization)
    app = actor().app
    insider = owner is not None and (
        me_ in {m.lower() for m in owner.members}
        or (app is not None and app.account.lower() == owner.login.lower())
    )
    if team is None or not insider:
        raise not_found()
    return team


# --- Apps ---


def _app() -> App:
    """The App that calls with its own key."""
    found = actor()
    if found.app is None or not found.jwt:
        raise Problem(401, "A JSON web token could not be decoded")
    return found.app


@bp.get("/app")
def get_app() -> Response:
    """The calling App."""
    app = _app()
    count = {"installations_count": 1}
    return jsonify({**app_shapes.app(hub(), app), **count})


@bp.get("/app/installations")
def installations() -> Response:
    """The installations of the calling App."""
    return page([_app()], lambda a: app_shapes.installation(hub(), a))


@bp.get("/app/installations/<int:id_>")
def installation(id_: int) -> Response:
    """One installation."""
    return jsonify(app_shapes.installation(hub(), _installed(id_)))


def _installed(id_: int) -> App:
    app = _app()
    if app.installation_id != id_:
        raise not_found()
    return app


@bp.post("/app/installations/<int:id_>/access_tokens")
def access_token(id_: int) -> tuple[Response, int]:
    """Make a token of the installation, valid for an hour."""
    app = _installed(id_)
    value, ends = f"ghs_{secrets.token_hex(18)}", hub().now() + TOKEN_LIFE
    hub().store.tokens[value] = Token(login=app.bot, app_id=app.id, expires_at=ends)
    answer: Json = {
        "token": value,
        "expires_at": when(ends),
        "permissions": dict(app.permissions),
        "repository_selection": "all",
    }
    return jsonify(answer), 201


@bp.post("/app-manifests/<code>/conversions")
def convert_manifest(code: str) -> tuple[Response, int]:
    """The secrets of an App that was made from a manifest, once."""
    found = manifests.convert(hub(), code)
    answer: Json = {
        **app_shapes.app(hub(), found.app),
        "client_secret": found.app.client_secret,
        "webhook_secret": found.secret,
        "pem": found.private_key_pem,
    }
    return jsonify(answer), 201


@bp.get("/repos/<owner>/<name>/installation")
def repository_installation(owner: str, name: str) -> Response:
    """The App's installation that has access to a repository."""
    app = _app()
    found = hub().store.repository(owner, name)
    if found is None or app.account.lower() != found.owner.lower():
        raise not_found()
    return jsonify(app_shapes.installation(hub(), app))


@bp.get("/orgs/<account>/installation")
@bp.get("/users/<account>/installation")
def account_installation(account: str) -> Response:
    """The App's installation on an account."""
    app = _app()
    if app.account.lower() != account.lower():
        raise not_found()
    return jsonify(app_shapes.installation(hub(), app))


@bp.get("/installation/repositories")
def installation_repositories() -> Response:
    """The repositories that the installation has access to."""
    app = actor().app
    if app is None or actor().jwt:
        raise forbidden("You must authenticate with an installation access token.")
    mine = [r for r in hub().store.repositories.values() if r.owner.lower() == app.account.lower()]
    return page(mine, lambda r: repository_shapes.full(hub(), r, actor()), "repositories")


@bp.get("/rate_limit")
def rate_limit() -> Response:
    """How many calls are left in this hour."""
    reset = int(hub().now().timestamp()) + 3600
    limit = {"limit": RATE_LIMIT, "remaining": RATE_LIMIT, "reset": reset, "used": 0}
    return jsonify({"resources": {"core": limit, "search": limit}, "rate": limit})


@bp.get("/repos/<owner>/<name>/hooks")
def hooks(owner: str, name: str) -> Response:
    """The repository's webhooks."""
    found = repository(owner, name, "admin")
    mine = [h for h in hub().store.hooks.values() if h.repository == found.id]
    root = repository_shapes.api(hub(), found)
    return page(
        mine,
        lambda h: {
            "type": "Repository",
            "id": h.id,
            "name": "web",
            "active": h.active,
            "events": list(h.events),
            "config": {"url": h.url, "content_type": "json", "insecure_ssl": "0"},
            "created_at": when(h.created_at),
            "updated_at": when(h.created_at),
            "url": f"{root}/hooks/{h.id}",
            "test_url": f"{root}/hooks/{h.id}/tests",
            "ping_url": f"{root}/hooks/{h.id}/pings",
            "deliveries_url": f"{root}/hooks/{h.id}/deliveries",
            "last_response": {"code": None, "status": "unused", "message": None},
        },
    )
