"""Tests for a resource's action in each relation of the three states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gitbot.errors import SpecError
from gitbot.model.codec import to_full_data
from gitbot.model.desired import DesiredOutput, DesiredStack, Lifecycle
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Unread
from gitbot.model.ownership import Owner, Whose
from gitbot.model.plan import Action, Cause, DriftKind, Plan
from gitbot.model.recorded import Deposed, RecordedResource, RecordedStack
from gitbot.model.schema import Disruption, ReplaceOrder, Route, Snapshots, TypeSchema
from gitbot.model.values import Redacted, Sensitive, Unknown, canonical_json
from gitbot.reconciler import reasons
from gitbot.reconciler.named_by import named_by
from gitbot.reconciler.ownership import OURS
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    REDACT,
    REMOTE,
    SEALED,
    STACK,
    absent,
    actions,
    change_of,
    deposed,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

DISK = TypeSchema(
    name="Test::Disk",
    route=Route.NATIVE,
    create_only=("/Kind",),
    stateful=True,
    snapshots=Snapshots.UNASKED,
    unkept=lambda given: "scratch has none" if given.get("Kind") == "scratch" else "",
)
POLICY = TypeSchema(
    name="Test::Policy", route=Route.NATIVE, explains=lambda observed: (f"{observed} is gone",)
)


def test_an_unrecorded_resource_is_created_with_every_declared_property() -> None:
    plan = plan_of(
        stack(
            resource("data", BUCKET, {"BucketName": "b", "Tags": [{"Key": "owner", "Value": "ml"}]})
        )
    )
    change = change_of(plan, "data")
    assert change.action is Action.CREATE
    assert [(path.path, path.after, path.added) for path in change.paths] == [
        ("/BucketName", "b", True),
        ("/Tags/owner", "ml", True),
    ]
    assert not any(path.forces or path.may_force for path in change.paths)
    assert change.properties_hash


def test_nothing_changes_if_all_three_states_agree() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "b"})),
        state(record("data", BUCKET, {"BucketName": "b"})),
        present("data", BucketName="b", Arn="arn:b", Versioning={"Status": "Suspended"}),
    )
    assert actions(plan) == {"data": "no-op"}
    assert plan.empty
    assert plan.drift == ()


def test_a_changed_spec_is_an_update_and_no_drift() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Size": "l"})),
        state(record("vm", MACHINE, {"Size": "s"})),
        present("vm", Size="s"),
    )
    change = change_of(plan, "vm")
    assert (change.action, change.disruption) == (Action.UPDATE, Disruption.RESTART)
    assert change.paths[0].cause is Cause.CHANGE
    assert plan.drift == ()
    assert "restart" in change.reasons[0]


def test_a_change_in_the_cloud_is_drift_and_is_corrected() -> None:
    plan = plan_of(
        stack(resource("g", GROUP, {"Ingress": [{"Port": 22}]})),
        state(record("g", GROUP, {"Ingress": [{"Port": 22}]})),
        present("g", Ingress=[{"Port": 80}, {"Port": 22}]),
    )
    change = change_of(plan, "g")
    assert change.action is Action.UPDATE
    assert [(p.path, p.before, p.removed, p.cause) for p in change.paths] == [
        ("/Ingress/0", {"Port": 80}, True, Cause.DRIFT)
    ]
    assert plan.drift[0].kind is DriftKind.CHANGED
    assert plan.drift[0].paths == change.paths


def test_drift_is_reported_although_the_spec_changes_the_same_path() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Size": "l"})),
        state(record("vm", MACHINE, {"Size": "s"})),
        present("vm", Size="m"),
    )
    assert [(p.before, p.after, p.cause) for p in change_of(plan, "vm").paths] == [
        ("m", "l", Cause.CHANGE)
    ]
    assert [(p.before, p.after, p.cause) for p in plan.drift[0].paths] == [("m", "s", Cause.DRIFT)]


def test_drift_that_the_spec_now_wants_needs_no_change() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Size": "l"})),
        state(record("vm", MACHINE, {"Size": "s"})),
        present("vm", Size="l"),
    )
    assert actions(plan) == {"vm": "no-op"}


def test_an_object_that_was_deleted_by_hand_is_created_again() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "b"})),
        state(record("data", BUCKET, {"BucketName": "b"})),
        absent("data"),
    )
    change = change_of(plan, "data")
    assert change.action is Action.CREATE
    assert change.remote_id is None
    assert "outside gitbot" in change.reasons[0]
    assert [drift.kind for drift in plan.drift] == [DriftKind.DELETED]


def test_the_path_that_forces_a_replacement_is_named() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "new"})),
        state(record("data", BUCKET, {"BucketName": "old"})),
        present("data", BucketName="old"),
    )
    change = change_of(plan, "data")
    assert (change.action, change.disruption) == (Action.REPLACE, Disruption.REPLACE)
    assert change.paths[0].forces
    assert change.reasons == (
        "BucketName can only be set at creation, so changing it means replacing.",
    )
    assert change.replace_order is ReplaceOrder.CREATE_FIRST
    assert change.remote_id == "id-data"


def test_an_element_that_comes_and_one_that_goes_are_one_reason_without_an_index() -> None:
    """One has the index of the spec, the other that of the cloud: as words they were one sentence, twice."""
    group = replace(GROUP, name="Test::Fixed", create_only=("/Ingress",))
    rules = [{"Port": 1}, {"Port": 2}], [{"Port": 1}, {"Port": 3}]
    plan = plan_of(
        stack(resource("net", group, {"Ingress": rules[0]})),
        state(record("net", group, {"Ingress": rules[1]})),
        present("net", Ingress=rules[1]),
        schemas={group.name: group}.get,
    )
    change = change_of(plan, "net")
    assert [one.path for one in change.paths] == ["/Ingress/1", "/Ingress/1"]
    assert change.reasons == (
        "Ingress[…] can only be set at creation, so changing it means replacing.",
    )


def test_a_replacement_that_keeps_its_name_deletes_first() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "b"})),
        state(record("data", BUCKET, {"BucketName": "b"}, tainted=True)),
        present("data", BucketName="b"),
    )
    change = change_of(plan, "data")
    assert change.replace_order is ReplaceOrder.DELETE_FIRST
    assert change.reasons == (
        "Its creation did not finish, so it is replaced.",
        "It keeps b, which only one object can have at a time, so the old object is deleted before "
        "the new one is created.",
    )


def test_a_name_that_the_cloud_chose_lets_the_new_object_come_first() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {})),
        state(record("data", BUCKET, {}, tainted=True)),
        present("data", BucketName="generated"),
    )
    assert change_of(plan, "data").replace_order is ReplaceOrder.CREATE_FIRST


def test_lifecycle_replace_overrides_the_order_of_the_type() -> None:
    wanted = Lifecycle(replace=ReplaceOrder.CREATE_FIRST)
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Image": "b"}, lifecycle=wanted)),
        state(record("vm", MACHINE, {"Image": "a"})),
        present("vm", Image="a"),
    )
    assert change_of(plan, "vm").replace_order is ReplaceOrder.CREATE_FIRST


def test_a_create_first_resource_makes_what_it_uses_create_first() -> None:
    first = Lifecycle(replace=ReplaceOrder.CREATE_FIRST)
    plan = plan_of(
        stack(
            resource("base", MACHINE, {"Image": "b"}),
            resource("top", MACHINE, {"Image": "b"}, needs=["base"], lifecycle=first),
        ),
        state(
            record("base", MACHINE, {"Image": "a"}),
            record("top", MACHINE, {"Image": "a"}, needs=["base"]),
        ),
        present("base", Image="a") | present("top", Image="a"),
    )
    base = change_of(plan, "base")
    assert base.replace_order is ReplaceOrder.CREATE_FIRST
    assert "because top is replaced that way" in base.reasons[-1]


def test_what_uses_a_resource_that_keeps_its_name_is_deleted_first_too() -> None:
    plan = plan_of(
        stack(
            resource("data", BUCKET, {"BucketName": "b"}),
            resource(
                "g", GROUP, {"Description": "y", "Of": unknown("${data.Arn}")}, needs=["data"]
            ),
        ),
        state(
            record("data", BUCKET, {"BucketName": "b"}, tainted=True),
            record("g", GROUP, {"Description": "x", "Of": "arn"}, needs=["data"]),
        ),
        present("data", BucketName="b") | present("g", Description="x", Of="arn"),
    )
    group = change_of(plan, "g")
    assert group.replace_order is ReplaceOrder.DELETE_FIRST
    assert "because data is replaced that way" in group.reasons[-1]


@pytest.mark.parametrize(
    ("of", "holds"),
    [
        ({"Of": unknown("${data.Arn}")}, True),
        ({"Of": "b"}, True),
        ({"Of": unknown("x-${other}", other={"name": "b"})}, True),
        # What a module was given besides, what it is started after, and what a tag tells.
        ({"Of": "c"}, False),
        ({}, False),
        ({"Tags": [{"Key": "of", "Value": unknown("${data.Arn}")}]}, False),
    ],
)
def test_dependents_that_block_a_delete_first_replacement_are_named(
    of: Mapping[str, Any], holds: bool
) -> None:
    plan = plan_of(
        stack(
            resource("data", BUCKET, {"BucketName": "b"}),
            resource("g", GROUP, of, needs=["data"]),
        ),
        state(
            record("data", BUCKET, {"BucketName": "b"}, tainted=True),
            record("g", GROUP, {}, needs=["data"]),
        ),
        present("data", BucketName="b") | present("g"),
    )
    said = change_of(plan, "data").reasons[-1]
    assert said.startswith("g still uses the old object") is holds


def test_a_type_that_cannot_be_updated_is_replaced_by_any_change() -> None:
    plan = plan_of(
        stack(resource("s", SEALED, {"A": 2})),
        state(record("s", SEALED, {"A": 1})),
        present("s", A=1),
    )
    assert actions(plan) == {"s": "replace"}


def test_another_type_under_the_same_address_is_a_replacement() -> None:
    plan = plan_of(
        stack(resource("x", GROUP, {"Description": "d"})),
        state(record("x", BUCKET, {"BucketName": "b"})),
        present("x", BucketName="b"),
    )
    change = change_of(plan, "x")
    assert change.action is Action.REPLACE
    assert change.type == GROUP.name
    assert change.stateful, "the bucket that would go holds data"
    assert (
        change.reasons[0] == "Its type changes from Test::Bucket to Test::Group, so it is replaced."
    )


@pytest.mark.parametrize(
    ("before", "recorded", "kept"),
    [
        pytest.param(record("d", DISK, {"Kind": "lasting"}), False, True, id="asked for now"),
        pytest.param(record("d", DISK, {"Kind": "scratch"}), False, False, id="that has none"),
        pytest.param(record("d", DISK, {"Kind": "scratch"}), True, True, id="recorded"),
        pytest.param(record("d", BUCKET, {"BucketName": "b"}), False, False, id="another type"),
    ],
)
def test_a_plan_says_that_a_snapshot_is_made_of_what_has_one(
    before: RecordedResource, recorded: bool, kept: bool
) -> None:
    """The kind: data is lost of which the plan says that it stays in a snapshot."""
    before = replace(before, snapshot_on_delete=recorded)
    new = resource("d", DISK, {"Kind": "new"}, lifecycle=Lifecycle(snapshot_on_delete=True))
    known = {"schemas": {DISK.name: DISK, BUCKET.name: BUCKET}.get}
    replaced = change_of(plan_of(stack(new), state(before), present("d", Kind="x"), **known), "d")
    left = Deposed(operation="op", resource=before)
    lying = state(replace(before, snapshot_on_delete=False), deposed=(left,))
    found = [
        change
        for change in plan_of(stack(new), lying, present("d", Kind="new"), **known).changes
        if change.deposed_operation
    ]
    assert replaced.action is Action.REPLACE
    assert [one.snapshots for one in (replaced, *found)] == [kept, kept]
    assert ("stays in a snapshot" in replaced.loses) == kept


def test_a_conditional_path_is_tried_in_place_and_says_so() -> None:
    plan = plan_of(
        stack(resource("db", REMOTE, {"Engine": "b"})),
        state(record("db", REMOTE, {"Engine": "a"})),
        present("db", Engine="a"),
    )
    change = change_of(plan, "db")
    assert change.action is Action.UPDATE
    assert change.paths[0].may_force
    assert "the cloud decides" in change.reasons[0]


def test_a_replacement_because_of_a_newer_schema_pack_says_so() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Subnet": "b"})),
        state(record("vm", MACHINE, {"Subnet": "a"}, create_only=("/Image",))),
        present("vm", Subnet="a"),
    )
    assert "schema pack" in change_of(plan, "vm").reasons[1]


def test_an_unread_object_is_taken_to_be_as_recorded() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Size": "s", "Password": Sensitive("p")})),
        state(record("vm", MACHINE, {"Size": "s", "Password": REDACT("p")})),
        {Address("vm"): Unread()},
    )
    assert actions(plan) == {"vm": "no-op"}


def test_removed_resources_are_deleted_after_the_rest_dependents_first() -> None:
    plan = plan_of(
        stack(resource("new", GROUP)),
        state(
            record("a", GROUP),
            record("b", GROUP, needs=["a"]),
            record("c", GROUP, needs=["b", "a"]),
        ),
        present("a") | present("b") | present("c"),
    )
    assert [(item.address, item.action.value) for item in plan.changes] == [
        ("new", "create"),
        ("c", "delete"),
        ("b", "delete"),
        ("a", "delete"),
    ]
    assert change_of(plan, "c").depends_on == ("a", "b")


@pytest.mark.parametrize(
    ("names", "hint"), [(["new"], True), (["new", "newer"], False), ([], False)]
)
def test_a_resource_that_may_only_have_a_new_name_says_how_to_keep_it(
    names: list[str], hint: bool
) -> None:
    """Kind: a slip that destroys something, without a word on how it is meant."""
    wanted = [resource(name, GROUP) for name in names]
    plan = plan_of(stack(*wanted), state(record("old", GROUP)), present("old"))
    says = "lifecycle: {moved: old}"
    assert any(says in reason for reason in change_of(plan, "old").reasons) is hint


def test_circular_records_still_have_an_order_of_deletion() -> None:
    plan = plan_of(None, state(record("a", GROUP, needs=["b"]), record("b", GROUP, needs=["a"])))
    assert actions(plan) == {"a": "delete", "b": "delete"}


def test_a_retained_resource_is_only_forgotten() -> None:
    plan = plan_of(None, state(record("data", BUCKET, retain=True, protect=True)), present("data"))
    assert actions(plan) == {"data": "forget"}


USER, NET = {"GroupName": "a", "Net": {"Ids": ["id-net"]}}, {"GroupName": "n"}


@pytest.mark.parametrize("stays", ["retain", "kept in the spec"])
def test_what_stays_is_not_left_without_what_it_uses(stays: str) -> None:
    """Kind: a plan that stops half-way though state knows why."""
    wanted = None if stays == "retain" else replace(stack(), forgotten=frozenset({Address("user")}))
    user = record("user", GROUP, USER, needs=["net"], retain=stays == "retain")
    recorded = state(user, record("net", GROUP, NET))
    with pytest.raises(SpecError) as error:
        plan_of(wanted, recorded, present("user") | present("net"))
    (found,) = error.value.diagnostics
    assert found.code == "retained-needs"
    assert "`user`" in found.detail
    assert "`net`" in found.detail
    assert "`net` too" in found.fix


@pytest.mark.parametrize(
    ("user", "net", "warns"),
    [
        pytest.param({}, {"retain": True}, None, id="both stay"),
        pytest.param({"retain": False}, {}, False, id="both go"),
        pytest.param({"properties": {"GroupName": "a"}}, {}, True, id="an order only"),
        pytest.param({"properties": {"Tags": {"net": "id-net"}}}, {}, True, id="a tag only"),
        pytest.param({"type": "Other::Thing"}, {}, True, id="of another service"),
    ],
)
def test_what_stays_without_holding_what_goes_is_told_and_not_refused(
    user: dict[str, Any], net: dict[str, Any], warns: bool | None
) -> None:
    left = {"properties": USER, "needs": ["net"], "retain": True, **user}
    recorded = state(record("user", GROUP, **left), record("net", GROUP, NET, **net))
    change = change_of(plan_of(None, recorded, present("user") | present("net")), "net")
    assert change.action is (Action.FORGET if warns is None else Action.DELETE)
    assert (reasons.stranded(Address("user")) in change.reasons) is bool(warns)


def test_what_is_gone_holds_nothing() -> None:
    recorded = state(
        record("user", GROUP, USER, needs=["net"], retain=True), record("net", GROUP, NET)
    )
    plan = plan_of(None, recorded, absent("user") | present("net"))
    assert actions(plan) == {"user": "forget", "net": "delete"}
    assert change_of(plan, "net").reasons == ()


@pytest.mark.parametrize(
    ("removed", "action"),
    [("data", "forget"), ('data["a"]', "forget"), ("dat", "delete"), ('data["b"]', "delete")],
)
def test_what_was_removed_and_is_kept_is_only_forgotten_with_all_below_it(
    removed: str, action: str
) -> None:
    address = 'data["a"].bucket'
    wanted = replace(stack(), forgotten=frozenset({Address(removed)}))
    plan = plan_of(wanted, state(record(address, BUCKET)), present(address))
    assert actions(plan) == {address: action}
    assert (change_of(plan, address).reasons == (reasons.KEPT,)) is (action == "forget")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("data", "store", "`lifecycle: {moved: data}`"),
        ("data", 'm["a"].store', """`moved: [{from: 'data', to: 'm["a"].store'}]`"""),
        ("data", """m["it's"]""", """`moved: [{from: 'data', to: 'm["it''s"]'}]`"""),
    ],
)
def test_a_probable_rename_offers_the_very_line(old: str, new: str, line: str) -> None:
    plan = plan_of(
        stack(resource(new, BUCKET, {"BucketName": "c"})),
        state(record(old, BUCKET, {"BucketName": "b"}, create_only=("/BucketName",))),
        present(old, BucketName="b"),
    )
    (reason,) = change_of(plan, old).reasons
    assert f"give it the former BucketName and write {line}" in reason
    with pytest.raises(SpecError) as refused:
        plan_of(
            stack(resource(new, BUCKET, {"BucketName": "b"})),
            state(record(old, BUCKET, {"BucketName": "b"})),
            present(old, BucketName="b"),
        )
    assert line in str(refused.value.diagnostics[0].fix)


def test_an_object_that_state_has_at_two_addresses_is_not_deleted_while_one_stays() -> None:
    """The kind: somebody gave it another address by hand and left the former one in state."""
    twice = {"remote_id": RemoteId("id-one")}
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "b"})),
        state(
            record("data", BUCKET, {"BucketName": "b"}, **twice),
            record("former", BUCKET, {"BucketName": "b"}, **twice),
        ),
        present("data", BucketName="b") | present("former", BucketName="b"),
    )
    assert actions(plan)["former"] == "forget"
    assert "belongs to `data`, which stays" in change_of(plan, "former").reasons[0]


def test_of_several_new_ones_the_one_that_is_declared_alike_may_be_the_same() -> None:
    plan = plan_of(
        stack(*(resource(f'm["{key}"]', MACHINE, {"Size": key}) for key in "ab")),
        state(record("vm", MACHINE, {"Size": "b"})),
        present("vm", Size="b"),
    )
    (reason,) = change_of(plan, "vm").reasons
    assert """to: 'm["b"]'""" in reason


def test_a_resource_that_is_gone_from_spec_and_cloud_is_only_forgotten() -> None:
    plan = plan_of(stack(), state(record("data", BUCKET, protect=True)), absent("data"))
    assert actions(plan) == {"data": "forget"}
    assert [drift.kind for drift in plan.drift] == [DriftKind.DELETED]


def test_deposed_objects_are_deleted_by_their_operation() -> None:
    plan = plan_of(
        stack(resource("data", BUCKET, {"BucketName": "b"})),
        state(record("data", BUCKET, {"BucketName": "b"}), deposed=(deposed("data", "op1"),)),
        present("data", BucketName="b"),
    )
    assert [(c.action, c.deposed_operation, c.remote_id) for c in plan.changes] == [
        (Action.NOOP, None, "id-data"),
        (Action.DELETE, "op1", "former-data"),
    ]


def test_a_plan_that_deletes_everything_removes_the_outputs_too() -> None:
    built = state(record("data", BUCKET))
    plan = plan_of(None, built, present("data"))
    assert plan.destroys
    assert plan.desired_hash is None
    assert actions(plan) == {"data": "delete"}


# --- moved and import ----------------------------------------------------------------------------


def test_a_moved_resource_keeps_its_object() -> None:
    plan = plan_of(
        stack(
            resource(
                "fresh", BUCKET, {"BucketName": "b"}, lifecycle=Lifecycle(moved=Address("data"))
            ),
            resource("g", GROUP, {}, needs=["fresh"]),
        ),
        state(record("data", BUCKET, {"BucketName": "b"}), record("g", GROUP, needs=["data"])),
        present("fresh", BucketName="b") | present("g"),
    )
    change = change_of(plan, "fresh")
    assert (change.action, change.moved_from) == (Action.NOOP, "data")
    assert not plan.empty, "the move is still to be recorded"
    assert actions(plan) == {"fresh": "no-op", "g": "no-op"}


def test_a_move_that_was_made_long_ago_does_nothing() -> None:
    plan = plan_of(
        stack(resource("fresh", BUCKET, {}, lifecycle=Lifecycle(moved=Address("data")))),
        state(record("fresh", BUCKET)),
        present("fresh"),
    )
    assert change_of(plan, "fresh").moved_from is None


TWICE = Lifecycle(moved=Address("data"), moved_before=(Address("older"), Address("oldest")))


@pytest.mark.parametrize("name", ["data", "older", "oldest"])
def test_a_resource_that_was_moved_twice_is_found_where_the_last_apply_left_it(name: str) -> None:
    plan = plan_of(
        stack(resource("fresh", BUCKET, {}, lifecycle=TWICE)),
        state(record(name, BUCKET)),
        present("fresh"),
    )
    change = change_of(plan, "fresh")
    assert (change.action, change.moved_from) == (Action.NOOP, name)
    assert [one.address for one in plan.changes] == ["fresh"]


def test_two_objects_under_former_addresses_are_no_one_resource() -> None:
    with pytest.raises(SpecError) as caught:
        plan_of(
            stack(resource("fresh", BUCKET, {}, lifecycle=TWICE)),
            state(record("data", BUCKET), record("oldest", BUCKET)),
        )
    assert [one.code for one in caught.value.diagnostics] == ["moved-conflict"]


def test_a_move_that_was_interrupted_is_finished() -> None:
    same = {"remote_id": "id-same"}
    plan = plan_of(
        stack(resource("fresh", BUCKET, {}, lifecycle=Lifecycle(moved=Address("data")))),
        state(record("fresh", BUCKET, **same), record("data", BUCKET, **same)),
        present("fresh"),
    )
    assert [(c.address, c.action, c.moved_from) for c in plan.changes] == [
        ("fresh", Action.NOOP, "data")
    ]


def test_an_existing_object_is_adopted_with_what_an_update_would_do() -> None:
    plan = plan_of(
        stack(
            resource(
                "vm", MACHINE, {"Size": "l", "Image": "a"}, lifecycle=Lifecycle(import_id="i-1")
            )
        ),
        observed=present("vm", Size="s", Image="a", InstanceId="i-1"),
        owners={Address("vm"): OURS},
    )
    change = change_of(plan, "vm")
    assert (change.action, change.remote_id) == (Action.ADOPT, "id-vm")
    assert [(p.path, p.before, p.after) for p in change.paths] == [("/Size", "s", "l")]
    assert change.disruption is Disruption.RESTART


def test_a_plan_never_shows_what_an_object_has_that_is_not_ours() -> None:
    """The kind: ``lifecycle.import`` reads the cloud into a comment, an output or a dependent."""
    secret = "a-strangers-password"
    imported = resource(
        "vm",
        MACHINE,
        {"Size": "l", "Groups": ["a"], "Password": "x", "Image": "a"},
        lifecycle=Lifecycle(import_id="i-1"),
    )
    user = resource("b", BUCKET, {"BucketName": unknown("${vm.PublicIp}")}, needs=["vm"])
    output = DesiredOutput(value=unknown("${vm.PublicIp}"))
    observed = present("vm", Size=secret, Groups=[secret, "a"], PublicIp=secret, Image="a")
    plan = plan_of(stack(imported, user, outputs={"ip": output}), observed=observed)
    change = change_of(plan, "vm")
    assert (change.action, change.takes_over) == (Action.ADOPT, True)
    assert {path.path for path in change.paths} == {"/Size", "/Groups/0", "/Password"}
    assert secret not in canonical_json(to_full_data(plan))
    ours = plan_of(
        stack(imported, user, outputs={"ip": output}),
        observed=observed,
        owners={Address("vm"): OURS},
    )
    assert secret in canonical_json(to_full_data(ours))


def test_who_uses_an_object_to_adopt_knows_its_identifier() -> None:
    """The spec says it, so that adopting both can be planned as no change."""
    imported = resource("vm", MACHINE, {"Image": "a"}, lifecycle=Lifecycle(import_id="i-1"))
    user = resource("b", BUCKET, {"BucketName": unknown("${vm.InstanceId}")}, needs=["vm"])
    observed = present("vm", Image="a", InstanceId="i-1", PublicIp="192.0.2.1")
    (path,) = change_of(plan_of(stack(imported, user), observed=observed), "b").paths
    assert (path.path, path.after) == ("/BucketName", "i-1")


@pytest.mark.parametrize(
    ("arn", "declared", "told"),
    [
        ("arn:aws:s3:::i-1", {}, True),
        ("arn:aws:iam::123456789012:role/i-1", {}, True),
        ("arn:aws:iam::123456789012:role/teams/ml/i-1", {"Path": "/teams/ml/"}, True),
        ("arn:aws:iam::123456789012:role/secret/i-1", {}, False),
        ("arn:aws:iam::123456789012:role/secret/i-1", {"Path": "/teams/"}, False),
        ("arn:aws:s3:::other-i-1", {}, False),
        ("arn:aws:s3:::i-1-other", {}, False),
    ],
)
def test_who_uses_an_object_to_adopt_knows_the_arn_that_its_identifier_makes(
    arn: str, declared: dict[str, str], told: bool
) -> None:
    known = named_by(RemoteId("i-1"), declared, {"Arn": arn, "PublicIp": "192.0.2.1", "Count": 1})
    assert known == ({"Arn": arn} if told else {})


@pytest.mark.parametrize(
    ("recorded", "explained"),
    [
        pytest.param(state(record("p", POLICY, {"Document": "arn"})), True, id="ours"),
        pytest.param(state(), False, id="not ours yet"),
    ],
)
def test_what_nobody_understands_is_explained_if_it_may_be_shown(
    recorded: RecordedStack, explained: bool
) -> None:
    wanted = resource("p", POLICY, {"Document": "arn"}, lifecycle=Lifecycle(import_id="id-p"))
    plan = plan_of(
        stack(wanted),
        recorded,
        present("p", Document="AROA"),
        schemas={POLICY.name: POLICY}.get,
    )
    assert ("AROA is gone" in change_of(plan, "p").reasons) is explained


def test_an_adoption_is_never_told_as_drift() -> None:
    """What another list has too many of was not changed behind gitbot's back: gitbot never set it."""
    wanted = stack(resource("vm", MACHINE, {"Groups": ["a"]}, lifecycle=Lifecycle(import_id="i-1")))
    plan = plan_of(wanted, observed=present("vm", Groups=["x", "a"]), owners={Address("vm"): OURS})
    assert [(path.before, path.cause) for path in change_of(plan, "vm").paths] == [
        ("x", Cause.CHANGE)
    ]
    assert plan.drift == ()


