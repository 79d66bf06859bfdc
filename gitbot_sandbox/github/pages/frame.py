"""Share headers, template filters, pictures and the list of people among the pages. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, render_template, request
from markupsafe import Markup, escape

from gitbot_sandbox.github.context import hub
from gitbot_sandbox.github.entities import Repository
from gitbot_sandbox.github.pages import markup
from gitbot_sandbox.github.problems import Problem, not_found

bp = Blueprint("frame", __name__, template_folder="templates")

STYLE = (Path(__file__).parent / "style.css").read_bytes()
POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'"
EMOJI = {
    "+1": "👍",
    "-1": "👎",
    "laugh": "😄",
    "confused": "😕",
    "heart": "❤️",
    "hooray": "🎉",
    "rocket": "🚀",
    "eyes": "👀",
}
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><circle cx="20" cy="20" r="18"'
    ' fill="#24292f"/><path d="M13 20h14M20 13v14" stroke="#fff" stroke-width="4"/></svg>'
)
ACTOR = "actor"
REFRESH_S = 2


@bp.app_template_filter("markdown")
def _markdown(text: str) -> Markup:
    return Markup(markup.markdown(text))


@bp.app_template_filter("diff")
def _diff(text: str) -> Markup:
    return Markup(markup.diff(text))


@bp.app_template_filter("numbered")
def _numbered(patch: str) -> Iterator[markup.DiffLine]:
    return markup.numbered(patch)


@bp.app_template_filter("avatar")
def _avatar(login: str) -> str:
    user = hub().store.user(login)
    return f"/_sandbox/avatars/{user.id if user else 0}"


@bp.app_template_filter("when")
def _when(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S")


@bp.app_template_global("schedule_time")
def _schedule_time() -> datetime:
    return hub().clock.now()


@bp.app_template_filter("emoji")
def _emoji(content: str) -> str:
    return EMOJI.get(content, content)


@bp.app_template_filter("link")
def link(url: str | None) -> str:
    """The address if it is http(s), else ``#``."""
    return url if url and url.startswith(("http://", "https://")) else "#"


def show(template: str, status: int = 200, **values: Any) -> Response:
    """A page whose security policy allows no script and no content from elsewhere.

    After an action (``?acted``) the page reloads once, so that gitbot's answer shows.
    """
    answer = Response(render_template(template, **values), status)
    answer.headers["Content-Security-Policy"] = POLICY
    answer.headers["X-Content-Type-Options"] = "nosniff"
    if "acted" in request.args:
        answer.headers["Refresh"] = f"{REFRESH_S}; url={request.path}#latest"
    return answer


def problem(error: Problem) -> Response:
    """A refusal as a page."""
    return show(
        "problem.html",
        error.status,
        title=error.message,
        code=error.status,
        message=error.message,
        errors=error.errors,
    )


def find(owner: str, name: str) -> Repository:
    """The repository. The pages show private ones too: they serve this machine only."""
    found = hub().store.repository(owner, name)
    if found is None:
        raise not_found()
    return found


def people() -> list[str]:
    """The logins to act as; the one that this browser used last comes first."""
    logins = [u.login for u in hub().store.users.values() if u.kind == "User"]
    return sorted(logins, key=lambda login: login != request.cookies.get(ACTOR))


@bp.get("/_sandbox/style.css")
def style() -> Response:
    """The one style sheet."""
    return Response(STYLE, content_type="text/css")


@bp.get("/_sandbox/icon.svg")
def icon() -> Response:
    """The browser tab's icon."""
    return Response(ICON, content_type="image/svg+xml")


@bp.get("/_sandbox/avatars/<int:id_>")
def avatar(id_: int) -> Response:
    """A coloured disc with an initial."""
    user = next((u for u in hub().store.users.values() if u.id == id_), None)
    initial = escape((user.login if user else "?")[0].upper())
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
        f'<circle cx="20" cy="20" r="20" fill="hsl({id_ * 47 % 360} 45% 45%)"/>'
        '<text x="20" y="27" font-size="20" text-anchor="middle" fill="#fff">'
        f"{initial}</text></svg>"
    )
    return Response(svg, content_type="image/svg+xml")
