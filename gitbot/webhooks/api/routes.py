"""What a route of the API is: the server and the OpenAPI document are both made from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gitbot.jobs.steps.look import Ports
from gitbot.model.desired import Permission
from gitbot.model.logins import ApiToken
from gitbot.model.values import Json
from gitbot.ports.forge import Forge
from gitbot.ports.logins import DeviceLogins

Schema = Mapping[str, Any]

ROOT = "/api/v1"
"""What every path of the API begins with."""

NAMES: Mapping[str, Schema] = {
    "owner": {"type": "string", "pattern": r"^[A-Za-z0-9][A-Za-z0-9-]{0,99}$"},
    "name": {"type": "string", "pattern": r"^[A-Za-z0-9._-]{1,100}$"},
    "handle": {"type": "string", "pattern": r"^[A-Za-z0-9_-]{43}$"},
    "environment": {"type": "string", "pattern": r"^[a-z][a-z0-9-]{0,62}$"},
    "stack": {"type": "string", "pattern": r"^[a-z][a-z0-9-]{0,62}(@[a-z0-9-]{1,32})?$"},
    "plan": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    # As many digits as a database takes for a whole number: ids have up to 62 bits.
    "apply": {"type": "string", "pattern": "^([0-9]{1,18}|[1-4][0-9]{18})$"},
}
"""The parts of paths. A part that does not fit is not found."""

_PART = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    """What the routes work with. ``repositories`` are the full names of those that are served.

    Without ``device_logins`` nobody can sign in.
    """

    ports: Ports
    repositories: Sequence[str]
    device_logins: DeviceLogins | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """A repository that the caller may read, and their permission on it now."""

    id: str
    full_name: str
    permission: Permission
    forge: Forge


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request that was checked: whoever has it need check nothing of it again.

    ``address`` is the path that was asked for, ``caller`` the network address it came from.
    ``token`` is there unless the route is public, ``repository`` where the path names one.
    """

    path: Mapping[str, str]
    query: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    address: str = ""
    caller: str = ""
    given_token: ApiToken | None = None
    given_repository: Readable | None = None

    @property
    def token(self) -> ApiToken:
        """The caller's token: who they are."""
        assert self.given_token is not None
        return self.given_token

    @property
    def repository(self) -> Readable:
        """The repository that the path names."""
        assert self.given_repository is not None
        return self.given_repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a route answers. Without a ``body`` the answer is empty."""

    status: int = 200
    body: Json = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route: its ``path`` below the API's root, and what goes in and comes out.

    ``answers`` are the schemas of the bodies by status, None: no body. ``problems`` are the statuses
    that the route itself may refuse with; those that every route has are added. ``public``: without
    a token. ``rare``: people ask for it seldom, so there is a limit of its own for it. A route whose path has ``{owner}`` and ``{name}`` is reached only by who may read that
    repository on GitHub now.
    """

    method: str
    path: str
    name: str
    summary: str
    handle: Callable[[Api, Call], Answer]
    answers: Mapping[int, Schema | None]
    problems: frozenset[int] = frozenset()
    query: Mapping[str, Schema] = field(default_factory=dict)
    body: Schema | None = None
    public: bool = False
    rare: bool = False

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the parts of the path that vary."""
        return tuple(_PART.findall(self.path))

    @property
    def of_repository(self) -> bool:
        """Whether the path names a repository."""
        return "owner" in self.parts

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return _PART.sub(r"<\1>", self.path)
