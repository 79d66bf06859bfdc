"""Tests for what changes a digest and what does not."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.model.codec import from_data, to_data
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address, RemoteId, Sha, StackId
from gitbot.model.plan import (
    Action,
    Cause,
    Change,
    Drift,
    DriftKind,
    Guard,
    GuardHit,
    OutputChange,
    PathChange,
    Plan,
    SettingChange,
)
from gitbot.model.schema import Disruption, ReplaceOrder
from gitbot.model.values import Redacted, Unknown
from gitbot.reconciler.digest import digest, operation_token

UNKNOWN = Unknown(template="${a.Id}", inputs={"vars": {"n": 1}}, references={"a": Address("a")})
PATH = PathChange(path="/Size", before="s", after="l")
CHANGE = Change(
    address=Address("vm"),
    type="Test::Machine",
    action=Action.UPDATE,
    remote_id=RemoteId("i-1"),
    paths=(PATH,),
)
IP = OutputChange(name="ip", before="1", after="2", definition=UNKNOWN)
PLAN = Plan(
    stack=StackId(repository="1", environment="dev", name="web", region="eu-west-1"),
    account="111111111111",
    commit=Sha("a" * 40),
    serial=3,
    lineage="line",
    desired_hash="h",
    changes=(CHANGE,),
    outputs=(IP,),
)


def with_change(**changes: Any) -> Plan:
    return replace(PLAN, changes=(replace(CHANGE, **changes),))


def with_path(**changes: Any) -> Plan:
    return with_change(paths=(replace(PATH, **changes),))


def with_end(before: str | None, after: str | None) -> Plan:
    said = SettingChange(name="expiry", before=before, after=after)
    return replace(PLAN, lifetime=said)


LEFT_OUT = {
    "commit": replace(PLAN, commit=None),
    "serial": replace(PLAN, serial=9),
    "lineage": replace(PLAN, lineage="another, made up at each read of an unapplied stack"),
    "hash of the specs": replace(PLAN, desired_hash="other"),
    "pack version": replace(PLAN, pack_version="p9"),
    "guards": replace(PLAN, guards=(GuardHit(guard=Guard.MASS_DELETE, detail="many"),)),
    "drift": replace(PLAN, drift=(Drift(address=Address("x"), type="T", kind=DriftKind.DELETED),)),
    "digest": replace(PLAN, digest="itself"),
    "repository": replace(PLAN, stack=replace(PLAN.stack, repository="2")),
    "no-ops": replace(
        PLAN, changes=(Change(address=Address("b"), type="T", action=Action.NOOP), CHANGE)
    ),
    "previous value": with_path(before="m"),
    "whether there was one": with_path(added=True),
    "cause": with_path(cause=Cause.DRIFT),
    "note": with_path(note="words"),
    "reasons": with_change(reasons=("words",)),
    "source": with_change(source=SourceSpan(file="elsewhere.yaml", line=3)),
    "order of dependencies": with_change(depends_on=(Address("a"),)),
    "form of a number": with_path(after="l"),
    "previous output": replace(PLAN, outputs=(replace(IP, before="0"),)),
    "value of an output, which may move when nobody changes anything": replace(
        PLAN, outputs=(replace(IP, after="3"),)
    ),
    "an output of which the value alone has moved": replace(
        PLAN, outputs=(IP, replace(IP, name="dns", moved=True))
    ),
    "an expiry that stays": with_end("ttl: 3d", "ttl: 3d"),
}
NAMED = {
    "account": replace(PLAN, account="222222222222"),
    "region": replace(PLAN, stack=replace(PLAN.stack, region="us-east-1")),
    "environment": replace(PLAN, stack=replace(PLAN.stack, environment="prod")),
    "stack": replace(PLAN, stack=replace(PLAN.stack, name="other")),
    "destruction": replace(PLAN, destroys=True),
    "address": with_change(address=Address("vm2")),
    "type": with_change(type="Test::Other"),
    "action": with_change(action=Action.REPLACE),
    "physical id": with_change(remote_id=RemoteId("i-2")),
    "disruption": with_change(disruption=Disruption.RESTART),
    "replacement order": with_change(replace_order=ReplaceOrder.DELETE_FIRST),
    "move": with_change(moved_from=Address("old")),
    "deposed object": with_change(deposed_operation="op"),
    "properties of a creation": with_change(properties_hash="x"),
    "path": with_path(path="/Other"),
    "new value": with_path(after="xl"),
    "kind of new value": with_path(after=1),
    "hash of a sensitive value": with_path(after=Redacted(digest="d", key_id="k")),
    "expression": with_path(after=UNKNOWN),
    "what an expression uses": with_path(after=replace(UNKNOWN, inputs={"vars": {"n": 2}})),
    "forcing": with_path(forces=True),
    "removal": with_path(removed=True),
    "one path more": with_change(paths=(PATH, replace(PATH, path="/More"))),
    "one path less": with_change(paths=()),
    "a change more": replace(PLAN, changes=(CHANGE, replace(CHANGE, address=Address("z")))),
    "what an output is made of": replace(PLAN, outputs=(replace(IP, definition="3"),)),
    "secrecy of an output": replace(PLAN, outputs=(replace(IP, sensitive=True),)),
    "name of an output": replace(PLAN, outputs=(replace(IP, name="dns"),)),
    "no output": replace(PLAN, outputs=()),
    "a lifecycle setting": with_change(settings=(SettingChange(name="protect", before=True),)),
    "another lifecycle setting": with_change(settings=(SettingChange(name="retain", after=True),)),
    "deleting what is inside": with_change(empties=True),
    "an expiry": with_end(None, "ttl: 3d"),
    "another expiry": with_end("ttl: 3d", "ttl: 72h"),
    "no expiry any more": with_end("ttl: 3d", None),
}


@pytest.mark.parametrize("what", LEFT_OUT)
def test_fields_without_an_effect_do_not_change_the_digest(what: str) -> None:
    assert digest(LEFT_OUT[what]) == digest(PLAN)


def test_every_other_field_changes_the_digest() -> None:
    names = {what: digest(plan) for what, plan in NAMED.items()}
    assert digest(PLAN) not in names.values()
    assert len(set(names.values())) == len(NAMED)


def test_whole_floats_and_integers_give_the_same_digest() -> None:
    assert digest(with_path(after={"n": [1.0]})) == digest(with_path(after={"n": [1]}))


def test_a_removed_list_element_counts_by_its_content_and_not_by_its_index() -> None:
    def leaving(path: str, before: Any) -> str:
        return digest(with_path(path=path, before=before, after=None, removed=True))

    assert leaving("/Ingress/0", {"P": 22}) == leaving("/Ingress/3", {"P": 22})
    assert leaving("/Ingress/0", {"P": 22}) != leaving("/Ingress/0", {"P": 80})


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=4)
    | st.builds(Redacted, digest=st.text(max_size=4), key_id=st.just("k"))
    | st.builds(
        Unknown,
        template=st.text(max_size=6),
        references=st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
        sensitive=st.booleans(),
    ),
    lambda items: (
        st.lists(items, max_size=3) | st.dictionaries(st.text("abc", max_size=2), items, max_size=3)
    ),
    max_leaves=6,
)
PATHS = st.builds(
    PathChange,
    path=st.sampled_from(["/A", "/B/0", "/B/1", "/Tags/owner"]),
    before=VALUES,
    after=VALUES,
    added=st.booleans(),
    removed=st.booleans(),
    cause=st.sampled_from(Cause),
    forces=st.booleans(),
    may_force=st.booleans(),
    note=st.text(max_size=5),
)
CHANGES = st.builds(
    Change,
    address=st.text("abc", min_size=1, max_size=3).map(Address),
    type=st.sampled_from(["T", "U"]),
    action=st.sampled_from(Action),
    remote_id=st.none() | st.just(RemoteId("i")),
    paths=st.lists(PATHS, max_size=3).map(tuple),
    disruption=st.sampled_from(Disruption),
    replace_order=st.none() | st.sampled_from(ReplaceOrder),
    reasons=st.lists(st.text(max_size=4), max_size=2).map(tuple),
    depends_on=st.lists(st.just(Address("a")), max_size=1).map(tuple),
    moved_from=st.none() | st.just(Address("m")),
    deposed_operation=st.none() | st.just("op"),
    source=st.none() | st.just(SourceSpan(file="f", line=2)),
)
PLANS = st.builds(
    lambda changes, outputs, serial: replace(
        PLAN, changes=tuple(changes), outputs=tuple(outputs), serial=serial
    ),
    st.lists(CHANGES, max_size=4, unique_by=lambda item: (item.address, item.deposed_operation)),
    st.lists(
        st.builds(OutputChange, name=st.sampled_from("xyz"), before=VALUES, after=VALUES),
        max_size=2,
        unique_by=lambda item: item.name,
    ),
    st.integers(0, 9),
)


@given(PLANS)
def test_a_plan_and_its_digest_survive_a_round_trip_through_json(plan: Plan) -> None:
    again = from_data(json.loads(json.dumps(to_data(plan))), Plan)
    assert again == plan
    assert digest(again) == digest(plan)


@given(PLANS, st.randoms())
def test_the_order_of_changes_and_paths_does_not_change_the_digest(plan: Plan, random: Any) -> None:
    changes = [
        replace(item, paths=tuple(random.sample(item.paths, len(item.paths))))
        for item in plan.changes
    ]
    random.shuffle(changes)
    shuffled = replace(plan, changes=tuple(changes))
    # Two entries for one path have no order of their own; a planner never makes them.
    unique = all(len({p.path for p in item.paths}) == len(item.paths) for item in plan.changes)
    assert not unique or digest(shuffled) == digest(plan)


def test_a_token_is_the_same_for_the_same_mutation_and_fits_into_names() -> None:
    token = operation_token("line", Address("vm"), 1, "create")
    assert token == operation_token("line", Address("vm"), 1, "create")
    assert len(token) == 32
    assert token.isalnum()
    others = {
        operation_token("other", Address("vm"), 1, "create"),
        operation_token("line", Address("vm2"), 1, "create"),
        operation_token("line", Address("vm"), 2, "create"),
        operation_token("line", Address("vm"), 1, "delete"),
        token,
    }
    assert len(others) == 5
