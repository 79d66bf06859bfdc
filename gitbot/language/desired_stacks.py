"""Makes a DesiredStack of what the evaluation of a stack gave. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gitbot.language.drift_fields import drift_off
from gitbot.language.frame import Shared
from gitbot.language.hashing import desired_hash, spoken_values
from gitbot.language.regions import Instance
from gitbot.language.stack_outputs import StackOutputs
from gitbot.model.desired import DesiredOutput, DesiredStack, Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.expiry import Lifetime
from gitbot.model.lookups import DesiredLookup
from gitbot.model.names import Address
from gitbot.model.values import is_sensitive


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What is in one instance of a stack, whether or not it has problems."""

    shared: Shared
    outputs: Mapping[str, DesiredOutput]
    lookups: Mapping[Address, DesiredLookup]
    lifetime: Lifetime | None
    forgotten: frozenset[Address]


def desired_stack(
    fields: Mapping[str, Any],
    across: StackOutputs,
    instance: Instance,
    environment: Environment,
    found: Evaluated,
    source: SourceSpan,
) -> DesiredStack:
    """The instance of the stack, of whose document ``fields`` is what ``shape.read`` made."""
    metadata: dict[str, Any] = fields["metadata"]
    spec: dict[str, Any] = fields.get("spec") or {}
    resources, checks = found.shared.desired, found.shared.checks
    return DesiredStack(
        environment=instance.scope.name,
        name=instance.name or metadata["name"],
        region=environment.region,
        resources=resources,
        outputs=found.outputs,
        lookups=found.lookups,
        labels=metadata.get("labels") or {},
        uses=across.uses,
        moved_from=instance.moved_from,
        sensitive=_any_sensitive(found),
        drift_off=drift_off(spec.get("drift"), environment.timezone),
        lifetime=found.lifetime,
        promote=spec.get("promote", False),
        forgotten=found.forgotten,
        checks=checks,
        modules=tuple(sorted(found.shared.modules)),
        hash=desired_hash(
            environment.region,
            resources,
            found.outputs,
            found.lifetime,
            found.forgotten,
            checks,
            found.lookups,
        ),
        source=source,
    )


def _any_sensitive(found: Evaluated) -> bool:
    """Whether anything that the stack says must not be shown."""
    resources, written = found.shared.desired, found.shared.written
    said = (
        *(one.properties for at, one in resources.items() if not written[at].is_literal),
        *(one.value for one in found.outputs.values()),
        *spoken_values(resources, found.shared.checks),
    )
    return any(map(is_sensitive, said))
