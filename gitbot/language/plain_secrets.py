"""Finds secrets that a spec writes in plain text. Pure.

Git keeps what was written once, for everybody who may read the repository, and plans show it. A property that only
secrets are written into is an error. What only looks like a secret by its name or its value is a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Final, TypeAlias

from gitbot.language.declared import Declared, Path, spell
from gitbot.language.nodes import Node
from gitbot.language.problems import Problems, quoted
from gitbot.language.templates import has_template
from gitbot.language.types import ResourceType
from gitbot.model.desired import Lifecycle
from gitbot.model.secret_looks import (
    holds_secret,
    is_surely_secret,
    looks_secret,
    may_hold_secret,
    names_secret,
)
from gitbot.model.secret_texts import names_of_item, own_name, pair_name
from gitbot.model.values import Value

_SECRETS: Final = re.compile(
    r"(?:Passwords?|SecretString|PrivateKey|ClientSecret|SharedSecret|SecretKey|SecretAccessKey|O[Aa]uthToken"
    r"|AuthToken|AccessToken)\Z"
)
"""Ends of the names of properties into which only secrets are written, whatever the type is."""
Worth: TypeAlias = Callable[[str, str, str], bool]
"""Whether a text is worth a look: by the name of its property, the name that people gave it, and itself."""
PlainText: TypeAlias = tuple[Path, tuple[str, ...], str]
_TEXTS: Final = (str, int)
_LONGEST_REMEMBERED: Final = 100
_TOKENS_OF_CALLS: Final = frozenset({"ClientToken", "ServiceToken"})
_HOW: Final = (
    "Keep it in the Parameter Store or in Secrets Manager, and name it here: "
    '${secret("ssm:/dev/db/password")}. The value that stands here is known to all who can read the '
    "repository, also when it is removed: choose another one."
)


def check_plain_secrets(
    declared: Declared,
    texts: Iterable[PlainText],
    lifecycle: Lifecycle,
    problems: Problems,
    *,
    as_it_is: bool = False,
) -> None:
    """Add an error for each secret that the resource writes in plain, and a warning for what may be one.

    ``as_it_is``: it stands in a template that others use too, so that an error would have it rewritten: all are warnings.

    ``texts`` are those of its properties; those that are not doubtful may be left out.
    What ``lifecycle.ignoreChanges`` names is left alone: somebody replaces it in the cloud.
    """
    ignored = {path.split("/")[1] for path in lifecycle.ignore_changes if path}
    name = declared.type.schema.name
    for path, names, text in texts:
        if _is_secret(declared.type, path, text):
            if path[0] in ignored:
                continue
            say, code = (
                (problems.warn, "looks-secret") if as_it_is else (problems.add, "plain-secret")
            )
            say(
                code,
                declared.place(path),
                f"{spell(path)} of {name} is a secret, and its value stands in the spec, where everybody who can "
                f"read the repository sees it.{declared.origin(path)}",
                _HOW,
            )
        elif _may_be_secret(declared.type, path, names, text):
            problems.warn(
                "looks-secret",
                declared.place(path),
                f"{spell(path)} of {name} {_look(text)}, and its value stands in the spec, where everybody "
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
    name = _last_name(path)
    if name in _TOKENS_OF_CALLS or not looks_secret((name,), text) or not re.search(r"\w", text):
        return False
    if type_.schema_at(path) is None:
        return False
    pointer = "/" + "/".join("*" if isinstance(step, int) else step for step in path)
    kept = pointer.removesuffix("/*") in type_.schema.write_only and names_secret(name)
    return kept or bool(_SECRETS.search(name))


def _may_be_secret(type_: ResourceType, path: Path, names: tuple[str, ...], text: str) -> bool:
    """Whether a name that the spec gives, not the type, says so, or the value itself does."""
    if _is_or_holds_one(text):
        return True
    # A colon is in no such name but those of conditions of policies: token.actions.githubusercontent.com:sub
    free = names and ":" not in names[-1] and is_chosen(type_, path, names)
    return bool(free) and may_hold_secret(names[-1], text)


def _look(text: str) -> str:
    is_inside = not is_surely_secret(text) and holds_secret(text)
    return "has what looks like a secret in it" if is_inside else "looks like a secret"


def is_chosen(type_: ResourceType, path: Path, names: tuple[str, ...]) -> bool:
    """Whether people chose the last name: the key of a map or the name in a pair, and no property of the type."""
    return names[-1] != path[-1] or type_.schema_at(path) is None


def every(name: str, own: str, text: str) -> bool:
    """A ``Worth`` that takes all texts."""
    return True


def texts_in(value: Value | Mapping[str, Value], worth: Worth = every) -> list[PlainText]:
    """Every text that is written in plain, with its path, and the names on the way as people give them.

    Those that are not ``worth`` a look are left out: that is asked before a path is made.
    """
    found: list[PlainText] = []
    _add_texts(value, (), (), worth, found)
    return found


def _add_texts(
    value: Value | Mapping[str, Value],
    path: Path,
    names: tuple[str, ...],
    worth: Worth,
    found: list[PlainText],
) -> None:
    if isinstance(value, (dict, Mapping)):
        pair = pair_name(value)
        for key, item in value.items():
            own = own_name(pair, key)
            if type(item) not in _TEXTS:
                _add_texts(item, (*path, key), (*names, own), worth, found)
            elif worth(key, own, str(item)):
                found.append(((*path, key), (*names, own), str(item)))
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            called = names_of_item(names, value, at)
            if type(item) not in _TEXTS:
                _add_texts(item, (*path, at), called, worth, found)
            elif worth(_last_name(path), called[-1] if called else "", str(item)):
                found.append(((*path, at), called, str(item)))
    elif isinstance(value, (str, int)) and not isinstance(value, bool):
        found.append((path, names, str(value)))


def _last_name(path: Path) -> str:
    return next((step for step in reversed(path) if isinstance(step, str)), "")


def is_doubtful(name: str, own: str, text: str) -> bool:
    """Whether the text may be a secret by the name of its property, the name that people gave it, or itself."""
    if _may_take_secrets(name) or (own != name and _may_take_secrets(own)):
        return True
    return (_looked_at if len(text) <= _LONGEST_REMEMBERED else _is_or_holds_one)(text)


def _is_or_holds_one(text: str) -> bool:
    return is_surely_secret(text) or holds_secret(text)


_looked_at: Callable[[str], bool] = lru_cache(maxsize=4096)(_is_or_holds_one)


@lru_cache(maxsize=4096)
def _may_take_secrets(name: str) -> bool:
    return names_secret(name) or bool(_SECRETS.search(name))
