"""The server's settings: environment variables over an optional YAML file's mapping, read once. Pure.

Every setting is one field of ``Settings``; its environment variable is ``GITBOT_`` and the field's
name in capitals. Secrets may be given as files: ``GITBOT_WEBHOOK_SECRET_FILE=/run/secrets/hook``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from gitbot.errors import UserError

PREFIX = "GITBOT_"
COMMAND_LINE = {"GITBOT_STORE"}
"""Variables that only commands read."""


REQUIRED = {"webhook_secret", "repositories"}
"""What has an empty default and must be set for a server all the same."""


def _setting(help_: str, **more: Any) -> Any:
    secret = more.pop("secret", False)
    return field(metadata={"help": help_, "secret": secret}, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server needs to know. Secrets do not show in its ``repr``."""

    data: Path = _setting("folder of databases, mirrors and caches", default=Path(".gitbot"))  # noqa: RUF009  (a field)
    hash_key: str = _setting(
        "key of the keyed hashes that stand for sensitive values; 32 characters or more",
        secret=True,
        repr=False,
    )
    webhook_secret: str = _setting(
        "secret of the webhook; several, newest first, are separated by commas while it is rotated",
        secret=True,
        repr=False,
        default="",
    )
    github_url: str = _setting("GitHub's API", default="https://api.github.com")
    github_token: str = _setting(
        "token to work with, where no App is set up", secret=True, repr=False, default=""
    )
    github_app_id: str = _setting("id of the GitHub App", default="")
    github_app_key: str = _setting(
        "private key of the GitHub App, PEM", secret=True, repr=False, default=""
    )
    repositories: tuple[str, ...] = _setting(
        "the repositories served, owner/name, separated by commas; any other is refused", default=()
    )
    branch: str = _setting("the tracked branch; empty: the default branch", default="")
    listen: str = _setting("address and port of the webhook listener", default="127.0.0.1:8080")
    parallelism: int = _setting("resources changed at once in one apply", default=10)
    lease_s: int = _setting("seconds that a lease outlives a process that died", default=60)
    sweep_s: int = _setting(
        "seconds between looks for what a lost webhook left undone", default=300
    )
    keep_runs: int = _setting(
        "days that plans and applies are kept; the last of anything stays", default=180
    )
    drain_s: int = _setting("seconds that a stopping server waits for running applies", default=600)


def settings_table() -> tuple[tuple[str, str, str], ...]:
    """Rows for people: environment variable, default (or that it is required), help."""
    rows = []
    for item in dataclasses.fields(Settings):
        needed = item.default is dataclasses.MISSING or item.name in REQUIRED
        default = "required" if needed else _show(item.default)
        rows.append((PREFIX + item.name.upper(), default, item.metadata["help"]))
    return tuple(rows)


def load_settings(
    environ: Mapping[str, str],
    file: Mapping[str, Any],
    read_file: Callable[[str], str],
    *,
    server: bool = True,
) -> Settings:
    """The settings from ``file`` (field names as keys) overlaid by ``environ``.

    ``server``: what only a server needs (a webhook secret, an identity on GitHub, a repository)
    must be there too.

    Raises:
        UserError: every unknown key, missing or malformed value, all in one message.
    """
    fields = {item.name: item for item in dataclasses.fields(Settings)}
    problems = [f"{name} in the settings file is no setting" for name in file if name not in fields]
    problems += _unknown_variables(environ, fields)
    values: dict[str, Any] = {}
    for name, item in fields.items():
        variable = PREFIX + name.upper()
        raw: Any = environ.get(variable, file.get(name))
        if raw is None and item.metadata["secret"] and environ.get(variable + "_FILE"):
            try:
                raw = read_file(environ[variable + "_FILE"]).strip()
            except OSError as error:
                problems.append(f"{variable}_FILE cannot be read: {error}")
                continue
        if raw is None:
            if item.default is dataclasses.MISSING:
                problems.append(f"{variable} is not set: {item.metadata['help']}")
            continue
        try:
            values[name] = _parse(raw, str(item.type))
        except ValueError as error:
            problems.append(f"{variable} {error}")
    if len(values.get("hash_key", "x" * 32)) < 32:
        problems.append(
            f"{PREFIX}HASH_KEY is shorter than 32 characters: make one with `openssl rand -hex 32`"
        )
    if server:
        problems += _server_problems(values)
    if problems:
        raise UserError("the settings do not work:\n" + "\n".join(f"  - {one}" for one in problems))
    return Settings(**values)


def _unknown_variables(environ: Mapping[str, str], fields: Mapping[str, Any]) -> list[str]:
    """Misspelt variables; those that only the command line reads are known too."""
    known = {PREFIX + name.upper() for name in fields}
    known |= {PREFIX + n.upper() + "_FILE" for n, item in fields.items() if item.metadata["secret"]}
    known |= COMMAND_LINE
    found = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            found.append(f"{name} is no setting" + (f": did you mean {close[0]}?" if close else ""))
    return found


def _server_problems(values: Mapping[str, Any]) -> list[str]:
    problems = []
    if not values.get("webhook_secret"):
        problems.append("GITBOT_WEBHOOK_SECRET is empty: unsigned webhooks are never accepted")
    elif any(0 < len(part.strip()) < 16 for part in values["webhook_secret"].split(",")):
        problems.append(
            "GITBOT_WEBHOOK_SECRET is shorter than 16 characters: make one with "
            "`openssl rand -hex 32` and give it to the webhook too"
        )
    id_, key = values.get("github_app_id"), values.get("github_app_key")
    if bool(id_) != bool(key):
        missing = "GITBOT_GITHUB_APP_KEY(_FILE)" if id_ else "GITBOT_GITHUB_APP_ID"
        problems.append(f"{missing} is not set: an App needs its id and its private key")
    elif not values.get("github_token") and not id_:
        problems.append(
            "no GitHub identity: set GITBOT_GITHUB_APP_ID and GITBOT_GITHUB_APP_KEY(_FILE), "
            "or GITBOT_GITHUB_TOKEN"
        )
    if not values.get("repositories"):
        problems.append("GITBOT_REPOSITORIES is empty: name the repositories, owner/name")
    if not re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[^:\s]+):[0-9]{1,5}", values.get("listen", "a:1")):
        problems.append(f"GITBOT_LISTEN is not address:port: {values['listen']!r}")
    return problems


def _parse(raw: Any, type_: str) -> Any:
    if type_ == "int":
        try:
            number = int(raw)
        except (TypeError, ValueError):
            raise ValueError(f"is not a whole number: {raw!r}") from None
        if number <= 0:
            raise ValueError(f"must be above 0, not {number}")
        return number
    if type_ == "Path":
        return Path(str(raw)).expanduser()
    if type_.startswith("tuple"):
        items = raw if isinstance(raw, list) else str(raw).split(",")
        return tuple(item.strip() for item in items if item.strip())
    return str(raw)


def _show(default: Any) -> str:
    return ", ".join(default) if isinstance(default, tuple) else str(default)