def test_the_digest_of_a_take_over_knows_which_elements_it_removes() -> None:
    def digest_with(*groups: str) -> str:
        imported = resource("vm", MACHINE, {"Groups": ["a"]}, lifecycle=Lifecycle(import_id="i-1"))
        return plan_of(stack(imported), observed=present("vm", Groups=[*groups, "a"])).digest

    assert digest_with("x") == digest_with("x") != digest_with("y")


THEIRS = Owner(whose=Whose.ANOTHERS, name="the stack prod/web of another state")


@pytest.mark.parametrize(
    ("lifecycle", "recorded"),
    [
        pytest.param(Lifecycle(import_id="id-vm"), state(), id="an import"),
        pytest.param(Lifecycle(), state(record("vm", MACHINE, {"Size": "s"})), id="old state"),
    ],
)
def test_an_object_of_another_stack_is_a_diagnostic(
    lifecycle: Lifecycle, recorded: RecordedStack
) -> None:
    wanted = stack(resource("vm", MACHINE, {"Size": "s"}, lifecycle=lifecycle))
    with pytest.raises(SpecError) as refused:
        plan_of(wanted, recorded, present("vm", Size="s"), owners={Address("vm"): THEIRS})
    (found,) = refused.value.diagnostics
    assert found.code == "belongs-to-another"
    assert "prod/web" in found.detail


