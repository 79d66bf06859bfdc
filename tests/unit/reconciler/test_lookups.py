"""What is looked for before a create, and what becomes of what is found.

The kind: an object that is there already is made a second time, or its name is only found to be taken
when the apply is under way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Lookup
from gitbot.model.ownership import Owner, Whose
from gitbot.model.plan import Guard
from gitbot.model.recorded import Intent, IntentKind, RecordedStack
from gitbot.model.schema import Parent, Route, TypeSchema
from gitbot.model.values import Sensitive, Value
from gitbot.reconciler.guards import guards
from gitbot.reconciler.lookups import (
    Proposal,
    adopting,
    claims_on,
    lookups_of,
    propose,
    with_rivals,
)
from gitbot.reconciler.ownership import NOBODYS, OURS, parent_of
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    STACK,
    TYPES,
    absent,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)

DATA = Address("data")
NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def asked(properties: Mapping[str, Value], recorded: RecordedStack) -> tuple[Lookup, ...]:
    wanted = stack(resource("data", BUCKET, properties), resource("net", GROUP))
    found = lookups_of(plan_of(wanted, recorded), recorded, TYPES.get)
    return tuple(each for each in found if each.address == DATA)


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        pytest.param({"BucketName": "b", "Versioning": {"Status": "Enabled"}}, True, id="named"),
        pytest.param({"Versioning": {"Status": "Enabled"}}, False, id="generated"),
        pytest.param({"BucketName": unknown("${net.GroupId}")}, False, id="known after apply"),
        pytest.param({"BucketName": Sensitive("b")}, False, id="sensitive"),
    ],
)
def test_a_create_is_looked_for_by_its_name_or_by_its_tags(
    properties: Mapping[str, Value], named: bool
) -> None:
    (lookup,) = asked(properties, state())
    assert (lookup.named, lookup.lineage, lookup.stack) == (named, "line", "dev/web")
    assert lookup.properties == ({"BucketName": "b"} if named else {})


ALIAS = TypeSchema(
    name="Test::Alias",
    route=Route.NATIVE,
    create_only=("/Name", "/Place", "/Parts", "/Role"),
    natural_key=("/Name",),
    parent=Parent(type=GROUP.name, reference="Target"),
)


@pytest.mark.parametrize(
    ("properties", "named"),
    [
        pytest.param({"Target": unknown("${net.GroupId}")}, True, id="new parent"),
        pytest.param({"Parts": [{"Key": "a"}], "Target": "g"}, True, id="a list that is fixed"),
        pytest.param({"Parts": {"Key": unknown("${net.GroupId}")}}, True, id="a map"),
        pytest.param({"Place": unknown("${net.GroupId}")}, False, id="unknown where"),
        pytest.param({"Role": unknown("${net.GroupId}")}, True, id="unknown, not where"),
    ],
)
def test_a_known_name_is_looked_for_whatever_else_is_not_known(
    properties: Mapping[str, Value], named: bool
) -> None:
    wanted = stack(resource("data", ALIAS, {"Name": "a", **properties}), resource("net", GROUP))
    kind = replace(ALIAS, name_within=frozenset({"Place"})) if "Role" in properties else ALIAS
    schemas = {**TYPES, ALIAS.name: kind}
    plan = plan_of(wanted, state(), schemas=schemas.get)
    found = lookups_of(plan, state(), schemas.get)
    assert [one.named for one in found if one.address == DATA] == [named]


MEMBER = TypeSchema(
    name="Test::Member",
    route=Route.NATIVE,
    create_only=("/Club", "/Name"),
    natural_key=("Club", "Name"),
    name_within=frozenset({"Club"}),
)


@pytest.mark.parametrize("within", [MEMBER.name_within, None])
@pytest.mark.parametrize(
    ("properties", "named"),
    [
        ({"Club": "c", "Name": "a"}, True),
        ({"Club": "c"}, False),
        ({"Club": "c", "Name": unknown("${net.GroupId}")}, False),
        ({"Club": unknown("${net.GroupId}"), "Name": "a"}, False),
    ],
)
def test_where_a_name_counts_is_no_name(
    properties: Mapping[str, Value], named: bool, within: frozenset[str] | None
) -> None:
    """The kind: after a lost state, a node group with a generated name is made a second time."""
    wanted = stack(resource("data", MEMBER, properties), resource("net", GROUP))
    schemas = {**TYPES, MEMBER.name: replace(MEMBER, name_within=within)}
    plan = plan_of(wanted, state(), schemas=schemas.get)
    found = lookups_of(plan, state(), schemas.get)
    assert [one.named for one in found if one.address == DATA] == [named]


@pytest.mark.parametrize(
    ("inner", "known"),
    [({"Name": "a", "Size": 1}, {"Whole": {"Name": "a"}}), ({"Size": 1}, {})],
)
def test_a_name_within_a_property_is_looked_for(inner: Any, known: Any) -> None:
    schema = replace(BUCKET, natural_key=("Whole/Name",))
    plan = plan_of(stack(resource("data", BUCKET, {"Whole": inner})), state())
    (lookup,) = lookups_of(plan, state(), {BUCKET.name: schema}.get)
    assert (lookup.named, lookup.properties) == (bool(known), known)


def test_an_object_is_part_of_what_it_says_itself() -> None:
    """The kind: somebody's alias is ours because our spec points it at our key."""
    wanted = {"Name": "a", "Target": "ours"}
    (lookup,) = [replace(each, properties=wanted) for each in asked({}, state())]
    theirs = Found(remote_id=RemoteId("a"), parents={"Target": "theirs"})
    ((_, _, claimed),) = claims_on(state(), [lookup], {DATA: (theirs,)})
    assert parent_of(ALIAS, claimed) == (GROUP.name, "theirs")


