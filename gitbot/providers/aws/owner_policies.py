"""Serve policies that belong to one other object, and are set by a call for that object. Pure.

CloudFormation lets one policy be that of many objects. gitbot takes one: then the policy is an object
that can be read, adopted and told apart.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.model.cloud import Operation
from gitbot.providers.aws.policy_documents import normalised_policy
from gitbot.providers.aws.refining import Refine, refining
from gitbot.providers.aws.table import Described, Properties

DOCUMENT = "PolicyDocument"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPolicy:
    """How the calls of a type of policies are made; the fields of its ``Table`` are methods of this.

    ``owners`` is the property with the object, in a list, and ``owner`` the object's identifier in
    descriptions. ``setting`` makes the parameters of the call that sets a policy.
    """

    owners: str
    owner: str
    setting: Callable[[str, Any], Properties]

    @property
    def sends(self) -> tuple[str, ...]:
        """See ``Create``."""
        return (self.owners, DOCUMENT)

    @property
    def refine(self) -> Refine:
        """See ``Table``."""
        return refining({self.owners: {"minItems": 1, "maxItems": 1}, DOCUMENT: {"minLength": 1}})

    def owner_of(self, properties: Properties) -> str:
        """The identifier of the object in a spec."""
        [owner] = properties[self.owners]
        return str(owner)

    def keyed(self, _: Any, operation: Operation) -> list[str]:
        """See ``Plain``."""
        return [self.owner_of(operation.properties)]

    def gives(self, _: Any, properties: Properties) -> str:
        """See ``Create``."""
        return self.owner_of(properties)

    def made(self, operation: Operation) -> Properties:
        """``parameters`` of ``Create``."""
        given = operation.properties
        return self.setting(self.owner_of(given), given[DOCUMENT])

    def changed(self, values: Properties, described: Described) -> Properties:
        """``parameters`` of ``Update``."""
        return self.setting(described[self.owner], values[DOCUMENT])

    def shown(self, described: Described) -> Mapping[str, Any]:
        """``shows`` of ``Table``."""
        owner, document = described[self.owner], normalised_policy(described["Policy"])
        return {"Id": owner, self.owners: [owner], DOCUMENT: document}


def normalised(properties: Properties) -> dict[str, Any]:
    """``normalise`` of ``Table``."""
    more = {DOCUMENT: normalised_policy(properties[DOCUMENT])} if DOCUMENT in properties else {}
    return {**properties, **more}