def test_an_object_of_another_stack_is_never_deleted_but_forgotten() -> None:
    plan = plan_of(
        stack(),
        state(record("vm", MACHINE, protect=True)),
        present("vm"),
        owners={Address("vm"): THEIRS},
    )
    change = change_of(plan, "vm")
    assert (change.action, "prod/web" in change.reasons[0]) == (Action.FORGET, True)


def test_an_adopted_object_is_not_adopted_again() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Size": "l"}, lifecycle=Lifecycle(import_id="i-1"))),
        state(record("vm", MACHINE, {"Size": "l"})),
        present("vm", Size="l"),
    )
    assert actions(plan) == {"vm": "no-op"}


# --- unknowns ------------------------------------------------------------------------------------


def test_a_value_from_a_new_resource_is_known_after_apply() -> None:
    wanted = stack(
        resource("g", GROUP, {}),
        resource("vm", MACHINE, {"Groups": [unknown("${g.GroupId}")]}, needs=["g"]),
        outputs={"id": DesiredOutput(value=unknown("${vm.InstanceId}"))},
    )
    plan = plan_of(wanted, bind=_never)
    assert isinstance(change_of(plan, "vm").paths[0].after[0], Unknown)  # type: ignore[index]
    assert isinstance(plan.outputs[0].after, Unknown)
    assert plan.outputs[0].added


