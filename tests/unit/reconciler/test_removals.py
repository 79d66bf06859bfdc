"""What leaves a spec: set back, refused, or a reason for a new object. Stands for the kind of plan
that says more than an apply does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from gitbot.errors import SpecError
from gitbot.model.desired import Lifecycle
from gitbot.model.plan import Action, Guard
from gitbot.model.schema import Removal, ReplaceOrder, Route, TypeSchema
from gitbot.reconciler.guards import guards
from tests.unit.reconciler.planning_world import (
    change_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

BOX = TypeSchema(
    name="Test::Box",
    route=Route.NATIVE,
    create_only=("/Image", "/Address", "/Zone", "/Once", "/Disks/*/Name", "/Disks/*/Sealed"),
    write_only=("/Once", "/Disks/*/Sealed"),
    partial=frozenset({"/Options", "/Options/Shell", "/Disks/*"}),
    filled=frozenset({"/Address", "/Zone", "/Rules/*/Owner"}),
    grows=frozenset({"/Disks/*/Size", "/Features/*", "/Home"}),
    exclusive=("/Address",),
    identities={"/Disks": ("Name",)},
    sets=frozenset({"/Rules", "/Features"}),
    open_lists=frozenset({"/Disks"}),
    removals={
        "/Options/Ipv6": Removal(default="off", says="IPv6 is turned off"),
        "/Options/Shell/Scripts": Removal(default=None, says="there are none"),
        "/Rules": Removal(default=[], says="no rule is left"),
    },
    stateful_replacement=True,
)
SCHEMAS = {BOX.name: BOX}.get
OPTIONS: Mapping[str, Any] = {
    "Ipv6": "on",
    "Tokens": "required",
    "Shell": {"Scripts": ["a"]},
}
WHOLE: Mapping[str, Any] = {
    "Image": "a",
    "Address": "10.0.0.1",
    "Zone": "z1",
    "Once": True,
    "Home": "Enabled",
    "Options": OPTIONS,
    "Rules": [{"Port": 22, "Owner": "me"}],
    "Features": [{"Name": "a"}, {"Name": "b"}],
    "Disks": [
        {"Name": "sda", "Size": 20, "Sealed": True},
        {"Name": "sdb", "Size": 30},
    ],
}


def planned(wanted: Mapping[str, Any]) -> Any:
    """The plan after the box was made as ``WHOLE`` and its spec became ``wanted``."""
    seen = {name: value for name, value in WHOLE.items() if name != "Once"}
    disks = [{"Name": "root", "Size": 8}, *({**d, "Sealed": None} for d in WHOLE["Disks"])]
    return plan_of(
        stack(resource("box", BOX, wanted)),
        state(record("box", BOX, WHOLE)),
        present("box", **{**seen, "Disks": disks}),
        schemas=SCHEMAS,
    )


def without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in WHOLE.items() if name not in names}


def options_without(name: str) -> dict[str, Any]:
    kept = {key: value for key, value in OPTIONS.items() if key != name}
    return {**WHOLE, "Options": kept}


@pytest.mark.parametrize(
    "wanted",
    [
        pytest.param(without("Options"), id="a property without a default"),
        pytest.param(options_without("Tokens"), id="a part of what is written in part"),
        pytest.param(without("Disks"), id="a list whose elements can only be set at creation"),
        pytest.param(without("Once"), id="what was set at creation and cannot be read"),
        pytest.param(
            {**WHOLE, "Disks": [{"Name": "sda", "Size": 20}, WHOLE["Disks"][1]]}, id="a part of it"
        ),
        pytest.param(
            {**WHOLE, "Disks": [{"Name": "sda", "Sealed": True}, WHOLE["Disks"][1]]},
            id="a part of an element",
        ),
    ],
)
def test_a_removal_that_nobody_would_do_is_refused(wanted: Mapping[str, Any]) -> None:
    with pytest.raises(SpecError) as refused:
        planned(wanted)
    assert {one.code for one in refused.value.diagnostics} == {"removal-undeclared"}


def test_of_a_map_that_is_written_in_part_each_key_says_what_its_removal_does() -> None:
    """The kind: a map that leaves a spec is refused as a whole for what some of its keys could do."""
    with pytest.raises(SpecError) as refused:
        planned(without("Options"))
    [found] = refused.value.diagnostics
    assert "`Options.Tokens`" in found.detail
    one = {"Options": {"Ipv6": "on"}}
    plan = plan_of(
        stack(resource("box", BOX, {})),
        state(record("box", BOX, one)),
        present("box", **one),
        schemas=SCHEMAS,
    )
    [path] = change_of(plan, "box").paths
    assert (path.path, path.after, path.note) == ("/Options/Ipv6", "off", "IPv6 is turned off")


@pytest.mark.parametrize(
    ("wanted", "path", "after"),
    [
        (options_without("Ipv6"), "/Options/Ipv6", "off"),
        (options_without("Shell"), "/Options/Shell/Scripts", None),
        (without("Rules"), "/Rules", []),
        ({**WHOLE, "Rules": [{"Owner": "me"}]}, "/Rules/0/Port", None),
    ],
)
def test_a_removal_goes_back_to_its_default(
    wanted: Mapping[str, Any], path: str, after: Any
) -> None:
    change = change_of(planned(wanted), "box")
    assert change.action is Action.UPDATE
    assert [(one.path, one.removed, one.after) for one in change.paths] == [(path, True, after)]


@pytest.mark.parametrize(
    "wanted",
    [without("Zone"), without("Address"), {**WHOLE, "Rules": [{"Port": 22}]}, {**WHOLE, "New": ""}],
)
def test_what_the_cloud_fills_in_and_what_says_nothing_changes_nothing(
    wanted: Mapping[str, Any],
) -> None:
    assert change_of(planned(wanted), "box").action is Action.NOOP


def test_a_removal_without_a_default_passes_with_a_new_object_that_something_else_forces() -> None:
    plan = planned({**without("Options"), "Image": "b"})
    assert change_of(plan, "box").action is Action.REPLACE


def test_an_element_that_can_only_be_set_at_creation_goes_with_a_new_object() -> None:
    change = change_of(planned({**WHOLE, "Disks": WHOLE["Disks"][:1]}), "box")
    assert change.action is Action.REPLACE


def test_a_replacement_that_loses_what_no_spec_shows_is_held_and_a_deletion_is_not() -> None:
    plan = planned({**WHOLE, "Image": "b"})
    hits = guards(plan, environment_resources=1, environment_has_errors=False)
    assert [hit.guard for hit in hits] == [Guard.STATEFUL_REPLACE]
    gone = plan_of(stack(), state(record("box", BOX, WHOLE)), schemas=SCHEMAS)
    assert guards(gone, environment_resources=1, environment_has_errors=False) == ()


@pytest.mark.parametrize(
    ("wanted", "order"),
    [
        ({**WHOLE, "Image": "b"}, ReplaceOrder.DELETE_FIRST),
        ({**WHOLE, "Image": "b", "Address": "10.0.0.2"}, ReplaceOrder.CREATE_FIRST),
        ({**without("Address"), "Image": "b"}, ReplaceOrder.CREATE_FIRST),
    ],
)
def test_a_value_that_only_one_object_can_have_lets_the_old_one_go_first(
    wanted: Mapping[str, Any], order: ReplaceOrder
) -> None:
    assert change_of(planned(wanted), "box").replace_order is order


@pytest.mark.parametrize(("size", "refused"), [(19, True), (20, False), (21, False)])
def test_a_size_that_can_only_grow_is_refused_when_it_shrinks(size: int, refused: bool) -> None:
    wanted = {**WHOLE, "Disks": [{**WHOLE["Disks"][0], "Size": size}, WHOLE["Disks"][1]]}
    if not refused:
        assert change_of(planned(wanted), "box").action in (Action.UPDATE, Action.NOOP)
        return
    with pytest.raises(SpecError) as error:
        planned(wanted)
    assert [one.code for one in error.value.diagnostics] == ["cannot-shrink"]
    assert "cannot become 19" in error.value.diagnostics[0].detail


def test_a_switch_that_is_a_text_is_not_turned_off() -> None:
    with pytest.raises(SpecError) as error:
        planned({**WHOLE, "Home": "Disabled"})
    [found] = error.value.diagnostics
    assert found.code == "cannot-shrink"
    assert "is Enabled and cannot become Disabled" in found.detail
    assert "Declare Enabled again" in found.fix


@pytest.mark.parametrize(("kept", "refused"), [("a", True), ("abc", False)])
def test_an_element_that_its_list_cannot_lose_is_refused_when_it_is_taken_out(
    kept: str, refused: bool
) -> None:
    wanted = {**WHOLE, "Features": [{"Name": name} for name in kept]}
    if not refused:
        assert change_of(planned(wanted), "box").action is Action.UPDATE
        return
    with pytest.raises(SpecError) as error:
        planned(wanted)
    assert [one.code for one in error.value.diagnostics] == ["cannot-shrink"]
    assert "cannot be taken out" in error.value.diagnostics[0].detail


NET = TypeSchema(
    name="Test::Net",
    route=Route.NATIVE,
    create_only=("/Text",),
    natural_key=("/Name",),
    kept_in_use=True,
)


@pytest.mark.parametrize(
    ("name", "refused"), [({"Name": "web"}, True), ({"Name": "web-2"}, False), ({}, False)]
)
def test_a_replacement_that_can_never_delete_first_is_refused(
    name: Mapping[str, Any], refused: bool
) -> None:
    """A group with a fixed name and a machine attached: the deletion would wait until its end."""
    had = {"Text": "a", **({"Name": "web"} if name else {})}
    arguments = (
        stack(
            resource("net", NET, {**name, "Text": "b"}),
            resource("box", BOX, {"Image": "a", "Net": unknown("${net.Id}")}, needs=["net"]),
        ),
        state(record("net", NET, had), record("box", BOX, {"Image": "a"}, needs=["net"])),
        {**present("net", **had), **present("box", Image="a")},
    )
    schemas = {BOX.name: BOX, NET.name: NET}.get
    if not refused:
        assert change_of(plan_of(*arguments, schemas=schemas), "net").action is Action.REPLACE
        return
    with pytest.raises(SpecError) as error:
        plan_of(*arguments, schemas=schemas)
    [found] = error.value.diagnostics
    assert found.code == "replaced-in-use"
    assert "`box`" in found.detail


BLOCK = TypeSchema(
    name="Apart::Block",
    route=Route.NATIVE,
    create_only=("/Zone", "/Range"),
    read_only=("/Id",),
    natural_key=("/Range",),
)
FARM = TypeSchema(
    name="Test::Farm",
    route=Route.NATIVE,
    create_only=("/Block",),
    read_only=("/Id",),
    kept_in_use=True,
)


@pytest.mark.parametrize(
    ("changed", "farm", "order"),
    [
        ({"Range": "10", "Zone": "b"}, {}, None),
        ({"Range": "11", "Zone": "b"}, {}, ReplaceOrder.CREATE_FIRST),
        ({"Range": "10", "Zone": "a"}, {"Block": "other"}, ReplaceOrder.CREATE_FIRST),
    ],
)
def test_a_replacement_that_must_delete_first_for_another_one_is_refused_while_it_is_used(
    changed: Mapping[str, Any], farm: Mapping[str, Any], order: ReplaceOrder | None
) -> None:
    """A subnet with a fixed block, the computing environment in it, and a queue that stays."""
    wanted = (
        resource("block", BLOCK, changed),
        resource("farm", FARM, {"Block": unknown("${block.Id}"), **farm}, needs=["block"]),
        resource("box", BOX, {"Farm": unknown("${farm.Id}")}, needs=["farm"]),
    )
    arguments = (
        stack(*wanted),
        state(
            record("block", BLOCK, {"Range": "10", "Zone": "a"}),
            record("farm", FARM, {"Block": "b-1"}, needs=["block"]),
            record("box", BOX, {"Farm": "f-1"}, needs=["farm"]),
        ),
        {
            **present("block", Range="10", Zone="a", Id="b-1"),
            **present("farm", Block="b-1", Id="f-1"),
            **present("box", Farm="f-1"),
        },
    )
    schemas = {one.name: one for one in (BOX, BLOCK, FARM)}.get
    if order is not None:
        assert change_of(plan_of(*arguments, schemas=schemas), "farm").replace_order is order
        return
    with pytest.raises(SpecError) as error:
        plan_of(*arguments, schemas=schemas)
    [found] = error.value.diagnostics
    assert found.code == "replaced-in-use"
    assert "`farm` uses `block`, which is replaced and keeps `10`" in found.detail
    assert "while `box` uses it" in found.detail
    assert found.fix.startswith("Give `block` another value than `10`")


def test_what_the_spec_wants_deleted_first_is_refused_while_it_is_used() -> None:
    first = Lifecycle(replace=ReplaceOrder.DELETE_FIRST)
    with pytest.raises(SpecError) as error:
        plan_of(
            stack(
                resource("farm", FARM, {"Block": "b-2"}, lifecycle=first),
                resource("box", BOX, {"Farm": unknown("${farm.Id}")}, needs=["farm"]),
            ),
            state(
                record("farm", FARM, {"Block": "b-1"}),
                record("box", BOX, {"Farm": "f-1"}, needs=["farm"]),
            ),
            {**present("farm", Block="b-1", Id="f-1"), **present("box", Farm="f-1")},
            schemas={one.name: one for one in (BOX, FARM)}.get,
        )
    assert [one.code for one in error.value.diagnostics] == ["replaced-in-use"]
    assert error.value.diagnostics[0].fix.startswith("Take `replace` out")


SECRET = TypeSchema(
    name="Test::Secret",
    route=Route.NATIVE,
    create_only=("/Text",),
    natural_key=("/Name",),
    name_lingers="It can be restored for days.",
)


@pytest.mark.parametrize(
    ("name", "refused"), [({"Name": "db"}, True), ({"Name": "db-2"}, False), ({}, False)]
)
def test_a_replacement_under_a_name_that_is_not_free_after_the_deletion_is_refused(
    name: Mapping[str, Any], refused: bool
) -> None:
    """A secret with a fixed name: the old one would be gone, and the new one could not be made."""
    had = {"Text": "a", **({"Name": "db"} if name else {})}
    arguments = (
        stack(resource("secret", SECRET, {**name, "Text": "b"})),
        state(record("secret", SECRET, had)),
        present("secret", **had),
    )
    schemas = {SECRET.name: SECRET}.get
    if not refused:
        assert change_of(plan_of(*arguments, schemas=schemas), "secret").action is Action.REPLACE
        return
    with pytest.raises(SpecError) as error:
        plan_of(*arguments, schemas=schemas)
    [found] = error.value.diagnostics
    assert found.code == "name-lingers"
    assert "It can be restored for days." in found.detail
