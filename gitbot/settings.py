"""The settings of the server, from environment variables and an optional YAML file. Pure.

Each setting is a field of ``Settings``. Its environment variable is ``GITBOT_`` and the name of the
field in capitals. A secret can be in a file: ``GITBOT_WEBHOOK_SECRET_FILE=/run/secrets/hook``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from gitbot.errors import UserError
from gitbot.model.places import database_of
from gitbot.model.state_keys import state_keys

PREFIX = "GITBOT_"
COMMAND_LINE = {"GITBOT_SERVER", "GITBOT_STORE", "GITBOT_STORE_KEY"}
"""Variables that only commands read."""

LOGS = ("text", "json")
"""How log lines can be written."""

_ADDRESS = re.compile(r"(\[[0-9a-fA-F:]+\]|[^:\s]+):[0-9]{1,5}")

REQUIRED = {"webhook_secret", "repositories"}
"""Settings with an empty default that a server needs."""


def _setting(help_: str, **more: Any) -> Any:
    secret = more.pop("secret", False)
    return field(metadata={"help": help_, "secret": secret}, **more)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """The settings of a server. Its ``repr`` does not show secrets."""

    data: Path = _setting("folder of databases, mirrors and caches", default=Path(".gitbot"))  # noqa: RUF009  (a field)
    database: str = _setting(
        "database of PostgreSQL, postgresql://user:password@host/name; empty: files of SQLite in "
        "GITBOT_DATA",
        secret=True,
        repr=False,
        default="",
    )
    database_direct: str = _setting(
        "the same database without the pooler, where GITBOT_DATABASE goes through one that gives each "
        "transaction a connection",
        secret=True,
        repr=False,
        default="",
    )
    hash_key: str = _setting(
        "key of the keyed hashes that stand for sensitive values; 32 characters or more",
        secret=True,
        repr=False,
    )
    state_key: str = _setting(
        "key that encrypts the values of state: 32 bytes in base64, or kms:KEY-ARN; while you change it, "
        "the new and the old one, separated by a comma; empty: they are in plain text",
        secret=True,
        repr=False,
        default="",
    )
    webhook_secret: str = _setting(
        "secret of the webhook; while you change it, the new and the old one, separated by a comma",
        secret=True,
        repr=False,
        default="",
    )
    github_url: str = _setting("GitHub's API", default="https://api.github.com")
    github_token: str = _setting(
        "token to use when no GitHub App is set up", secret=True, repr=False, default=""
    )
    github_app_id: str = _setting("id of the GitHub App", default="")
    github_app_key: str = _setting(
        "private key of the GitHub App, PEM", secret=True, repr=False, default=""
    )
    client_id: str = _setting(
        "client id of the GitHub App, for `gitbot login`; empty: nobody can sign in", default=""
    )
    client_secret: str = _setting(
        "client secret of the GitHub App, for `gitbot login`", secret=True, repr=False, default=""
    )
    repositories: tuple[str, ...] = _setting(
        "the repositories to serve, owner/name, separated by commas; others are ignored", default=()
    )
    branch: str = _setting("the tracked branch; empty: the default branch", default="")
    listen: str = _setting("address and port of the webhook listener", default="127.0.0.1:8080")
    metrics_listen: str = _setting(
        "address and port of the metrics for Prometheus, such as 127.0.0.1:9090; empty: none. Keep it "
        "off the internet",
        default="",
    )
    log: str = _setting("how log lines are written: text or json", default="text")
    proxies: int = _setting(
        "how many reverse proxies are in front of the server; the limits of the API count by the "
        "address that the outermost of them tells in X-Forwarded-For",
        default=0,
    )
    parallelism: int = _setting("how many resources one apply changes at once", default=10)
    lease_s: int = _setting("seconds after which the lease of a dead process expires", default=60)
    turn_s: int = _setting(
        "seconds after which the emptying of a bucket lets other applies have their turn",
        default=300,
    )
    sweep_s: int = _setting(
        "seconds between searches for what a lost webhook left undone", default=300
    )
    tick_s: int = _setting("seconds between looks for what a schedule makes due", default=5)
    keep_runs: int = _setting(
        "days after which plans and applies are deleted; the newest of each kind stay", default=180
    )
    calendar: str = _setting(
        "file with the seconds that the time of schedules is ahead; only a sandbox sets it",
        default="",
    )
    drain_s: int = _setting(
        "seconds that a server waits for running applies when it stops", default=600
    )


def settings_table() -> tuple[tuple[str, str, str], ...]:
    """The settings as rows: environment variable, default (or ``required``), help."""
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
    """The settings from ``file`` (with field names as keys), overridden by ``environ``.

    ``server``: also require what only a server needs: a webhook secret, an identity on GitHub and a
    repository.

    Raises:
        UserError: there are unknown names, or missing or malformed values; the message lists all.
    """
    fields = {item.name: item for item in dataclasses.fields(Settings)}
    problems = [
        f"{name} in the settings file is not a setting" for name in file if name not in fields
    ]
    problems += _unknown_variables(environ, fields)
    values: dict[str, Any] = {}
    for name, item in fields.items():
        variable = PREFIX + name.upper()
        try:
            raw = _raw(item, variable, environ, file, read_file)
            if raw is not None:
                values[name] = _parse(raw, str(item.type), least=0 if item.default == 0 else 1)
        except OSError as error:
            problems.append(f"{variable}_FILE cannot be read: {error}")
        except ValueError as error:
            problems.append(f"{variable} {error}")
    problems += _key_problems(values)
    if server:
        problems += _server_problems(values)
    if problems:
        raise UserError("the settings do not work:\n" + "\n".join(f"  - {one}" for one in problems))
    return Settings(**values)


def _key_problems(values: Mapping[str, Any]) -> list[str]:
    found = []
    if len(values.get("hash_key", "x" * 32)) < 32:
        found.append(
            f"{PREFIX}HASH_KEY is shorter than 32 characters: make one with `openssl rand -hex 32`"
        )
    try:
        state_keys(values.get("state_key", ""))
    except UserError as error:
        found.append(str(error))
    return found


def _raw(
    item: dataclasses.Field[Any],
    variable: str,
    environ: Mapping[str, str],
    file: Mapping[str, Any],
    read_file: Callable[[str], str],
) -> Any:
    """The setting as given; None when it is not set and has a default.

    Raises:
        OSError: the file with the secret cannot be read.
        ValueError: the setting is not set and has no default.
    """
    raw: Any = environ.get(variable, file.get(item.name))
    if raw is None and item.metadata["secret"]:
        raw = secret_in(environ, variable, read_file)
    if raw is None and item.default is dataclasses.MISSING:
        raise ValueError(f"is not set: {item.metadata['help']}")
    return raw


def secret_in(
    environ: Mapping[str, str], variable: str, read_file: Callable[[str], str]
) -> str | None:
    """The secret in this variable, or in the file that the variable with ``_FILE`` behind names; None: in neither.

    Raises:
        OSError: the file cannot be read.
    """
    given, file = environ.get(variable), environ.get(f"{variable}_FILE")
    return read_file(file).strip() if given is None and file else given


def _unknown_variables(environ: Mapping[str, str], fields: Mapping[str, Any]) -> list[str]:
    """A problem for each variable with our prefix that is neither a setting nor for commands."""
    known = {PREFIX + name.upper() for name in fields}
    known |= {PREFIX + n.upper() + "_FILE" for n, item in fields.items() if item.metadata["secret"]}
    known |= COMMAND_LINE | {"GITBOT_STORE_KEY_FILE"}
    found = []
    for name in sorted(environ):
        if name.startswith(PREFIX) and name not in known:
            close = get_close_matches(name, known, n=1)
            found.append(
                f"{name} is not a setting" + (f": did you mean {close[0]}?" if close else "")
            )
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
    problems += _identity_problems(values)
    problems += _database_problems(values)
    problems += _address_problems(values.get("github_url", ""))
    if values.get("calendar") and urlsplit(values.get("github_url", "")).scheme != "http":
        problems.append("GITBOT_CALENDAR is for a sandbox: it needs a GitHub on this machine")
    if not values.get("repositories"):
        problems.append("GITBOT_REPOSITORIES is empty: name the repositories, owner/name")
    for name in ("listen", "metrics_listen"):
        given = values.get(name, "a:1")
        if not _ADDRESS.fullmatch(given) and (given or name == "listen"):
            problems.append(f"{PREFIX}{name.upper()} is not address:port: {given!r}")
    if values.get("log", "text") not in LOGS:
        problems.append(f"GITBOT_LOG is not one of {', '.join(LOGS)}: {values['log']!r}")
    return problems


def _identity_problems(values: Mapping[str, Any]) -> list[str]:
    """What is wrong with how the server, and people at it, sign in to GitHub."""
    found = []
    id_, key = values.get("github_app_id"), values.get("github_app_key")
    if bool(id_) != bool(key):
        missing = "GITBOT_GITHUB_APP_KEY(_FILE)" if id_ else "GITBOT_GITHUB_APP_ID"
        found.append(f"{missing} is not set: an App needs its id and its private key")
    elif not values.get("github_token") and not id_:
        found.append(
            "no GitHub identity: set GITBOT_GITHUB_APP_ID and GITBOT_GITHUB_APP_KEY(_FILE), "
            "or GITBOT_GITHUB_TOKEN"
        )
    if bool(values.get("client_id")) != bool(values.get("client_secret")):
        found.append(
            "GITBOT_CLIENT_ID and GITBOT_CLIENT_SECRET go together: one is set without the other"
        )
    return found


def _database_problems(values: Mapping[str, Any]) -> list[str]:
    found = []
    for name in ("database", "database_direct"):
        try:
            database_of(values.get(name) or "postgresql://none/none")
        except UserError as error:
            found.append(f"{PREFIX}{name.upper()} does not work: {error}")
    if values.get("database_direct") and not values.get("database"):
        found.append(f"{PREFIX}DATABASE_DIRECT goes with {PREFIX}DATABASE, which is not set")
    return found


def _address_problems(url: str) -> list[str]:
    """Tokens go to this address, so it must be encrypted, or on this machine."""
    found = urlsplit(url)
    if found.scheme == "https" or not url:
        return []
    if found.scheme == "http" and found.hostname in ("127.0.0.1", "localhost", "::1"):
        return []
    return [f"GITBOT_GITHUB_URL must begin with https:// (http:// only for this machine): {url!r}"]


def _parse(raw: Any, type_: str, *, least: int) -> Any:
    if type_ == "int":
        try:
            number = int(raw)
        except (TypeError, ValueError):
            raise ValueError(f"is not a whole number: {raw!r}") from None
        if number < least:
            raise ValueError(f"must be above {least - 1}, not {number}")
        return number
    if type_ == "Path":
        return Path(str(raw)).expanduser()
    if type_.startswith("tuple"):
        items = raw if isinstance(raw, list) else str(raw).split(",")
        return tuple(item.strip() for item in items if item.strip())
    return str(raw)


def _show(default: Any) -> str:
    return ", ".join(default) if isinstance(default, tuple) else str(default)