def _never(requests: object) -> list[None]:
    raise AssertionError("nothing new is known, so nothing is to be evaluated again")


def test_a_value_from_an_unchanged_resource_is_known_in_the_plan() -> None:
    wanted = stack(
        resource("g", GROUP, {}),
        resource("vm", MACHINE, {"Groups": [unknown("${g.GroupId}")]}, needs=["g"]),
    )
    built = state(record("g", GROUP), record("vm", MACHINE, {"Groups": ["sg-1"]}, needs=["g"]))
    seen = present("g", GroupId="sg-1") | present("vm", Groups=["sg-1"])
    assert plan_of(wanted, built, seen).empty


def test_one_call_binds_a_whole_level() -> None:
    calls: list[int] = []

    def counting(requests):  # type: ignore[no-untyped-def]
        calls.append(len(requests))
        return [scope[next(iter(scope))]["GroupId"] for _, scope in requests]

    members = [f"vm{number}" for number in range(5)]
    wanted = stack(
        resource("g", GROUP, {}),
        *(
            resource(name, MACHINE, {"Groups": [unknown("${g.GroupId}")]}, needs=["g"])
            for name in members
        ),
    )
    built = state(
        record("g", GROUP), *(record(name, MACHINE, {"Groups": ["sg-1"]}) for name in members)
    )
    seen = present("g", GroupId="sg-1")
    for name in members:
        seen |= present(name, Groups=["sg-1"])
    assert plan_of(wanted, built, seen, bind=counting).empty
    assert calls == [5]


