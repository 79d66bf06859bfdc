"""Finds secrets that a spec writes in plain text. Pure.

Git keeps what was written once, for everybody who may read the repository, and plans show it. A property that only
secrets are written into is an error. What only looks like a secret by its name or its value is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitbot.language.declared import Declared, Path, spell
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.templates import has_template
from gitbot.language.types import ResourceType
from gitbot.model.desired import Lifecycle
from gitbot.model.secret_looks import (
    is_surely_secret,
    looks_secret,
    may_hold_secret,
    names_secret,
    pair_name,
)
from gitbot.model.values import Value

_SECRETS: Final = re.compile(
    r"(?:Passwords?|SecretString|PrivateKey|ClientSecret|SharedSecret|SecretKey|SecretAccessKey|O[Aa]uthToken"
    r"|AuthToken|AccessToken)\Z"
)
"""Ends of the names of properties into which only secrets are written, whatever the type is."""
_TOKENS_OF_CALLS: Final = frozenset({"ClientToken", "ServiceToken"})
_HOW: Final = (
    "Keep it in the Parameter Store or in Secrets Manager, and name it here: "
    '${secret("ssm:/dev/db/password")}. The value that stands here is known to all who can read the '
    "repository, also when it is removed: choose another one."
)


def check_plain_secrets(declared: Declared, lifecycle: Lifecycle, problems: Problems) -> None:
    """Add an error for each secret that the resource writes in plain, and a warning for what may be one.

    What ``lifecycle.ignoreChanges`` names is left alone: somebody replaces it in the cloud.
    """
    ignored = {path.split("/")[1] for path in lifecycle.ignore_changes if path}
    name = declared.type.schema.name
    for path, names, text in texts_in(declared.properties):
        if _is_secret(declared.type, path, text):
            if path[0] in ignored:
                continue
            problems.add(
                "plain-secret",
                declared.place(path),
                f"{spell(path)} of {name} is a secret, and its value stands in the spec, where everybody who can "
                f"read the repository sees it.{declared.origin(path)}",
                _HOW,
            )
        elif _may_be_secret(declared.type, path, names, text):
            problems.warn(
                "looks-secret",
                declared.place(path),
                f"{spell(path)} of {name} looks like a secret, and its value stands in the spec, where everybody "
                f"who can read the repository sees it.{declared.origin(path)}",
                f"If it is one: {_HOW[0].lower()}{_HOW[1:]}",
            )


def check_plain_value(name: str, node: Node, problems: Problems) -> None:
    """Add a warning when the value that a sensitive variable is given here is written out."""
    text = node.text if node.text is not None else node.value
    if isinstance(text, str) and text and not has_template(text):
        problems.warn(
            "looks-secret",
            node,
            f"The variable {quoted(name)} is sensitive, and its value stands in the file, where everybody who can "
            "read the repository sees it.",
            _HOW,
        )


def _is_secret(type_: ResourceType, path: Path, text: str) -> bool:
    """Whether it is written into a property that takes secrets and nothing else."""
    name = next((step for step in reversed(path) if isinstance(step, str)), "")
    if name in _TOKENS_OF_CALLS or not looks_secret((name,), text) or not re.search(r"\w", text):
        return False
    if type_.schema_at(path) is None:
        return False
    pointer = "/" + "/".join("*" if isinstance(step, int) else step for step in path)
    kept = pointer.removesuffix("/*") in type_.schema.write_only and names_secret(name)
    return kept or bool(_SECRETS.search(name))


def _may_be_secret(type_: ResourceType, path: Path, names: tuple[str, ...], text: str) -> bool:
    """Whether a name that the spec gives, not the type, says so, or the value itself does."""
    if is_surely_secret(text):
        return True
    free = names and is_chosen(type_, path, names)
    return bool(free) and may_hold_secret(names[-1], text)


def is_chosen(type_: ResourceType, path: Path, names: tuple[str, ...]) -> bool:
    """Whether people chose the last name: the key of a map or the name in a pair, and no property of the type."""
    return names[-1] != path[-1] or type_.schema_at(path) is None


def texts_in(
    value: Value | Mapping[str, Value], path: Path = (), names: tuple[str, ...] = ()
) -> Iterator[tuple[Path, tuple[str, ...], str]]:
    """Every text that is written in plain, with its path, and the names on the way as people give them."""
    if isinstance(value, Mapping):
        pair = pair_name(value)
        for key, item in value.items():
            own: Any = pair if pair and key == "Value" else key
            yield from texts_in(item, (*path, key), (*names, own))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield from texts_in(item, (*path, at), names)
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        yield path, names, str(value)
