"""Of what an expression makes of a list, an unknown item does not hide the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.language.bind import bind
from gitbot.model.names import Address
from gitbot.model.values import Unknown

A, B = Address('subnet["a"]'), Address('subnet["b"]')
LATER = {
    "subnet": {
        "a": {"Id": Unknown(template="${it.Id}", references={"it": A})},
        "b": {"Id": Unknown(template="${it.Id}", references={"it": B})},
    },
    "vars": {"zones": {"b": 2, "a": 1}, "list": ["a", "b"], "of": [{"z": "a"}], "none": []},
}
KNOWN: Mapping[Address, Mapping[str, Any]] = {A: {"Id": "subnet-1"}}


def bound(expression: str, known: Mapping[Address, Mapping[str, Any]] = KNOWN) -> Any:
    unknown = Unknown(
        template=f"${{{expression}}}", inputs=LATER, references={"one": A, "other": B}
    )
    return bind(unknown, known)


@pytest.mark.parametrize(
    ("expression", "index"),
    [
        ("vars.zones.map(zone, subnet[zone].Id)", 0),
        ("vars.list.map(zone, subnet[zone].Id)", 0),
        ('vars["list"].map(z, subnet[z].Id)', 0),
        ("vars.list.map(zone, zone == 'b' ? subnet.a.Id : subnet.b.Id)", 1),
        ('vars.list.map(z, {"z": z, "id": subnet[z].Id}.id)', 0),
    ],
)
def test_an_item_is_known_as_soon_as_what_it_is_made_of_is(expression: str, index: int) -> None:
    """The kind: with one more subnet, whatever stands in the first one was to be replaced."""
    found = bound(expression)
    assert found[index] == "subnet-1"
    assert isinstance(found[1 - index], Unknown)
    assert B in found[1 - index].references.values()
    assert bound(f"{expression}[{index}]") == "subnet-1"
    assert isinstance(bound(f"{expression}[{1 - index}]"), Unknown)
    assert isinstance(bound(f"{expression}[2]"), Unknown), "there is no third one, yet"
    assert bind(found[1 - index], {B: {"Id": "subnet-2"}}) == "subnet-2"


def test_a_list_of_which_nothing_is_known_is_unknown_as_a_whole() -> None:
    assert isinstance(bound("vars.zones.map(zone, subnet[zone].Id)", {}), Unknown)


@pytest.mark.parametrize(
    "expression",
    [
        "vars.list.map(z, subnet[z].Id) + []",
        "size(vars.list.map(z, subnet[z].Id))",
        "vars.list.filter(z, true).map(z, subnet[z].Id)",
        "vars.list.map(z, true, subnet[z].Id)",
        "vars.of.map(one, subnet[one.z == 'a' ? 'b' : 'a'].Id)",
        "vars.list.map(z, vars.list.map(z, subnet[z].Id))",
        "vars.list.map(z, subnet[z].Id)[size(vars.none)]",
    ],
)
def test_what_is_more_than_that_is_known_when_all_is(expression: str) -> None:
    assert isinstance(bound(expression), Unknown)
    assert not isinstance(bound(expression, {**KNOWN, B: {"Id": "subnet-2"}}), Unknown)


def test_what_is_known_of_the_list_of_a_module_goes_through_its_output() -> None:
    whole = Unknown(
        template="${vars.list.map(zone, subnet[zone].Id)}",
        inputs=LATER,
        references={"one": A, "other": B},
    )
    given = {"network": {"ids": whole}}
    outer = Unknown(template="${network.ids}", inputs=given, references={"one": A, "other": B})
    first, second = bind(outer, KNOWN)  # type: ignore[misc]
    assert (first, isinstance(second, Unknown)) == ("subnet-1", True)
    item = Unknown(template="${network.ids[0]}", inputs=given, references={"one": A, "other": B})
    assert bind(item, KNOWN) == "subnet-1"