def test_a_stack_without_state_is_looked_for_by_its_name() -> None:
    (lookup,) = asked({}, state(serial=0))
    assert (lookup.lineage, lookup.stack) == (None, "dev/web")


def test_nothing_is_looked_for_where_nothing_is_created_or_recovery_does_it() -> None:
    begun = Intent(
        operation="op",
        kind=IntentKind.CREATE,
        address=DATA,
        resource=record("data"),
        epoch=1,
        begun_at=NOON,
        deadline=NOON,
    )
    assert asked({}, state(intents=(begun,))) == ()
    made = state(record("net", GROUP), record("data", BUCKET))
    wanted = stack(resource("net", GROUP), resource("data", BUCKET))
    seen = present("net") | present("data")
    assert lookups_of(plan_of(wanted, made, seen), made, TYPES.get) == ()


def proposal(found: Found | None, owner: Owner, *, named: bool = True) -> Proposal:
    lookup = Lookup(
        address=DATA,
        type=BUCKET.name,
        route=Route.NATIVE,
        properties={},
        named=named,
        lineage="line",
        stack="dev/web",
    )
    claims = claims_on(state(), [lookup], {} if found is None else {DATA: (found,)})
    return propose(stack(resource("data", BUCKET)), claims, [owner], {})


OBJECT = Found(remote_id=RemoteId("b-1"), lineage="line", address="data")
BESIDE = replace(STACK, name="other")
HERE = Owner(whose=Whose.ANOTHERS, name="the stack dev/other", here=BESIDE)
PROD = Owner(whose=Whose.ANOTHERS, name="prod's", here=replace(STACK, environment="prod"))
AWAY = Owner(whose=Whose.ANOTHERS, name="away's")


@pytest.mark.parametrize(
    ("found", "owner", "named", "becomes"),
    [
        pytest.param(OBJECT, OURS, True, "adopts", id="ours by tags"),
        pytest.param(OBJECT, OURS, False, "adopts", id="ours without a name"),
        pytest.param(
            replace(OBJECT, lineage=None, address=None),
            OURS,
            True,
            "adopts",
            id="ours by its parent",
        ),
        pytest.param(
            replace(OBJECT, address="former"), OURS, True, "already-exists", id="another address"
        ),
        pytest.param(OBJECT, NOBODYS, True, "already-exists", id="made by hand"),
        pytest.param(OBJECT, AWAY, True, "already-exists", id="of another state"),
        pytest.param(OBJECT, PROD, True, "already-exists", id="of another environment"),
        pytest.param(OBJECT, HERE, True, "rivals", id="of a stack that may let go of it"),
        pytest.param(OBJECT, HERE, False, "", id="like-named, of a stack beside"),
        pytest.param(
            OBJECT,
            Owner(whose=Whose.ANOTHERS, name="theirs", here=replace(STACK, repository="2")),
            False,
            "",
            id="of the like-named stack of another repository",
        ),
        pytest.param(OBJECT, AWAY, False, "rivals", id="same stack and address, another state"),
        pytest.param(None, NOBODYS, True, "", id="nothing there"),
        pytest.param(None, OURS, True, "", id="a new part of ours"),
        pytest.param(None, HERE, True, "", id="a new part in this environment"),
        pytest.param(None, PROD, True, "belongs-to-another", id="a new part of prod's"),
        pytest.param(None, AWAY, True, "belongs-to-another", id="a new part of another state's"),
    ],
)
def test_what_becomes_of_a_create(
    found: Found | None, owner: Owner, named: bool, becomes: str
) -> None:
    made = proposal(found, owner, named=named)
    names = {"adopts": bool(made.adopts), "rivals": bool(made.rivals)}
    names |= {each.code: True for each in made.problems}
    assert [name for name, there in names.items() if there] == ([becomes] if becomes else [])