def test_an_unknown_on_a_create_only_path_is_treated_as_a_replacement() -> None:
    wanted = stack(
        resource("g", GROUP, {"Description": "new"}),
        resource("vm", MACHINE, {"Subnet": unknown("${g.GroupId}")}, needs=["g"]),
    )
    built = state(
        record("g", GROUP, {"Description": "old"}),
        record("vm", MACHINE, {"Subnet": "sg-1"}, needs=["g"]),
    )
    seen = present("g", Description="old", GroupId="sg-1") | present("vm", Subnet="sg-1")
    change = change_of(plan_of(wanted, built, seen), "vm")
    assert change.action is Action.REPLACE
    assert (change.paths[0].may_force, change.paths[0].forces) == (True, False)
    assert "known after apply" in change.reasons[0]


def test_an_unknown_elsewhere_may_change_and_is_an_update() -> None:
    wanted = stack(
        resource("g", GROUP, {"Description": "new"}),
        resource("vm", MACHINE, {"Groups": [unknown("${g.GroupId}"), "sg-9"]}, needs=["g"]),
    )
    built = state(
        record("g", GROUP, {"Description": "old"}),
        record("vm", MACHINE, {"Groups": ["sg-1", "sg-9"]}, needs=["g"]),
    )
    seen = present("g", Description="old", GroupId="sg-1") | present("vm", Groups=["sg-9", "sg-1"])
    change = change_of(plan_of(wanted, built, seen), "vm")
    assert change.action is Action.UPDATE
    assert [(p.path, p.before) for p in change.paths] == [("/Groups/0", "sg-1")]
    assert isinstance(change.paths[0].after, Unknown)


