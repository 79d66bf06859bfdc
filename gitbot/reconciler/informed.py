"""Let expressions use what state has recorded, without asking the cloud. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from gitbot.model.desired import DesiredStack
from gitbot.model.recorded import RecordedStack
from gitbot.reconciler.across import give
from gitbot.reconciler.binding import Scope, attributes_of
from gitbot.reconciler.looked_up import Lookups, out_of


def inform(scope: Scope, desired: DesiredStack, recorded: Mapping[str, RecordedStack]) -> None:
    """Make known what the last applies recorded: resources, outputs of other stacks, lookups.

    ``recorded`` are the stacks of the environment by name. A lookup gets the answer that was kept if it
    still asks the same.
    """
    outputs = {name: one.outputs for name, one in recorded.items()}
    given = {
        use.key: outputs[use.producer][use.output].value
        for use in desired.uses
        if use.output in outputs.get(use.producer, {})
    }
    give(scope, replace(desired, given=given))
    own = recorded.get(desired.name)
    if own is None:
        return
    for address, one in own.resources.items():
        known = attributes_of(None, one.properties, one.attributes)
        scope.add(address, known, informed=True)
    kept = out_of(own.lookups.values(), (), fresh=False)
    Lookups(desired.lookups, kept).settle(scope)
