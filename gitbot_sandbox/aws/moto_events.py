"""Make moto's EventBridge have its rules in the index of tags. Shell.

https://docs.aws.amazon.com/resourcegroupstagging/latest/APIReference/supported-services.html
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitbot_sandbox.aws.moto_patch import wrap


def patch() -> None:
    """Make all patches of this module."""
    from moto.events.models import EventsBackend

    wrap(EventsBackend, "iter_tagged_resources", _and_rules)
    wrap(EventsBackend, "put_rule", _tagged_once)


def _and_rules(tagged: Any) -> Any:
    """Defect: the index of tags lacks rules."""

    def found(self: Any) -> Iterator[Any]:
        from moto.core.resource_tagging import TaggedResource

        yield from tagged(self)
        for bus in self.event_buses.values():
            for rule in bus.rules.values():
                tags = self.tagger.get_tag_dict_for_resource(rule.arn)
                yield TaggedResource(arn=rule.arn, tags=tags, resource_type="events:rule")

    return found


def _tagged_once(put: Any) -> Any:
    """Defect: tags of a rule that is there change, which AWS ignores.

    https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    """

    def done(
        self: Any, name: str, *, event_bus_arn: Any = None, tags: Any = None, **given: Any
    ) -> Any:
        bus = self.event_buses.get(self._normalize_event_bus_arn(event_bus_arn))
        new = None if bus is not None and name in bus.rules else tags
        return put(self, name, event_bus_arn=event_bus_arn, tags=new, **given)

    return done
