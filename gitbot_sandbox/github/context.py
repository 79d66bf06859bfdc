"""Give every route what it needs: the caller, the repository, the body, pages of lists. Shell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar, cast
from urllib.parse import urlencode

from flask import Response, current_app, g, jsonify, request

from gitbot_sandbox.github.access import Actor, at_least, role
from gitbot_sandbox.github.entities import Issue, Pull, Repository
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, forbidden, invalid, not_found
from gitbot_sandbox.github.shapes.common import Json

T = TypeVar("T")


def hub() -> Hub:
    """The local GitHub that this application serves."""
    return cast(Hub, current_app.extensions["hub"])


def actor() -> Actor:
    """The caller."""
    return cast(Actor, g.actor)


def login() -> str:
    """The caller's login. Raises Problem 401 for an anonymous call."""
    name = actor().login
    if name is None:
        raise Problem(401, "Requires authentication")
    return name


def repository(owner: str, name: str, needed: str = "read") -> Repository:
    """The repository, if the caller has at least the ``needed`` role.

    Raises:
        Problem: 404 if the caller may not see it; 401 or 403 if the caller may only see it.
    """
    return allowed(hub().store.repository(owner, name), needed)


def allowed(found: Repository | None, needed: str) -> Repository:
    """The repository, after the checks of ``repository``."""
    if found is None:
        raise not_found()
    mine = role(hub().store, found, actor())
    if not at_least(mine, "read"):
        raise not_found()
    if not at_least(mine, needed):
        login()
        words = {"admin": "Must have admin rights to Repository."}
        raise forbidden(words.get(needed, "Resource not accessible by personal access token"))
    return found


def body() -> dict[str, Any]:
    """The JSON object in the request; empty if the request has no body."""
    if not request.get_data():
        return {}
    sent = request.get_json(force=True, silent=True)
    if not isinstance(sent, dict):
        raise Problem(400, "Problems parsing JSON")
    return sent


def needed(sent: dict[str, Any], resource: str, *fields: str) -> None:
    """Refuse a body that lacks a field. Raises Problem 422."""
    missing = [
        {"resource": resource, "field": field, "code": "missing_field"}
        for field in fields
        if sent.get(field) in (None, "")
    ]
    if missing:
        raise Problem(422, "Validation Failed", missing)


def check_edit(found: Repository, author: str, needed_role: str) -> None:
    """Allow a change by the author, or by others who have the role. Raises Problem 401 or 403."""
    own = login().lower() == author.lower()
    if not own and not at_least(role(hub().store, found, actor()), needed_role):
        raise forbidden()


class _Dated(Protocol):
    @property
    def updated_at(self) -> datetime:
        """When the item was last changed."""


D = TypeVar("D", bound=_Dated)


def later(items: Sequence[D]) -> list[D]:
    """The items that changed at or after ``since`` in the query. Raises Problem 422."""
    text = request.args.get("since")
    if not text:
        return list(items)
    try:
        since = datetime.fromisoformat(text)
    except ValueError as error:
        raise invalid("Issue", "since") from error
    return [item for item in items if item.updated_at.replace(microsecond=0) >= since]


def issue_of(found: Repository, number: int) -> Issue:
    """The issue or pull request of this number.

    Raises:
        Problem: 410 if it was deleted, 404 if it never existed.
    """
    if number in found.deleted_issues:
        raise Problem(410, "This issue was deleted")
    if number not in found.issues:
        raise not_found()
    return found.issues[number]


def pull_of(found: Repository, number: int) -> Pull:
    """The pull request of this number."""
    if number not in found.pulls:
        raise not_found()
    return found.pulls[number]


def commit_of(found: Repository, name: str) -> str:
    """The hash of the commit that a branch, tag, ref or hash names.

    Raises:
        Problem: 422, worded as GitHub does.
    """
    sha = hub().git(found).resolve(name)
    if sha is None:
        raise Problem(422, f"No commit found for SHA: {name}")
    return sha


def page(items: Sequence[T], shape: Callable[[T], Json], key: str | None = None) -> Response:
    """One page of a list, with the ``Link`` header; ``key`` wraps the list with ``total_count``.

    https://docs.github.com/rest/using-the-rest-api/using-pagination-in-the-rest-api
    """
    size = min(max(_number("per_page", 30), 1), 100)
    at = max(_number("page", 1), 1)
    shapes = [shape(item) for item in items[(at - 1) * size : at * size]]
    answer = jsonify({"total_count": len(items), key: shapes} if key else shapes)
    last = max((len(items) + size - 1) // size, 1)
    links: dict[str, int] = {}
    if at > 1:
        links.update(prev=at - 1, first=1)
    if at < last:
        links.update(next=at + 1, last=last)
    if links:
        answer.headers["Link"] = ", ".join(
            f'<{_address(number)}>; rel="{rel}"' for rel, number in links.items()
        )
    return answer


def _number(name: str, default: int) -> int:
    try:
        return int(request.args.get(name, default))
    except ValueError:
        return default


def _address(number: int) -> str:
    query = {**request.args.to_dict(), "page": str(number)}
    return f"{hub().base_url}{request.path}?{urlencode(query)}"
