"""Reads the identifiers of objects from Terraform's state. Pure.

The form, version 4, is that of ``terraform state pull``: its documentation calls it internal, and it has been
the same since Terraform 0.12.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from gitbot.errors import UserError
from gitbot.language.terraform.tables import ROWS


def read_imports(text: str, file: str) -> Mapping[tuple[str, str], str]:
    """The identifiers that gitbot has for the objects, by Terraform's type and name.

    Objects in modules and copies are left out: their addresses are other ones here.

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
    found: dict[tuple[str, str], str] = {}
    for one in resources:
        row, instances = ROWS.get(one.get("type")), one.get("instances") or []
        single = len(instances) == 1 and "index_key" not in instances[0]
        if (
            row is None
            or not row.key
            or one.get("mode") != "managed"
            or "module" in one
            or not single
        ):
            continue
        identifier = instances[0].get("attributes", {}).get(row.key)
        if isinstance(identifier, str) and identifier:
            found[one["type"], one["name"]] = identifier
    return found
