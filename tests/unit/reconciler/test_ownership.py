"""Whose an object is: every case of state, tags and parent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gitbot.model.desired import Lifecycle
from gitbot.model.names import Address, RemoteId
from gitbot.model.ownership import Claimed, Holding, Owner, Whose
from gitbot.model.plan import Guard
from gitbot.model.recorded import StackHeader
from gitbot.model.schema import Parent, Route, TypeSchema
from gitbot.reconciler.guards import guards
from gitbot.reconciler.ownership import NOBODYS, OURS, claims_of, owner_of, parent_of
from gitbot.reconciler.reading import read_requests
from tests.unit.reconciler.planning_world import (
    ACCOUNT,
    BUCKET,
    STACK,
    TYPES,
    absent,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
)

OTHER = replace(STACK, environment="prod")
HEADER = StackHeader(id=OTHER, lineage="x", serial=4, resources=2, left=2)


def claimed(lineage: str | None = None, *, recorded: bool = False) -> Claimed:
    label = (STACK if lineage == "line" else OTHER).label
    tags = {"gitbot:lineage": lineage, "gitbot:stack": label} if lineage else {}
    return Claimed(
        stack=STACK,
        lineage="line",
        type="Test::Bucket",
        remote_id=RemoteId("b"),
        recorded=recorded,
        tags=tags,
    )


def held_by(stack: object) -> Holding:
    return Holding(
        stack=stack,  # type: ignore[arg-type]
        address=Address("data"),
        type="Test::Bucket",
        remote_id=RemoteId("b"),
        account=ACCOUNT,
        region=STACK.region,
    )


HERE = Owner(whose=Whose.ANOTHERS, name="here", here=OTHER)
AWAY = Owner(whose=Whose.ANOTHERS, name="away")
NAMED = replace(claimed(), tags={"gitbot:stack": "prod/web"})
OWN, THEIRS = held_by(STACK), held_by(OTHER)
ANOTHERS = Whose.ANOTHERS


@pytest.mark.parametrize(
    ("its", "holders", "parent", "whose"),
    [
        pytest.param(claimed("line", recorded=True), [OWN], None, Whose.OURS, id="ours"),
        pytest.param(claimed("line"), [], None, Whose.OURS, id="ours, and state lost it"),
        pytest.param(claimed(recorded=True), [OWN], None, Whose.OURS, id="ours, its tags are gone"),
        pytest.param(claimed(), [], None, Whose.NOBODYS, id="made by hand"),
        pytest.param(claimed("x", recorded=True), [OWN], None, ANOTHERS, id="our record is old"),
        pytest.param(claimed("x"), [], None, ANOTHERS, id="of another state"),
        pytest.param(NAMED, [], None, ANOTHERS, id="its tag names another stack"),
        pytest.param(
            replace(NAMED, recorded=True), [OWN], None, Whose.OURS, id="ours, with another name"
        ),
        pytest.param(
            replace(NAMED, tags={"gitbot:stack": STACK.label}),
            [],
            None,
            Whose.NOBODYS,
            id="our name",
        ),
        pytest.param(claimed(), [THEIRS], None, ANOTHERS, id="another stack records it"),
        pytest.param(
            replace(
                claimed("line", recorded=True),
                tags={"gitbot:lineage": "line", "gitbot:stack": OTHER.label},
            ),
            [OWN, THEIRS],
            None,
            ANOTHERS,
            id="both have our lineage and record it, and the tags name the other",
        ),
        pytest.param(
            claimed("line"), [THEIRS], None, ANOTHERS, id="another records it, our tag is left over"
        ),
        pytest.param(
            claimed("line", recorded=True),
            [OWN, THEIRS],
            None,
            Whose.OURS,
            id="two records, our tag",
        ),
        pytest.param(
            claimed("x", recorded=True), [OWN, THEIRS], None, ANOTHERS, id="two records, their tag"
        ),
        pytest.param(
            claimed(recorded=True), [OWN, THEIRS], None, ANOTHERS, id="two records and no tag"
        ),
        pytest.param(claimed(), [], OURS, Whose.OURS, id="part of ours"),
        pytest.param(claimed(), [], NOBODYS, Whose.NOBODYS, id="part of nobody's"),
        pytest.param(claimed(), [], HERE, ANOTHERS, id="part of another stack's"),
        pytest.param(claimed(), [], AWAY, ANOTHERS, id="part of what another state has"),
        pytest.param(
            claimed(recorded=True),
            [OWN],
            HERE,
            Whose.OURS,
            id="our route in a table of the network",
        ),
        pytest.param(
            claimed(recorded=True),
            [OWN],
            AWAY,
            ANOTHERS,
            id="part of another state's, so ours is old",
        ),
        pytest.param(claimed(recorded=True), [OWN], NOBODYS, Whose.OURS, id="our part of nobody's"),
        pytest.param(claimed("line"), [], AWAY, Whose.OURS, id="a tag of its own decides"),
    ],
)
def test_whose_an_object_is(
    its: Claimed, holders: Sequence[Holding], parent: Owner | None, whose: Whose
) -> None:
    assert owner_of(its, holders, parent).whose is whose


@pytest.mark.parametrize(
    ("its", "holders", "words"),
    [
        (claimed("x"), [THEIRS], "the stack prod/web, which has it in state as `data`"),
        (claimed("x"), [], "the stack prod/web of another state (its tags say lineage x)"),
        (
            replace(claimed(), tags={"gitbot:lineage": "x"}),
            [],
            "a stack of another state (its tags say lineage x)",
        ),
    ],
)
def test_the_owner_is_named(its: Claimed, holders: Sequence[Holding], words: str) -> None:
    assert owner_of(its, holders).name == words


def test_a_stack_of_this_store_is_not_told_as_one_of_another_state() -> None:
    """It tags what it takes over before it records it."""
    owner = owner_of(claimed("x"), [], lineages={"x": HEADER})
    assert owner.name == "the stack prod/web (its tags say lineage x)"


@pytest.mark.parametrize(
    ("header", "holders", "let_go"),
    [
        (HEADER, [], True),
        (HEADER, [THEIRS], False),
        (replace(HEADER, complete=False), [], False),
        # A deposed object, or a create that nobody has recorded: it may be this one.
        (replace(HEADER, left=3), [], False),
    ],
)
def test_a_stack_has_let_go_of_what_its_finished_state_does_not_have(
    header: StackHeader, holders: Sequence[Holding], let_go: bool
) -> None:
    owner = owner_of(claimed("x"), holders, lineages={"x": header})
    assert (owner.whose, owner.let_go) == (Whose.ANOTHERS, let_go)


PART = TypeSchema(
    name="Test::Part", route=Route.NATIVE, parent=Parent(type="Test::Bucket", reference="Bucket")
)


@pytest.mark.parametrize(
    ("schema", "properties", "parent"),
    [
        (PART, {"Bucket": "b"}, ("Test::Bucket", "b")),
        (PART, {"Bucket": ""}, None),
        (PART, {}, None),
        (BUCKET, {"Bucket": "b"}, None),
        (None, {"Bucket": "b"}, None),
    ],
)
def test_the_parent_is_what_the_object_names(
    schema: TypeSchema | None, properties: dict[str, str], parent: tuple[str, str] | None
) -> None:
    assert parent_of(schema, replace(claimed(), properties=properties)) == parent


def test_a_stack_claims_what_it_records_and_what_it_imports_but_nothing_that_is_absent() -> None:
    known = state(record("data"), record("gone"))
    wanted = stack(
        resource("data"), resource("new", lifecycle=Lifecycle(import_id="id-new")), resource("gone")
    )
    requests = read_requests(wanted, known, TYPES.get)
    observed = present("data", BucketName="b") | present("new") | absent("gone")
    claims = claims_of(known, requests, observed)
    assert {at: (each.remote_id, each.recorded) for at, each in claims.items()} == {
        "data": ("id-data", True),
        "new": ("id-new", False),
    }
    assert claims[Address("data")].properties == {"BucketName": "b"}


def test_taking_over_what_gitbot_did_not_make_is_held() -> None:
    wanted = stack(resource("new", lifecycle=Lifecycle(import_id="id-new")))
    plan = plan_of(wanted, state(), present("new"), owners={Address("new"): NOBODYS})
    (hit,) = guards(plan, environment_resources=0, environment_has_errors=False)
    assert (hit.guard, hit.addresses, hit.blocks) == (Guard.TAKE_OVER, ("new",), False)
    ours = plan_of(wanted, state(), present("new"), owners={Address("new"): OURS})
    assert guards(ours, environment_resources=0, environment_has_errors=False) == ()
