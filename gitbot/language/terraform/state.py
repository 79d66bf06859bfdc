"""Reads the identifiers of objects from Terraform's state. Pure.

The form, version 4, is that of ``terraform state pull``: its documentation calls it internal, and it has been
the same since Terraform 0.12.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from gitbot.errors import UserError
from gitbot.language.terraform.tables import ROWS


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a state knows of the objects of known types.

    ``imports`` are the identifiers that gitbot has for them, by Terraform's type and name. ``left`` are the
    addresses of those that cannot be imported so: copies, and what is in modules.
    """

    imports: Mapping[tuple[str, str], str] = field(default_factory=dict)
    left: tuple[str, ...] = ()


def read_state(text: str, file: str) -> State:
    """The state in this text; ``file`` is its name in problems.

    Raises:
        UserError: the text is no state of version 4.
    """
    try:
        state = json.loads(text)
        resources = state["resources"] if state["version"] == 4 else None
    except (ValueError, KeyError, TypeError):
        resources = None
    if not isinstance(resources, list):
        raise UserError(
            f"{file} is no state of Terraform (version 4): write it with terraform state pull"
        )
    imports: dict[tuple[str, str], str] = {}
    left: list[str] = []
    for one in resources:
        row = ROWS.get(one.get("type"))
        if row is None or one.get("mode") != "managed":
            continue
        for address, instance in _instances(one):
            identifier = instance.get("attributes", {}).get(row.key)
            if address or not row.key or not isinstance(identifier, str) or not identifier:
                left.append(address or f"{one['type']}.{one['name']}")
            else:
                imports[one["type"], one["name"]] = identifier
    return State(imports=imports, left=tuple(left))


def _instances(resource: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Each object with its address; of the only one of a resource of the root module it is empty."""
    name = f"{resource['type']}.{resource['name']}"
    for instance in resource.get("instances") or []:
        inside = f"{resource['module']}." if "module" in resource else ""
        key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
        yield (f"{inside}{name}{key}" if inside or key else ""), instance