def test_an_object_of_another_address_is_told_with_the_line_that_moves_it() -> None:
    """Also where state has it, and a partial plan leaves it out."""
    found = proposal(replace(OBJECT, address="former"), OURS, named=True).problems[0]
    assert "`gitbot state list` still has it, write `lifecycle: {moved: former}` in `" in found.fix


def test_an_object_that_state_has_is_not_offered_again() -> None:
    lookup = Lookup(
        address=DATA,
        type=BUCKET.name,
        route=Route.NATIVE,
        properties={},
        named=False,
        lineage="line",
        stack="dev/web",
    )
    known = state(record("old", BUCKET, remote_id=RemoteId("b-1")))
    assert claims_on(known, [lookup], {DATA: (OBJECT,)}) == ()


def test_two_objects_of_one_address_are_told_and_none_is_taken() -> None:
    lookup = Lookup(
        address=DATA,
        type=BUCKET.name,
        route=Route.NATIVE,
        properties={},
        named=False,
        lineage="line",
        stack="dev/web",
    )
    twice = (OBJECT, replace(OBJECT, remote_id=RemoteId("b-2")))
    claims = claims_on(state(), [lookup], {DATA: twice})
    wanted = stack(resource("data", BUCKET))
    (problem,) = propose(wanted, claims, [OURS, OURS], {}).problems
    assert problem.code == "found-twice"
    assert "`b-1`, `b-2`" in problem.detail


@pytest.mark.parametrize(
    ("found", "owner", "says"),
    [
        ((OBJECT,), OURS, "There is `b-1` with the tags of `data`"),
        ((OBJECT, replace(OBJECT, remote_id=RemoteId("b-2"))), OURS, "There are `b-1`, `b-2` with"),
        ((replace(OBJECT, lineage=None, address=None),), OURS, "with the name of `data`"),
        ((OBJECT,), AWAY, ""),
    ],
)
def test_what_stands_in_place_of_an_object_that_state_has_is_told_and_not_taken(
    found: tuple[Found, ...], owner: Owner, says: str
) -> None:
    """The kind: state has one that is gone, so that a plan with an import would read, create and find for ever."""
    gone = record("data", BUCKET, remote_id=RemoteId("b-0"))
    wanted, recorded = stack(resource("data", BUCKET)), state(gone)
    (lookup,) = lookups_of(plan_of(wanted, recorded, absent("data")), recorded, TYPES.get)
    claims = claims_on(recorded, [lookup], {DATA: found})
    made = propose(wanted, claims, [owner] * len(found), recorded.resources)
    assert made.adopts == {}
    assert [one.code for one in made.problems] == (["another-in-place"] if says else [])
    for problem in made.problems:
        assert says in problem.detail
        assert "State has `b-0` as `data`" in problem.detail
        assert "gitbot recover dev" in problem.fix


def test_what_is_adopted_is_imported_and_the_rest_stays() -> None:
    wanted = stack(resource("data", BUCKET), resource("net", GROUP))
    changed = adopting(wanted, {DATA: RemoteId("b-1")})
    assert changed.resources[DATA].lifecycle.import_id == "b-1"
    assert changed.resources[Address("net")] is wanted.resources[Address("net")]


def test_rivals_hold_the_plan_until_somebody_agrees() -> None:
    plan = plan_of(stack(resource("data", BUCKET)))
    held = with_rivals(plan, {DATA: ("`b-1` belongs to another",)})
    (hit,) = guards(held, environment_resources=0, environment_has_errors=False)
    assert (hit.guard, hit.addresses, hit.blocks) == (Guard.ALREADY_THERE, (DATA,), False)
    assert "`b-1` belongs to another" in hit.detail
    assert with_rivals(plan, {}) is plan