def test_a_restart_makes_volatile_attributes_unknown_and_keeps_the_others() -> None:
    wanted = stack(
        resource("vm", MACHINE, {"Size": "l"}),
        outputs={
            "ip": DesiredOutput(value=unknown("${vm.PublicIp}")),
            "id": DesiredOutput(value=unknown("${vm.InstanceId}")),
        },
    )
    plan = plan_of(
        wanted,
        state(record("vm", MACHINE, {"Size": "s"})),
        present("vm", Size="s", PublicIp="1.2.3.4", InstanceId="i-1"),
    )
    after = {output.name: output.after for output in plan.outputs}
    assert isinstance(after["ip"], Unknown)
    assert after["id"] == "i-1"


def test_an_attribute_is_unknown_where_a_property_changes_that_it_follows() -> None:
    ports = [{"Port": 22}]
    built = state(
        record("g", GROUP, {"Ingress": ports, "Tags": []}), record("b", BUCKET, {"Name": "v-7"})
    )
    seen = present("g", Ingress=ports, Tags=[], Version="7") | present("b", Name="v-7")
    for changed, unknown_then in (
        ({"Ingress": [{"Port": 443}], "Tags": []}, True),
        ({"Ingress": ports, "Tags": [{"Key": "a", "Value": "b"}]}, False),
    ):
        wanted = stack(
            resource("g", GROUP, changed),
            resource("b", BUCKET, {"Name": unknown("v-${g.Version}")}, needs=["g"]),
        )
        plan = plan_of(wanted, built, seen)
        assert change_of(plan, "g").action is Action.UPDATE
        after = [path.after for path in change_of(plan, "b").paths]
        assert [isinstance(one, Unknown) for one in after] == [True] * unknown_then


def test_a_sensitive_expression_gives_a_hash_and_never_the_value() -> None:
    wanted = stack(
        resource("g", GROUP, {}),
        resource("vm", MACHINE, {"Size": unknown("x-${g.GroupId}", sensitive=True)}, needs=["g"]),
        outputs={"id": DesiredOutput(value=unknown("${g.GroupId}"), sensitive=True)},
    )
    plan = plan_of(
        wanted,
        state(record("g", GROUP), record("vm", MACHINE, {"Size": "s"})),
        present("g", GroupId="sg-1") | present("vm", Size="s"),
    )
    (path,) = change_of(plan, "vm").paths
    assert path.after == REDACT("x-sg-1")
    assert path.before == REDACT("s"), "what was there is as sensitive as what comes"
    assert plan.outputs[0].after == REDACT("sg-1")


