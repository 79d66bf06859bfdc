"""Reads and evaluates ``placement``: as what machine a resource is started, and where. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from gitbot.language.nodes import Node, kind_name
from gitbot.language.problems import Problems, listed
from gitbot.language.scope import is_placeholder
from gitbot.language.trees import TreeEvaluator
from gitbot.language.written import Written
from gitbot.model.placement import Kind
from gitbot.model.values import Sensitive, Unknown, Value, is_sensitive

_LISTS: Final = ("instanceTypes", "subnets", "zones")


def placement_of(one: Written, evaluator: TreeEvaluator) -> Mapping[str, Value] | None:
    """The placement of the resource; None where there is none. What is wrong with it is a problem."""
    given: Mapping[str, Any] | None = one.fields.get("placement")
    node = one.node.get("placement")
    if given is None or node is None or one.type is None:
        return None
    kind = one.type.schema.placement
    if kind is None:
        one.problems.add(
            "no-placement",
            one.node.key_mark("placement"),
            f"{one.type_name} starts no machine, so it has no choice of machines and places.",
            "Remove placement.",
        )
        return None
    flags: dict[str, Value] = {
        name: True
        for name in ("spot", "onDemand")
        if name in given and _flag(name, given[name], evaluator, one.problems)
    }
    _check_together(one, given, node, kind)
    if "onDemand" in flags and "spot" not in flags:
        del flags["onDemand"]
    lists = {
        name: _list(name, given[name], evaluator, one.problems) for name in _LISTS if name in given
    }
    return {**flags, **{name: value for name, value in lists.items() if value is not None}}


def _check_together(one: Written, given: Mapping[str, Any], node: Node, kind: Kind) -> None:
    """What is said twice, or in vain."""
    declared = one.properties.value if one.properties is not None and one.properties.is_map else {}
    places = {name for name in (kind.subnet, kind.zone, *kind.places) if name in declared}
    for name, property_ in kind.chosen.items():
        twice = {property_} & declared.keys() if name == "instanceTypes" else places
        if name in given and twice:
            one.problems.add(
                "bad-placement",
                node.key_mark(name),
                f"{one.key} has placement.{name} and {listed(sorted(twice))}.",
                f"Remove {listed(sorted(twice))} from the properties.",
            )
    if "subnets" in given and "zones" in given:
        one.problems.add(
            "bad-placement",
            node.key_mark("zones"),
            "A subnet is in one zone, so placement takes subnets or zones.",
            "Keep one of them.",
        )
    if "onDemand" in given and "spot" not in given:
        one.problems.add(
            "bad-placement",
            node.key_mark("onDemand"),
            "Without placement.spot, everything is on demand.",
            "Remove placement.onDemand, or write spot: true.",
        )


def _flag(name: str, node: Node, evaluator: TreeEvaluator, problems: Problems) -> bool:
    """Whether it is switched on; a value that is not known before the apply is a problem."""
    value = evaluator.evaluate(node)
    if isinstance(value, Unknown) and is_placeholder(value):
        return False  # it has a problem already, or the module is only checked
    if not isinstance(value, bool):
        problems.add(
            "bad-placement",
            node,
            f"placement.{name} must be true or false before the apply; this is {kind_name(value)}.",
            'Write true, false, or a comparison: ${env.name == "dev"}.',
        )
    return value is True


def _list(name: str, node: Node, evaluator: TreeEvaluator, problems: Problems) -> Value:
    """The evaluated list; None if something is wrong with it."""
    value = evaluator.evaluate(node)
    if isinstance(value, Unknown) and not is_sensitive(value):
        return value
    wrong = next(_wrong(value), "")
    if not wrong and isinstance(value, list) and len(value) > _MOST:
        wrong = f"has {len(value)} items, and more than {_MOST} are not tried"
    if wrong:
        problems.add(
            "bad-placement", node, f"placement.{name} {wrong}.", "Write a list of different names."
        )
        return None
    return value


_MOST: Final = 20
"""Each choice may cost a call, and a plan names all of them."""


def _wrong(value: Value) -> Iterator[str]:
    if isinstance(value, Sensitive) or is_sensitive(value):
        yield "is sensitive, and plans show where machines are started"
    elif not isinstance(value, list) or not value:
        yield f"must be a list of names; this is {kind_name(value)}" if value else "is empty"
    else:
        yield from (
            f"has {kind_name(item)} among its names"
            for item in value
            if not isinstance(item, (str, Unknown)) or item == ""
        )
        known = [item for item in value if isinstance(item, str)]
        if len(set(known)) < len(known):
            yield "names something twice"
