"""Read the policies of a role or user from moto's IAM. Shell."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

Documents: TypeAlias = Sequence[Mapping[str, Any]]


def policies_of(account: str, partition: str, arn: str) -> Documents | None:
    """The documents of its policies, inline and attached; None if it does not exist."""
    # Imported here: moto belongs to an extra, and the gate is there without it.
    from moto.iam.models import iam_backends

    backend: Any = iam_backends[account][partition]
    name = arn.rpartition("/")[2]
    if ":role/" in arn:
        found = next((one for one in backend.roles.values() if one.name == name), None)
        inline = [] if found is None else [*found.policies.values()]
    else:
        found = backend.users.get(name)
        inline = (
            [] if found is None else [one["policy_document"] for one in found.policies.values()]
        )
    if found is None:
        return None
    attached = [_document(one) for one in found.managed_policies.values()]
    return [json.loads(one) for one in (*inline, *attached)]


def _document(policy: Any) -> str:
    return str(next(one.document for one in policy.versions if one.is_default))