def test_a_sensitive_property_of_another_resource_does_not_leak_through_an_expression() -> None:
    wanted = stack(
        resource("vm", MACHINE, {"Size": Sensitive("hidden")}),
        outputs={"size": DesiredOutput(value=unknown("${vm.Size}"))},
    )
    plan = plan_of(
        wanted,
        state(record("vm", MACHINE, {"Size": REDACT("hidden")})),
        present("vm", Size="hidden"),
    )
    assert isinstance(plan.outputs[0].after, Unknown)
    assert actions(plan) == {"vm": "no-op"}


# --- outputs -------------------------------------------------------------------------------------


def test_outputs_are_compared_with_what_was_recorded() -> None:
    from gitbot.model.recorded import RecordedOutput

    plan = plan_of(
        stack(
            outputs={
                "same": DesiredOutput(value="s"),
                "new": DesiredOutput(value=1),
                "changed": DesiredOutput(value="b"),
                "secret": DesiredOutput(value="p", sensitive=True),
            }
        ),
        state(
            outputs={
                "same": RecordedOutput(value="s"),
                "changed": RecordedOutput(value="a"),
                "gone": RecordedOutput(value="g"),
                "secret": RecordedOutput(value=REDACT("p"), sensitive=True),
            }
        ),
    )
    assert [(o.name, o.before, o.after, o.added, o.removed) for o in plan.outputs] == [
        ("changed", "a", "b", False, False),
        ("gone", "g", None, False, True),
        ("new", None, 1, True, False),
    ]
    assert not plan.empty


# --- what is wrong -------------------------------------------------------------------------------

CASES = {
    "removal-undeclared": (
        stack(resource("vm", MACHINE, {})),
        state(record("vm", MACHINE, {"Size": "s"})),
        present("vm", Size="s"),
    ),
    "protected": (
        stack(resource("data", BUCKET, {"BucketName": "b"}, lifecycle=Lifecycle(protect=True))),
        state(record("data", BUCKET, {"BucketName": "a"})),
        present("data", BucketName="a"),
    ),
    "import-absent": (
        stack(resource("vm", MACHINE, {}, lifecycle=Lifecycle(import_id="i-9"))),
        state(),
        absent("vm"),
    ),
    "import-differs": (
        stack(resource("vm", MACHINE, {"Image": "b"}, lifecycle=Lifecycle(import_id="i-9"))),
        state(),
        present("vm", Image="a"),
    ),
    "moved-still-desired": (
        stack(resource("a"), resource("b", lifecycle=Lifecycle(moved=Address("a")))),
        state(record("a")),
        {},
    ),
    "moved-twice": (
        stack(
            resource("b", lifecycle=Lifecycle(moved=Address("a"))),
            resource("c", lifecycle=Lifecycle(moved=Address("a"))),
        ),
        state(record("a")),
        {},
    ),
    "moved-conflict": (
        stack(resource("b", lifecycle=Lifecycle(moved=Address("a")))),
        state(record("a"), record("b")),
        {},
    ),
    "moved-missing": (
        stack(resource("b", BUCKET, {"BucketName": "n"})),
        state(record("a", BUCKET, {"BucketName": "n"})),
        present("a", BucketName="n"),
    ),
    "moved-missing by import": (
        stack(resource("b", GROUP, lifecycle=Lifecycle(import_id="id-a"))),
        state(record("a", GROUP)),
        present("a") | {Address("b"): present("a")[Address("a")]},
    ),
    "moved-missing by import of what is kept": (
        replace(
            stack(resource("b", GROUP, lifecycle=Lifecycle(import_id="id-a"))),
            forgotten=frozenset({Address("a")}),
        ),
        state(record("a", GROUP)),
        present("a") | {Address("b"): present("a")[Address("a")]},
    ),
    "named-twice": (
        stack(
            resource("a", BUCKET, {"BucketName": "n"}), resource("b", BUCKET, {"BucketName": "n"})
        ),
        state(record("a", BUCKET, {"BucketName": "n"}, remote_id="n")),
        present("a", BucketName="n"),
    ),
    "account-mismatch": (stack(), state(record("a", account="222222222222")), {}),
    "region-mismatch": (stack(), state(record("a", region="us-east-1")), {}),
    "unknown-type": (stack(resource("a", "Test::Nothing")), state(), {}),
    "dependency-cycle": (
        stack(resource("a", needs=["b"]), resource("b", needs=["a"])),
        state(),
        {},
    ),
}


@pytest.mark.parametrize("code", CASES)
def test_faults_that_show_only_with_state_and_cloud_are_diagnostics(code: str) -> None:
    desired, recorded, observed = CASES[code]
    with pytest.raises(SpecError) as caught:
        plan_of(desired, recorded, observed)  # type: ignore[arg-type]
    found = caught.value.diagnostics[0]
    assert found.code == code.partition(" ")[0]
    assert found.stack == "web"
    assert found.environment == "dev"
    assert found.detail
    assert found.fix


@pytest.mark.parametrize(
    "code",
    [
        "moved-twice",
        "moved-conflict",
        "moved-missing",
        "named-twice",
        "unknown-type",
        "removal-undeclared",
    ],
)
def test_a_fault_inside_of_a_module_names_the_line_that_uses_it(code: str) -> None:
    desired, recorded, observed = CASES[code]
    at = (SourceSpan(file="specs/dev/web.yaml", line=8),)
    assert isinstance(desired, DesiredStack)
    resources = {address: replace(one, used_at=at) for address, one in desired.resources.items()}
    with pytest.raises(SpecError) as caught:
        plan_of(replace(desired, resources=resources), recorded, observed)  # type: ignore[arg-type]
    assert caught.value.diagnostics[0].used_at == at


