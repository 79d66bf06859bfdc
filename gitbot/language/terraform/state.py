"""Reads what Terraform's state knows of objects. Pure.

The form, version 4, is that of ``terraform state pull``: its documentation calls it internal, and it has been
the same since Terraform 0.12.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from gitbot.errors import UserError
from gitbot.language.terraform.tables import ROWS

Key: TypeAlias = "str | int | None"
"""The key of a copy: a text of ``for_each``, a number of ``count``, or None."""
_MODULE: Final = re.compile(r'module\.([^.\[]+)(?:\[("(?:[^"\\]|\\.)*"|\d+)\])?(?:\.|$)')


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """An object of a type that is known: its address in Terraform, in parts, and its attributes."""

    address: str
    modules: tuple[tuple[str, Key], ...]
    type: str
    name: str
    key: Key
    attributes: Mapping[str, Any] = field(repr=False)


def read_state(text: str, file: str) -> tuple[Instance, ...]:
    """The objects of known types in this text; ``file`` is its name in problems.

    Raises:
        UserError: the text is no state of version 4.
    """
    try:
        state = json.loads(text)
        resources = state["resources"] if state["version"] == 4 else None
        found = [list(_instances(one)) for one in resources or () if one["mode"] == "managed"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        resources = None
    if not isinstance(resources, list):
        raise UserError(
            f"{file} is no state of Terraform (version 4): write it with terraform state pull"
        )
    return tuple(one for each in found for one in each)


def _instances(resource: Mapping[str, Any]) -> Iterator[Instance]:
    type_, name, inside = resource["type"], resource["name"], resource.get("module", "")
    if type_ not in ROWS:
        return
    modules = tuple(_modules(inside))
    for instance in resource.get("instances") or []:
        key = instance.get("index_key")
        if not isinstance(key, (str, int, type(None))):
            raise ValueError(key)
        own = f"{type_}.{name}" if key is None else f"{type_}.{name}[{json.dumps(key)}]"
        yield Instance(
            address=f"{inside}.{own}" if inside else own,
            modules=modules,
            type=type_,
            name=name,
            key=key,
            attributes=dict(instance.get("attributes") or {}),
        )


def _modules(path: str) -> Iterator[tuple[str, Key]]:
    """The modules of an address such as ``module.net["a"].module.part``, each with its key."""
    at = 0
    while at < len(path):
        found = _MODULE.match(path, at)
        if found is None:
            raise ValueError(path)
        yield found[1], None if found[2] is None else json.loads(found[2])
        at = found.end()


def root_disk(instances: Iterable[Instance], own: tuple[str, str]) -> str | None:
    """The name of the root disk of the machines of this type and name; None if they differ or none is known."""
    found = {
        str(disk["device_name"])
        for one in instances
        if (one.type, one.name) == own
        for disk in _listed(one.attributes.get("root_block_device"))
        if isinstance(disk, Mapping) and disk.get("device_name")
    }
    return found.pop() if len(found) == 1 else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
