"""The routes about the caller: who they are, and what they may read. Shell."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.model.desired import Permission
from gitbot.model.values import Json
from gitbot.webhooks.api import pages
from gitbot.webhooks.api.access import readable
from gitbot.webhooks.api.routes import Answer, Api, Call, Route

_TEXT = {"type": "string"}
_TIME = {"type": "string", "format": "date-time"}


def _me(api: Api, call: Call) -> Answer:
    token = call.token
    return Answer(
        body={
            "login": token.login,
            "id": token.account,
            "expires_at": token.expires_at.isoformat(),
        }
    )


def _repositories(api: Api, call: Call) -> Answer:
    return pages.page(call, _readable(api, call, pages.after(call)))


def _readable(api: Api, call: Call, after: str) -> Iterator[tuple[str, Json]]:
    for name in sorted(name for name in api.repositories if name > after):
        found = readable(api, call.token, name)
        if found is not None:
            yield name, {"name": found.full_name, "permission": found.permission.value}


ROUTES = (
    Route(
        method="GET",
        path="/me",
        name="me",
        summary="Whose the token is, and when it expires",
        handle=_me,
        answers={
            200: {
                "type": "object",
                "required": ["login", "id", "expires_at"],
                "properties": {"login": _TEXT, "id": {"type": "integer"}, "expires_at": _TIME},
            }
        },
    ),
    Route(
        method="GET",
        path="/repositories",
        name="repositories",
        summary="The repositories that this server serves and that you may read",
        handle=_repositories,
        query=pages.QUERY,
        answers={
            200: pages.listed(
                {
                    "type": "object",
                    "required": ["name", "permission"],
                    "properties": {
                        "name": _TEXT,
                        "permission": {
                            "type": "string",
                            "enum": [p.value for p in Permission if p is not Permission.NONE],
                        },
                    },
                }
            )
        },
    ),
)