def test_objects_without_tags_are_told_apart_by_all_that_names_them() -> None:
    """Records, for instance: a name is the same with the dot at its end."""
    record_type = TypeSchema(
        name="Test::Record",
        route=Route.NATIVE,
        natural_key=("Zone", "Name"),
        normalise=lambda given: {**given, "Name": str(given["Name"]).rstrip(".")},
    )

    def planned(zone: str) -> Plan:
        first, second = (
            {"Zone": "z", "Name": "www.a.example"},
            {"Zone": zone, "Name": "www.a.example."},
        )
        desired = stack(resource("a", record_type, first), resource("b", record_type, second))
        return plan_of(desired, state(), {}, schemas={record_type.name: record_type}.get)

    assert len(planned("other").changes) == 2
    with pytest.raises(SpecError) as caught:
        planned("z")
    assert [one.code for one in caught.value.diagnostics] == ["named-twice"]


MEMBER = TypeSchema(
    name="Test::Member",
    route=Route.NATIVE,
    create_only=("/Club", "/Name", "/Kind"),
    natural_key=("Club", "Name"),
    name_within=frozenset({"Club"}),
)


@pytest.mark.parametrize("within", [MEMBER.name_within, None])
@pytest.mark.parametrize("name", [{}, {"Name": "ada"}])
def test_objects_with_generated_names_are_apart_in_one_place(
    name: Mapping[str, str], within: frozenset[str] | None
) -> None:
    """Two schedules of a group, two services of a cluster, two metric filters of a log group, for instance."""
    one = {"Club": "c", **name}
    schemas = {MEMBER.name: replace(MEMBER, name_within=within)}.get

    def planned(desired: DesiredStack, *had: str, kind: str = "a") -> Plan:
        recorded = state(*(record(each, MEMBER, {**one, "Kind": kind}) for each in had))
        seen = {at: there for each in had for at, there in present(each, **one, Kind=kind).items()}
        return plan_of(desired, recorded, seen, schemas=schemas)

    mine = {**one, "Kind": "a"}
    two = stack(resource("a", MEMBER, mine), resource("b", MEMBER, mine))
    changed = stack(resource("a", MEMBER, {**one, "Kind": "b"}))
    order = change_of(planned(changed, "a"), "a").replace_order
    if not name:
        assert len(planned(two).changes) == 2
        actions = [
            change.action for change in planned(stack(resource("b", MEMBER, mine)), "a").changes
        ]
        assert sorted(actions) == [Action.CREATE, Action.DELETE]
        assert order is ReplaceOrder.CREATE_FIRST
        return
    for wrong in (lambda: planned(two), lambda: planned(stack(resource("b", MEMBER, mine)), "a")):
        with pytest.raises(SpecError):
            wrong()
    assert order is ReplaceOrder.DELETE_FIRST


@pytest.mark.parametrize(
    ("zone", "template", "same"),
    [("z", "${zone.Id}", True), ("other", "${zone.Id}", False), ("z", "${zone.Name}", False)],
)
def test_objects_of_one_that_is_not_there_yet_are_told_apart_too(
    zone: str, template: str, same: bool
) -> None:
    """Two routes with one key of an API that the same apply makes, for instance. In modules, two names may be
    written as one."""
    record_type = TypeSchema(
        name="Test::Record",
        route=Route.NATIVE,
        natural_key=("Zone", "Name", "Identifier"),
        name_within=frozenset({"Zone"}),
    )
    first = Unknown(template="${zone.Id}", references={"zone": Address("z")})
    second = Unknown(template=template, references={"zone": Address(zone)})
    desired = stack(
        *(resource(name, GROUP) for name in ("z", "other")),
        resource("a", record_type, {"Zone": first, "Name": "www"}, needs=["z"]),
        resource("b", record_type, {"Zone": second, "Name": "www"}, needs=[zone]),
    )
    known = {record_type.name: record_type, GROUP.name: GROUP}.get
    if not same:
        assert len(plan_of(desired, state(), {}, schemas=known).changes) == 4
        return
    with pytest.raises(SpecError) as caught:
        plan_of(desired, state(), {}, schemas=known)
    [found] = caught.value.diagnostics
    assert (found.code, "`${zone.Id} www`" in found.detail) == ("named-twice", True)


def test_all_problems_are_reported_at_once() -> None:
    with pytest.raises(SpecError) as caught:
        plan_of(
            stack(resource("vm", MACHINE, {}), resource("x", "Test::Nothing")),
            state(record("vm", MACHINE, {"Size": "s"}), record("old", GROUP, protect=True)),
            present("vm", Size="s") | present("old"),
        )
    assert {item.code for item in caught.value.diagnostics} == {
        "removal-undeclared",
        "unknown-type",
        "protected",
    }


def test_a_protected_stack_cannot_be_destroyed() -> None:
    with pytest.raises(SpecError) as caught:
        plan_of(None, state(record("data", BUCKET, protect=True)), present("data"))
    assert caught.value.diagnostics[0].code == "protected"


def test_a_removed_path_without_a_default_is_no_error_where_the_object_is_replaced() -> None:
    plan = plan_of(
        stack(resource("vm", MACHINE, {"Image": "b"})),
        state(record("vm", MACHINE, {"Image": "a", "Size": "s"})),
        present("vm", Image="a", Size="s"),
    )
    assert actions(plan) == {"vm": "replace"}


def test_a_plan_has_only_the_redacted_form_of_a_sensitive_value() -> None:
    plan = plan_of(stack(resource("vm", MACHINE, {"Password": Sensitive("s3cret")})))
    assert isinstance(change_of(plan, "vm").paths[0].after, Redacted)
    assert "s3cret" not in repr(plan)


def test_a_plan_from_the_state_of_another_name_says_which_and_keeps_its_digest() -> None:
    had, seen = record("a", BUCKET, {"BucketName": "x"}), present("a", BucketName="x")
    wanted = stack(resource("a", BUCKET, {"BucketName": "x"}))
    former = replace(STACK, name="former")
    renamed = plan_of(wanted, state(had, id=former), seen)
    same = plan_of(wanted, state(had), seen)
    assert (renamed.renamed_from, same.renamed_from) == ("former", "")
    assert renamed.digest == same.digest
