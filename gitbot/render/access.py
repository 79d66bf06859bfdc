"""Finds what a change opens to everybody, and what hides who may do what. Pure.

This decides only what people see first and what a merge cannot agree to unseen. It refuses nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import ip_network

from gitbot.model.plan import Action, Change, PathChange
from gitbot.model.values import Redacted, Sensitive, Unknown, Value, leaves
from gitbot.render.statements import allows_no_more, json_in, loosened, parts_of, statements_in

_WIDE = {4: 8, 6: 16}
"""A public network with so short a prefix counts as open: ``0.0.0.0/0``, but ``0.0.0.0/1`` too."""

_GIVES_ACCESS = (
    "AccessControl",
    "AssumeRolePolicyDocument",
    "AuthType",
    "Cidr",
    "ManagedPolicyArns",
    "NetworkAcl",
    "PermissionsBoundary",
    "Policies",
    "Policy",
    "Principal",
    "PublicAccess",
    "PubliclyAccessible",
    "SecurityGroup",
)
"""Parts of the names of properties that say who may reach or do something."""

_RULES = ("SecurityGroup", "Cidrs")
"""Parts of the names of lists whose elements allow something; taking one out opens nothing."""

_SOURCE = "Cidr"
"""How names of properties begin that say from where a rule allows something; without one it allows less."""

_GRANTS = ("AccessControl", "ManagedPolic")
"""Parts of the names of properties whose values give something: a canned ACL, a policy that somebody has."""

_DENIES = ("deny", "quarantine")
"""Parts of the names of managed policies that forbid something, as AWSDenyAll and AWSCompromisedKeyQuarantine do."""

_NOT_ABOUT_ACCESS = ("LifecyclePolic", "MaintenancePolic", "ScalingPolic", "TerminationPolic")
"""Parts of the names of policies that say nothing of who may do what."""

_RUNS = ("Command", "Code", "EntryPoint", "Image", "Script", "UserData")
"""Parts of the names of properties that say what a machine, a function or a container runs."""

_OPEN_VALUES = frozenset(
    {"PublicRead", "PublicReadWrite", "AuthenticatedRead", "AdministratorAccess"}
)
_OPEN_WHEN_TRUE = frozenset(
    {"AssociatePublicIpAddress", "MapPublicIpOnLaunch", "PubliclyAccessible"}
)
_OPEN_WHEN_FALSE = frozenset(
    {"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"}
)
_ALL_BUT = ("NotPrincipal", "NotAction")
"""Parts of a statement that name who is not meant, or what: all others are."""


def opened(change: Change) -> tuple[str, ...]:
    """What the change opens, in words such as ``0.0.0.0/0``, each once; empty for none."""
    if change.action in (Action.DELETE, Action.FORGET):
        return ()
    return tuple(dict.fromkeys(found for path in change.paths for found in _opened(path)))


def hidden(change: Change) -> tuple[str, ...]:
    """The paths of the change that say who may do what, or what runs, and that hide a value."""
    return tuple(path.path for path in change.paths if _is_hidden(path))


def _is_hidden(path: PathChange) -> bool:
    names = (*path.path.split("/"), *_keys(path.after))
    telling = any(part in name for name in names for part in (*_GIVES_ACCESS, *_RUNS))
    return telling and any(map(_hides, leaves(path.after)))


def _hides(leaf: Value) -> bool:
    return isinstance(leaf, (Redacted, Sensitive)) or (isinstance(leaf, Unknown) and leaf.sensitive)


def _keys(value: Value) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield key
            yield from _keys(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _keys(item)


def _opened(path: PathChange) -> Iterator[str]:
    parts = parts_of(path)
    if parts is not None:
        before, after = parts
        yield from loosened(before, after)
        if path.effect == "Allow":
            yield from _of_statement(after, before)
            yield from _of_parts(after, before)
        return
    if path.removed and not _is_statement(path.before) and _only_limits(path):
        yield f"access: {_name(path)} is removed"
    else:
        yield from loosened(path.before, path.after)
    yield from _of_value(_name(path), path.after, path.before)


def _name(path: PathChange) -> str:
    return next((name for name in reversed(path.path.split("/")) if not name.isdigit()), "")


def _only_limits(path: PathChange) -> bool:
    """Whether what is removed is about access and is no rule that allows something.

    A condition, a refusal or a block of public access may be what goes.
    """
    names, name = path.path.split("/"), _name(path)
    gives = any(part in each for each in names for part in _GIVES_ACCESS)
    gives = gives and not any(part in each for each in names for part in _NOT_ABOUT_ACCESS)
    allows = names[-1].isdigit() and any(part in name for part in _RULES)
    allows = allows or name.startswith(_SOURCE) or _only_allows(path.before)
    return gives and not (allows or _only_grants(name, path.before))


def _is_statement(value: Value) -> bool:
    return isinstance(value, Mapping) and value.get("Effect") in ("Allow", "Deny")


def _only_allows(value: Value) -> bool:
    """Whether the value is of statements that allow, and of none that denies: without them less is allowed."""
    found = [*statements_in(value)]
    return bool(found) and all(one is not None and one["Effect"] == "Allow" for one in found)


def _only_grants(name: str, value: Value) -> bool:
    """Whether the value is of what gives something, by its name, and of nothing that forbids."""
    said = [leaf.lower() if isinstance(leaf, str) else "" for leaf in leaves(value)]
    forbids = any(not leaf or any(part in leaf for part in _DENIES) for leaf in said)
    return any(part in name for part in _GRANTS) and not forbids


def _of_value(name: str, value: Value, before: Value = None) -> Iterator[str]:
    """What the value opens; what was in it ``before`` opens nothing that was not open."""
    if value == before:
        return
    if isinstance(value, Mapping):
        if value.get("Effect") != "Deny" and not allows_no_more(value, before):
            was = before if isinstance(before, Mapping) and "Effect" not in value else {}
            yield from _of_statement(value, was)
            yield from _of_parts(value, was)
    elif isinstance(value, (list, tuple)):
        yield from _of_items(name, value, before if isinstance(before, (list, tuple)) else ())
    elif isinstance(value, Unknown):
        yield from _of_expression(name, value)
    elif isinstance(value, str):
        yield from _of_string(name, value, before)
    elif (value is True and name in _OPEN_WHEN_TRUE) or (
        value is False and name in _OPEN_WHEN_FALSE
    ):
        yield f"{name}: {json.dumps(value)}"


def _of_parts(value: Mapping[str, Value], before: Mapping[str, Value]) -> Iterator[str]:
    for key, item in value.items():
        yield from _of_value(key, item, before.get(key))


def _of_items(name: str, value: Sequence[Value], before: Sequence[Value]) -> Iterator[str]:
    for item in value:
        if item not in before and not any(allows_no_more(item, each) for each in before):
            yield from _of_value(name, item)


def _of_statement(value: Mapping[str, Value], before: Mapping[str, Value]) -> Iterator[str]:
    """What a statement of a policy gives to everybody, or gives altogether, and did not ``before``."""
    given = {
        key: [leaf for leaf in leaves(value[key]) if leaf not in [*leaves(before.get(key))]]
        for key in ("Principal", "Action", *_ALL_BUT)
        if key in value
    }
    if "*" in given.get("Principal", ()):
        yield 'Principal "*"'
    for leaf in given.get("Action", ()):
        if isinstance(leaf, str) and (leaf == "*" or leaf.endswith(":*")):
            yield f'Action "{leaf}"'
    for key in _ALL_BUT:
        if key in given and key not in before and value.get("Effect") == "Allow":
            yield from (f'{key} "{leaf}"' for leaf in given[key] if isinstance(leaf, str))


def _of_expression(name: str, value: Unknown) -> Iterator[str]:
    if value.sensitive:
        return
    for everybody in ("0.0.0.0/0", "::/0"):
        if everybody in value.template:
            yield everybody
    for item in value.inputs.values():
        yield from _of_value(name, item)


def _of_string(name: str, value: str, before: Value) -> Iterator[str]:
    last = value.rsplit("/", 1)[-1]
    if value in _OPEN_VALUES or last in _OPEN_VALUES:
        yield last
    elif _is_wide(value):
        yield value
    elif (name, value) in (("AuthType", "NONE"), ("Principal", "*")):
        yield f'{name} "{value}"'
    elif (parsed := json_in(value)) is not None:
        yield from _of_value(name, parsed, json_in(before) if isinstance(before, str) else before)


def _is_wide(text: str) -> bool:
    if "/" not in text:
        return False
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    return network.prefixlen == 0 or (
        network.prefixlen <= _WIDE[network.version] and not network.is_private
    )
