"""Tests for every state store: on SQLite, on PostgreSQL and in a bucket."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.sealing.sealer import PLAIN
from gitbot.adapters.stores.sealed import sealed_engine
from gitbot.errors import (
    ConflictError,
    InvariantError,
    LeaseLostError,
    LeaseUnavailableError,
    StaleError,
    TransientError,
    UserError,
)
from gitbot.model.expiry import Life, Lifetime
from gitbot.model.lookups import KeptLookup
from gitbot.model.names import Address, EnvironmentKey, RemoteId
from gitbot.model.recorded import (
    Deposed,
    IntentKind,
    Lease,
    Moved,
    RecordedOutput,
    RecordedStack,
    StackHeader,
)
from gitbot.model.schema import Route
from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.sandbox import eventually
from tests.contract.empty_database import open_empty
from tests.contract.state_world import (
    BUCKET,
    COMMIT,
    DEV,
    MINUTE,
    NOON,
    STACK,
    SqlWorld,
    StoreWorld,
    bucket_world,
    intent,
    recorded,
    resource,
    sealer_of,
    sql_world,
)

PROCESSES = LocalProcesses()

LIFE = Life(
    at=datetime(2026, 5, 1, tzinfo=UTC),
    lifetime=Lifetime(text="ttl: 3d", ttl=timedelta(days=3)),
    module_tags={"v1.2.0": "c" * 40},
)


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as started:
        yield started


@pytest.fixture(params=["sqlite", "postgresql sealed", "s3 sealed"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> StoreWorld:
    name, *sealed = request.param.split()
    sealer = sealer_of(1) if sealed else PLAIN
    if name == "s3":
        return bucket_world(request.getfixturevalue("aws"), sealer)
    return sql_world(sealed_engine(request.getfixturevalue(f"{name}_engine"), sealer))


@pytest.fixture
def in_sql(engine: Engine) -> SqlWorld:
    return sql_world(engine)


@pytest.fixture
def file_world(tmp_path: Path) -> Iterator[SqlWorld]:
    """A world on a SQLite file, for what is true of files only."""
    engine = open_empty(tmp_path / "gitbot.db")
    yield sql_world(engine)
    engine.dispose()


# --- reading ---------------------------------------------------------------------------------------


def test_a_stack_that_was_never_applied_has_serial_0_and_a_lineage_that_is_not_stored(world):
    first, second = world.store.read(STACK), world.store.read(STACK)

    assert first == RecordedStack(id=STACK, lineage=first.lineage)
    assert first.lineage != second.lineage
    assert world.store.stacks(DEV) == ()


def test_the_first_write_fixes_the_lineage(world):
    lease, lineage = world.lease(), world.store.read(STACK).lineage

    world.store.begin(lease, STACK, lineage, intent(lease))

    assert world.again().read(STACK).lineage == lineage
    with pytest.raises(StaleError, match="plan again"):
        world.store.put(lease, STACK, "another", resource())


def test_everything_that_is_written_is_read_back_by_another_process(world):
    rich = resource(
        properties={
            "Name": Redacted(digest="d", key_id="k"),
            "Nested": {"list": [1, 2.5, None, True, "ü"], "map": {}},
            "Later": Unknown(
                template="${role.Arn}", inputs={"vars": {"n": 1}}, references={"role": BUCKET}
            ),
        },
        attributes={"Arn": "arn:aws:s3:::b"},
        depends_on=(Address("role"),),
        route=Route.CLOUD_CONTROL,
        create_only=("/BucketName",),
        schema_hash="s",
        protect=True,
        retain=True,
        empty_on_delete=True,
        tainted=True,
        generation=3,
    )
    lease = world.lease()
    recorded(world, lease, rich, resource("other", "r-2"))
    lineage = world.store.read(STACK).lineage
    open_intent = intent(
        lease,
        resource=rich,
        remote_id=RemoteId("x"),
        desired_hash="h",
        absent_before=True,
        deposes=True,
        deposed=True,
    )

    written = world.store.begin(lease, STACK, lineage, open_intent)

    assert world.again().read(STACK) == written
    assert written.resources == {BUCKET: rich, Address("other"): resource("other", "r-2")}
    assert written.intents == (open_intent,)


def test_a_write_returns_tuples_as_they_will_be_read_later(world):
    lease = world.lease()

    written = recorded(world, lease, resource(properties={"List": (1, 2)}))

    assert written.resources[BUCKET].properties == {"List": [1, 2]}
    assert written == world.again().read(STACK)


def test_the_order_of_resources_is_that_of_their_addresses_for_every_reader(world):
    lease = world.lease()

    written = recorded(world, lease, resource("b"), resource("a"), resource("c"))

    assert list(written.resources) == ["a", "b", "c"] == list(world.again().read(STACK).resources)


def test_stacks_lists_every_stack_in_state_by_name_also_empty_ones(world):
    lease = world.lease()
    for name in ("zoo", "ark"):
        stack = replace(STACK, name=name)
        world.store.put(lease, stack, "l", resource())
    world.store.forget(lease, replace(STACK, name="ark"), BUCKET)

    assert [stack.name for stack in world.store.stacks(DEV)] == ["ark", "zoo"]
    assert world.store.stacks(replace(DEV, environment="prod")) == ()
    assert world.store.stacks(replace(DEV, repository="8")) == ()
    assert world.store.environments("7") == ("dev",)
    assert world.store.environments("8") == ()


def filled(world: StoreWorld) -> None:
    """Two stacks of dev (one with all kinds of objects, one empty again) and one of prod."""
    lease = world.lease()
    state = recorded(world, lease, resource("b"), resource("a", "r-2", region="us-east-1"))
    old = intent(lease, address=Address("b"), resource=resource("b", "new"), deposes=True)
    world.store.begin(lease, STACK, state.lineage, old)
    world.store.finish(lease, STACK, "op-1", resource("b", "new", region="eu-north-1"))
    other = resource("c", "r-3", account="210987654321")
    world.store.begin(
        lease,
        STACK,
        state.lineage,
        intent(lease, operation="op-2", address=Address("c"), resource=other),
    )
    empty = replace(STACK, name="ark")
    world.store.put(lease, empty, "l", resource())
    world.store.forget(lease, empty, BUCKET)
    world.store.complete(lease, empty, "l", {}, "hash", COMMIT, LIFE)
    prod = replace(DEV, environment="prod")
    lease = world.store.acquire(prod, "me", MINUTE)
    world.store.put(lease, replace(STACK, environment="prod"), "l", resource())


def test_headers_agree_with_whole_states(world):
    filled(world)
    states = [
        state
        for environment in ("dev", "prod")
        for state in world.store.read_all(replace(DEV, environment=environment))
    ]

    headers = world.store.headers("7")

    assert [header.id for header in headers] == [state.id for state in states]
    for header, state in zip(headers, states, strict=True):
        objects = (*state.resources.values(), *(old.resource for old in state.deposed))
        objects = (*objects, *(open_.resource for open_ in state.intents))
        assert header == StackHeader(
            id=state.id,
            lineage=state.lineage,
            serial=state.serial,
            resources=len(state.resources),
            left=len(objects),
            places=frozenset((each.account, each.region) for each in objects),
            desired_hash=state.desired_hash,
            commit=state.commit,
            complete=state.complete,
            lifetime=state.lifetime,
            born_at=state.born_at,
            module_tags=state.module_tags,
        )
    assert [(header.resources, header.left) for header in headers] == [(0, 0), (2, 4), (1, 1)]
    assert len(headers[1].places) == 4


def test_headers_can_be_limited_to_one_environment(world):
    filled(world)

    assert [header.id.label for header in world.store.headers("7", "dev")] == [
        "dev/ark",
        "dev/trainer",
    ]
    assert world.store.headers("7", "staging") == ()
    assert world.store.headers("8") == ()


def test_the_account_and_region_columns_follow_the_object(world):
    lease = world.lease()
    state = recorded(world, lease, resource())
    world.store.begin(lease, STACK, state.lineage, intent(lease, IntentKind.UPDATE))
    moved = resource(region="us-east-1")
    world.store.begin(lease, STACK, state.lineage, intent(lease, IntentKind.UPDATE, resource=moved))

    (header,) = world.store.headers("7")
    assert {region for _, region in header.places} == {"eu-west-1", "us-east-1"}

    world.store.finish(lease, STACK, "op-1", moved)
    (header,) = world.store.headers("7")
    assert {region for _, region in header.places} == {"us-east-1"}


def test_the_holders_of_an_object_are_found_in_every_stack_and_repository(world):
    lease = world.lease()
    other = replace(STACK, name="other")
    recorded(world, lease, resource("a", "r-1"), resource("b", "r-2"))
    world.store.put(lease, other, "l2", resource("c", "r-1"))
    world.store.put(lease, other, "l2", resource("d", "r-3"))
    far = EnvironmentKey(repository="8", environment="dev")
    far_lease = world.store.acquire(far, "me", MINUTE)
    far_stack = replace(STACK, repository="8")
    world.store.put(far_lease, far_stack, "l3", resource("e", "r-1"))
    wanted = [("AWS::S3::Bucket", "r-1"), ("AWS::EC2::VPC", "r-2"), ("AWS::S3::Bucket", "none")]
    found = world.store.holders(wanted * 400)
    assert [(each.stack, each.address, each.region) for each in found] == [
        (other, "c", "eu-west-1"),
        (STACK, "a", "eu-west-1"),
        (far_stack, "e", "eu-west-1"),
    ]
    world.store.forget(lease, STACK, "a")
    assert len(world.store.holders(wanted)) == 2
    assert world.store.holders([]) == ()


def test_all_stacks_of_an_environment_are_read_as_one_by_one(world):
    filled(world)

    found = world.again().read_all(DEV)

    assert found == tuple(world.again().read(stack) for stack in world.store.stacks(DEV))
    assert len(found) == 2
    assert list(found[1].resources) == ["a", "b"]
    assert world.store.read_all(replace(DEV, environment="staging")) == ()


@pytest.mark.parametrize("stacks", [1, 12])
@pytest.mark.parametrize(
    "ask", [lambda store: store.headers("7"), lambda store: store.read_all(DEV)]
)
def test_many_stacks_are_read_in_four_queries(in_sql, stacks, ask):
    lease = in_sql.lease()
    for number in range(stacks):
        in_sql.store.put(lease, replace(STACK, name=f"s{number}"), "l", resource())
    statements: list[str] = []
    sa.event.listen(
        in_sql.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: statements.append(statement),
    )

    assert len(ask(in_sql.again())) == stacks

    assert sum(statement.startswith("SELECT") for statement in statements) == 4


def test_stacks_with_one_name_in_two_regions_are_separate(world):
    lease = world.lease()
    other = replace(STACK, region="us-east-1")
    world.store.put(lease, STACK, "one", resource())
    world.store.put(lease, other, "two", resource("b"))

    assert world.store.read(STACK).lineage == "one"
    assert list(world.store.read(other).resources) == ["b"]
    assert world.store.stacks(DEV) == (STACK, other)


def test_writes_of_another_process_are_seen_at_once(world):
    lease, other = world.lease(), world.again()
    state = recorded(world, lease, resource())

    assert other.read(STACK) == state
    changed = world.store.put(lease, STACK, state.lineage, resource(remote_id="r-2"))
    assert other.read(STACK) == changed


def test_a_lease_may_be_used_by_another_store_of_the_process_in_a_database(in_sql):
    lease, other = in_sql.lease(), in_sql.again()
    recorded(in_sql, lease, resource())

    assert other.forget(lease, STACK, BUCKET).resources == {}
    assert in_sql.store.read(STACK).resources == {}


# --- intents ---------------------------------------------------------------------------------------


def test_the_serial_grows_with_every_write(world):
    lease, lineage = world.lease(), "l"
    store = world.store
    serials = [
        store.begin(lease, STACK, lineage, intent(lease)).serial,
        store.identify(lease, STACK, "op-1", RemoteId("r-1")).serial,
        store.finish(lease, STACK, "op-1", resource()).serial,
        store.put(lease, STACK, lineage, resource("other")).serial,
        store.forget(lease, STACK, Address("other")).serial,
        store.begin(lease, STACK, lineage, intent(lease, operation="op-2")).serial,
        store.abandon(lease, STACK, "op-2").serial,
        store.complete(lease, STACK, lineage, {}, "h", COMMIT, LIFE).serial,
    ]

    assert serials == [1, 2, 3, 4, 5, 6, 7, 8]
    assert world.again().read(STACK).serial == 8


def test_a_create_is_begun_identified_and_finished(world):
    lease = world.lease()

    begun = world.store.begin(lease, STACK, "l", intent(lease))
    assert (begun.intents[0].remote_id, begun.complete, begun.resources) == (None, False, {})

    identified = world.store.identify(lease, STACK, "op-1", RemoteId("r-9"))
    assert identified.intents[0].remote_id == "r-9"
    assert identified.resources == {}

    received = world.store.receive(lease, STACK, "op-1", "request-7")
    assert (received.intents[0].receipt, received.intents[0].remote_id) == ("request-7", "r-9")
    assert world.again().read(STACK) == received

    finished = world.store.finish(lease, STACK, "op-1", resource(remote_id="r-9"))
    assert finished.intents == ()
    assert finished.resources[BUCKET].remote_id == "r-9"
    assert not finished.complete
    assert not finished.empty


def test_the_same_operation_begun_again_replaces_the_intent_in_its_place(world):
    lease = world.lease()
    world.store.begin(lease, STACK, "l", intent(lease))
    world.store.begin(lease, STACK, "l", intent(lease, operation="op-2"))

    again = world.store.begin(lease, STACK, "l", intent(lease, desired_hash="new"))

    assert [(i.operation, i.desired_hash) for i in again.intents] == [("op-1", "new"), ("op-2", "")]
    assert world.again().read(STACK) == again


def test_an_update_replaces_the_resource(world):
    lease = world.lease()
    recorded(world, lease, resource())
    changed = resource(properties={"BucketName": "b", "Tags": []})
    state = world.store.read(STACK)
    world.store.begin(lease, STACK, state.lineage, intent(lease, IntentKind.UPDATE))

    assert world.store.finish(lease, STACK, "op-1", changed).resources == {BUCKET: changed}


def test_a_delete_removes_the_resource(world):
    lease = world.lease()
    state = recorded(world, lease, resource(), resource("other"))
    world.store.begin(lease, STACK, state.lineage, intent(lease, IntentKind.DELETE))

    after = world.store.finish(lease, STACK, "op-1", None)

    assert list(after.resources) == ["other"]
    assert world.again().read(STACK) == after


def test_a_create_first_replacement_deposes_the_old_object_until_it_is_deleted(world):
    lease = world.lease()
    old, new = resource(remote_id="old"), resource(remote_id="new", generation=2)
    state = recorded(world, lease, old)
    world.store.begin(lease, STACK, state.lineage, intent(lease, resource=new, deposes=True))

    replaced = world.store.finish(lease, STACK, "op-1", new)
    assert replaced.resources == {BUCKET: new}
    assert replaced.deposed == (Deposed(resource=old, operation="op-1"),)
    assert world.again().read(STACK) == replaced

    delete = intent(lease, IntentKind.DELETE, "op-2", resource=old, deposed=True)
    world.store.begin(lease, STACK, state.lineage, delete)
    after = world.store.finish(lease, STACK, "op-2", None)
    assert (after.deposed, after.resources) == ((), {BUCKET: new})
    assert world.again().read(STACK) == after


def test_deleting_one_deposed_object_leaves_the_others(world):
    lease = world.lease()
    generations = [resource(remote_id=f"g{n}", generation=n) for n in range(1, 4)]
    lineage = recorded(world, lease, generations[0]).lineage
    for made in generations[1:]:
        operation = f"create-{made.generation}"
        world.store.begin(
            lease, STACK, lineage, intent(lease, operation=operation, resource=made, deposes=True)
        )
        world.store.finish(lease, STACK, operation, made)
    assert [old.resource.remote_id for old in world.store.read(STACK).deposed] == ["g1", "g2"]

    delete = intent(lease, IntentKind.DELETE, "drop", resource=generations[0], deposed=True)
    world.store.begin(lease, STACK, lineage, delete)
    after = world.store.finish(lease, STACK, "drop", None)

    assert [old.resource.remote_id for old in after.deposed] == ["g2"]


def test_an_abandoned_intent_changes_no_resource(world):
    lease = world.lease()
    state = recorded(world, lease, resource())
    world.store.begin(lease, STACK, state.lineage, intent(lease, IntentKind.DELETE))

    after = world.store.abandon(lease, STACK, "op-1")

    assert (after.intents, after.resources) == ((), {BUCKET: resource()})


@pytest.mark.parametrize("close", ["identify", "receive", "finish", "abandon"])
def test_an_operation_that_was_not_begun_cannot_be_closed(world, close):
    lease = world.lease()
    recorded(world, lease, resource())
    arguments: Mapping[str, tuple[Any, ...]] = {
        "identify": (RemoteId("r"),),
        "receive": ("request-7",),
        "finish": (resource(),),
        "abandon": (),
    }

    with pytest.raises(InvariantError, match="op-9"):
        getattr(world.store, close)(lease, STACK, "op-9", *arguments[close])


def test_a_result_must_fit_the_kind_of_its_intent(world):
    lease = world.lease()
    world.store.begin(lease, STACK, "l", intent(lease))
    with pytest.raises(InvariantError):
        world.store.finish(lease, STACK, "op-1", None)
    world.store.begin(lease, STACK, "l", intent(lease, IntentKind.DELETE, "op-2"))
    with pytest.raises(InvariantError):
        world.store.finish(lease, STACK, "op-2", resource())
    assert len(world.again().read(STACK).intents) == 2


def test_a_stack_without_state_cannot_be_changed_by_operation(world):
    with pytest.raises(InvariantError, match="no state"):
        world.store.forget(world.lease(), STACK, BUCKET)


def test_a_move_is_one_write(world):
    lease = world.lease()
    state = recorded(world, lease, resource(), resource("other"))

    moved = world.store.put(lease, STACK, state.lineage, resource("data.bucket"), BUCKET)

    assert list(moved.resources) == ["data.bucket", "other"]
    assert moved.serial == state.serial + 1
    assert world.again().read(STACK) == moved


def test_outputs_are_given_to_others_before_the_apply_is_complete(world):
    lease = world.lease()
    lineage = recorded(world, lease, resource()).lineage
    before = world.store.complete(
        lease, STACK, lineage, {"name": RecordedOutput(value="old")}, "h", COMMIT, LIFE
    )
    outputs = {"name": RecordedOutput(value="new")}

    given = world.store.give(lease, STACK, lineage, outputs)

    assert given.outputs == outputs
    assert not given.complete
    assert (given.desired_hash, given.commit, given.uses) == ("h", COMMIT, before.uses)
    assert given.serial == before.serial + 1
    assert world.again().read(STACK) == given
    assert world.store.outputs(STACK.environment_key)[STACK.name] == outputs


def test_complete_records_outputs_hash_commit_and_life(world):
    lease = world.lease()
    lineage = recorded(world, lease, resource()).lineage
    outputs = {
        "name": RecordedOutput(value="b"),
        "key": RecordedOutput(value=Redacted(digest="d", key_id="k"), sensitive=True),
    }

    done = world.store.complete(lease, STACK, lineage, outputs, "h", COMMIT, LIFE)

    assert (done.outputs, done.desired_hash, done.commit) == (outputs, "h", COMMIT)
    assert (done.lifetime, done.born_at) == (LIFE.lifetime, LIFE.at)
    (header,) = world.store.headers(STACK.repository)
    assert (header.lifetime, header.born_at) == (LIFE.lifetime, LIFE.at)
    assert done.module_tags == header.module_tags == LIFE.module_tags
    assert done.complete
    assert world.again().read(STACK) == done
    begun = world.store.begin(lease, STACK, lineage, intent(lease))
    assert not begun.complete
    assert begun.desired_hash == "h"


def test_a_life_begins_with_its_first_apply_and_ends_with_the_stack(world):
    lease = world.lease()
    lineage = world.store.complete(lease, STACK, "l", {}, "h", COMMIT, LIFE).lineage
    longer = Lifetime(text="ttl: 9d", ttl=timedelta(days=9))
    again = Life(at=LIFE.at + timedelta(days=1), lifetime=longer)

    second = world.store.complete(lease, STACK, lineage, {}, "h2", COMMIT, again)
    ended = world.store.complete(lease, STACK, lineage, {}, None, COMMIT, Life(at=again.at))
    revived = world.store.complete(lease, STACK, lineage, {}, "h2", COMMIT, again)

    assert (second.lifetime, second.born_at) == (longer, LIFE.at)
    assert (ended.lifetime, ended.born_at) == (None, None)
    assert revived.born_at == again.at
    assert world.again().read(STACK) == revived


def test_answers_of_lookups_are_replaced_as_a_whole_and_outlive_an_apply(world):
    lease = world.lease()
    state = recorded(world, lease, resource())
    answer = KeptLookup(
        question="q",
        identifiers=("ami-1",),
        attributes={"Tags": [{"Key": "a"}], "N": None},
        at=NOON,
    )
    written = world.store.look_up(
        lease, STACK, state.lineage, {Address("lookups.b"): answer, Address("lookups.a"): answer}
    )
    assert world.again().read(STACK) == written
    assert list(written.lookups) == ["lookups.a", "lookups.b"]
    assert not written.complete
    only = {Address("lookups.b"): replace(answer, identifiers=("x", "y"))}
    world.store.look_up(lease, STACK, state.lineage, only)
    world.store.complete(lease, STACK, state.lineage, {}, "h", COMMIT, LIFE)
    assert world.again().read(STACK).lookups == only
    assert world.store.read(STACK).complete


def test_complete_is_refused_while_an_intent_is_open(world):
    lease = world.lease()
    world.store.begin(lease, STACK, "l", intent(lease))

    with pytest.raises(InvariantError, match="open intent"):
        world.store.complete(lease, STACK, "l", {}, "h", COMMIT, LIFE)


def test_a_sensitive_value_is_never_written(file_world, tmp_path):
    world = file_world
    lease = world.lease()
    state = recorded(world, lease, resource())
    secret = resource(properties={"Password": Sensitive("hunter2-hunter2")})

    with pytest.raises(TypeError):
        world.store.put(lease, STACK, state.lineage, secret)
    with pytest.raises(TypeError):
        world.store.begin(lease, STACK, state.lineage, intent(lease, resource=secret))
    with pytest.raises(TypeError):
        world.store.complete(
            lease,
            STACK,
            state.lineage,
            {"p": RecordedOutput(value=Sensitive("hunter2"))},
            "",
            None,
            LIFE,
        )

    assert world.again().read(STACK) == state
    stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"hunter2" not in stored


# --- leases ----------------------------------------------------------------------------------------


def test_a_held_lease_is_refused_with_its_holder_since_when_and_what_was_done(world):
    lease = world.lease("build-host:71:a ada")
    lineage = world.store.read(STACK).lineage
    world.store.begin(lease, STACK, lineage, intent(lease))
    world.store.finish(lease, STACK, "op-1", resource())
    later = intent(lease, IntentKind.DELETE, "op-2", address=Address("queue"))
    world.store.begin(lease, STACK, lineage, later)
    world.clock.at += timedelta(seconds=50)
    world.store.renew(lease, MINUTE)

    words = (
        r"applied by ada \(process 71 on build-host\) since 2026-05-01 12:00:00 UTC; "
        r"finished so far: 1 made, under way: delete of queue\..* 12:01:50 UTC"
    )
    with pytest.raises(LeaseUnavailableError, match=words):
        world.again().acquire(DEV, "other", MINUTE)


def test_the_holder_itself_cannot_acquire_its_lease_again(world):
    world.lease("me")

    with pytest.raises(LeaseUnavailableError):
        world.lease("me")


def test_each_environment_has_a_lease_of_its_own(world):
    world.lease()

    assert world.store.acquire(replace(DEV, environment="prod"), "me", MINUTE).epoch == 1
    assert world.store.acquire(replace(DEV, repository="8"), "me", MINUTE).epoch == 1


def test_the_epoch_grows_with_every_lease_and_never_falls(world):
    epochs = []
    for _ in range(3):
        lease = world.lease()
        epochs.append(lease.epoch)
        world.store.release(lease)

    assert epochs == [1, 2, 3]


def test_the_newest_lease_can_be_looked_at_without_taking_it(world):
    assert world.store.lease(DEV) is None
    first = world.lease()
    assert world.store.lease(DEV) == first
    assert first.since == NOON
    world.clock.at += timedelta(seconds=5)
    assert world.store.renew(first, MINUTE).since == NOON
    world.store.release(first)
    seen = world.store.lease(DEV)
    assert (seen.epoch, seen.holder) == (first.epoch, "")
    assert world.lease().epoch == seen.epoch + 1


def test_an_expired_lease_can_be_taken_over_and_its_writes_are_then_refused(world):
    lost = world.lease("slow")
    state = recorded(world, lost, resource())
    world.clock.at += MINUTE

    taken = world.lease("quick")

    assert taken.epoch == lost.epoch + 1
    with pytest.raises(LeaseLostError, match="quick"):
        world.store.put(lost, STACK, state.lineage, resource("late"))
    with pytest.raises(LeaseLostError):
        world.store.renew(lost, MINUTE)
    assert world.store.read(STACK) == state
    world.store.put(taken, STACK, state.lineage, resource("next"))


@pytest.mark.parametrize(
    "write",
    [
        lambda store, lease: store.begin(lease, STACK, "l", intent(lease)),
        lambda store, lease: store.identify(lease, STACK, "op-1", RemoteId("x")),
        lambda store, lease: store.receive(lease, STACK, "op-1", "request-7"),
        lambda store, lease: store.finish(lease, STACK, "op-1", resource()),
        lambda store, lease: store.abandon(lease, STACK, "op-1"),
        lambda store, lease: store.put(lease, STACK, "l", resource()),
        lambda store, lease: store.forget(lease, STACK, BUCKET),
        lambda store, lease: store.look_up(lease, STACK, "l", {}),
        lambda store, lease: store.complete(lease, STACK, "l", {}, None, None, LIFE),
    ],
    ids=[
        "begin",
        "identify",
        "receive",
        "finish",
        "abandon",
        "put",
        "forget",
        "look_up",
        "complete",
    ],
)
def test_every_write_checks_the_epoch(world, write):
    lost = world.lease("slow")
    state = world.store.begin(lost, STACK, "l", intent(lost))
    world.clock.at += MINUTE
    world.lease("quick")

    with pytest.raises(LeaseLostError):
        write(world.store, lost)

    assert world.again().read(STACK) == state


def test_an_expired_lease_can_be_used_until_somebody_takes_it_over(world):
    lease = world.lease()
    world.clock.at += 10 * MINUTE

    recorded(world, lease, resource())
    renewed = world.store.renew(lease, MINUTE)

    assert renewed.expires_at == world.clock.at + MINUTE
    assert renewed.epoch == lease.epoch
    with pytest.raises(LeaseUnavailableError):
        world.lease("other")


def test_a_released_lease_cannot_write(world):
    lease = world.lease()
    world.store.release(lease)

    with pytest.raises(LeaseLostError, match="nobody"):
        recorded(world, lease, resource())
    with pytest.raises(LeaseLostError):
        world.store.renew(lease, MINUTE)
    assert world.lease("other").epoch == lease.epoch + 1


def test_releasing_a_lease_that_was_taken_over_keeps_the_new_one(world):
    lost = world.lease("slow")
    world.clock.at += MINUTE
    taken = world.lease("quick")

    world.store.release(lost)

    recorded(world, taken, resource())


def test_a_lease_cannot_write_to_another_environment(world):
    with pytest.raises(InvariantError):
        world.store.put(world.lease(), replace(STACK, environment="prod"), "l", resource())


def test_times_in_another_zone_are_the_same_instant(world):
    world.clock.at = NOON.astimezone(timezone(timedelta(hours=5)))
    world.lease()
    world.clock.at = NOON + timedelta(seconds=59)

    with pytest.raises(LeaseUnavailableError, match="12:01:00 UTC"):
        world.lease("other")


# --- holders ---------------------------------------------------------------------------------------


def dead_holder() -> str:
    """The name that a process gave itself before it was killed."""
    code = (
        "import os, signal; from gitbot.adapters.processes import LocalProcesses;"
        "print(LocalProcesses().name(), flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    process = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=False)
    assert process.returncode == -9
    return process.stdout.decode().strip()


def test_the_lease_of_a_killed_process_of_this_machine_is_taken_over_at_once(world):
    lost = world.lease(dead_holder())

    assert world.lease(PROCESSES.name()).epoch == lost.epoch + 1


def test_a_killed_process_that_is_still_a_zombie_is_dead():
    code = (
        "import time; from gitbot.adapters.processes import LocalProcesses;"
        "print(LocalProcesses().name(), flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        holder = process.stdout.readline().decode().strip()
        assert not PROCESSES.is_dead(holder)
        process.kill()
        # The pipe ends when the process is gone, but it stays a zombie until it is waited for.
        assert process.stdout.read() == b""
        eventually(lambda: PROCESSES.is_dead(holder), what="the end of the process")


def test_this_process_is_alive_and_keeps_its_name():
    assert not PROCESSES.is_dead(PROCESSES.name())
    assert PROCESSES.name() == PROCESSES.name()
    assert not PROCESSES.is_dead(PROCESSES.name("apply dev"))
    assert PROCESSES.name("apply dev") == f"{PROCESSES.name()} apply dev"


def test_a_pid_that_was_given_to_a_new_process_does_not_keep_the_old_holder_alive():
    name, _, start = PROCESSES.name().rpartition(".")

    assert PROCESSES.is_dead(f"{name}.{int(start) - 1}")


@pytest.mark.parametrize(
    "holder",
    [
        "",
        "somebody",
        "elsewhere:1:0a0b0c0d-1.5",
        f"{socket.gethostname()}:999999999:ffffffff-1.5",
        f"{socket.gethostname()}:1:",
    ],
)
def test_only_processes_of_this_machine_and_boot_are_ever_called_dead(holder):
    assert not PROCESSES.is_dead(holder)


# --- concurrency -----------------------------------------------------------------------------------


def test_when_many_threads_want_a_lease_one_gets_it(world):
    def attempt(name: int) -> Lease | None:
        try:
            return world.lease(str(name))
        except LeaseUnavailableError:
            return None

    with ThreadPoolExecutor(8) as pool:
        won = [lease for lease in pool.map(attempt, range(16)) if lease]

    assert [lease.epoch for lease in won] == [1]


def test_when_two_processes_want_a_lease_one_gets_it(tmp_path):
    code = (
        "import sys; from datetime import timedelta\n"
        "from gitbot.adapters.clock import SystemClock\n"
        "from gitbot.adapters.processes import LocalProcesses\n"
        "from gitbot.adapters.stores.database import open_database\n"
        "from gitbot.adapters.stores.state import SqlStateStore\n"
        "from gitbot.errors import LeaseUnavailableError\n"
        "from gitbot.model.names import EnvironmentKey\n"
        "store = SqlStateStore(open_database(sys.argv[1]), SystemClock(), LocalProcesses())\n"
        "for n in range(20):\n"
        "    try:\n"
        "        store.acquire(EnvironmentKey(repository='7', environment=str(n)),"
        " sys.argv[2], timedelta(minutes=1))\n"
        "        print(n)\n"
        "    except LeaseUnavailableError:\n"
        "        pass\n"
    )
    # The file does not exist yet: the two race for the migration as well.
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "gitbot.db"), name],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    answers = [process.communicate(timeout=60)[0].split() for process in processes]

    assert [process.returncode for process in processes] == [0, 0]
    assert sorted(answers[0] + answers[1], key=int) == [str(n) for n in range(20)]


def test_threads_of_one_walk_write_side_by_side_and_lose_nothing(world):
    lease = world.lease()
    lineage = recorded(world, lease, resource("seed")).lineage

    def walk(name: str) -> None:
        operation = f"op-{name}"
        made = resource(name, f"r-{name}")
        world.store.begin(
            lease,
            STACK,
            lineage,
            intent(lease, operation=operation, address=made.address, resource=made),
        )
        world.store.identify(lease, STACK, operation, made.remote_id)
        world.store.finish(lease, STACK, operation, made)

    names = [f"n{number:02}" for number in range(16)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(walk, names))

    state = world.again().read(STACK)
    assert list(state.resources) == [*names, "seed"]
    assert (state.intents, state.serial) == ((), 1 + 3 * len(names))
    assert world.store.read(STACK) == state


# --- crashes ---------------------------------------------------------------------------------------


def test_a_write_that_dies_at_any_statement_leaves_the_state_as_it_was(in_sql):
    """Each statement of the write that touches most tables is made to fail once."""
    lease = in_sql.lease()
    old, new = resource(remote_id="old"), resource(remote_id="new", generation=2)
    lineage = recorded(in_sql, lease, old).lineage
    begun = in_sql.store.begin(lease, STACK, lineage, intent(lease, resource=new, deposes=True))
    statements = 0
    left = 0

    def die(*_: object) -> None:
        nonlocal statements, left
        statements += 1
        if left == 0:
            raise ConnectionAbortedError("died here")
        left -= 1

    sa.event.listen(in_sql.engine, "before_cursor_execute", die)
    for survived in range(100):
        left = survived
        store = in_sql.again()
        try:
            after = store.finish(lease, STACK, "op-1", new)
        except ConnectionAbortedError:
            left = -1
            assert store.read(STACK) == begun
            assert in_sql.again().read(STACK) == begun
        else:
            break
    sa.event.remove(in_sql.engine, "before_cursor_execute", die)

    assert survived >= 8
    assert in_sql.again().read(STACK) == after
    assert after.deposed == (Deposed(resource=old, operation="op-1"),)


def test_a_full_disk_is_reported_and_changes_nothing(file_world):
    world = file_world
    lease = world.lease()
    state = recorded(world, lease, resource())
    with world.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    sa.event.listen(
        world.engine,
        "begin",
        lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}"),
    )
    large = resource("large", properties={"Policy": "x" * 1_000_000})

    with pytest.raises(TransientError, match="full") as caught:
        world.store.put(lease, STACK, state.lineage, large)

    assert "xxx" not in str(caught.value)
    assert world.again().read(STACK) == state


def test_the_system_clock_returns_aware_utc():
    assert SystemClock().now().utcoffset() == timedelta(0)


def test_a_renamed_stack_keeps_lineage_and_resources_under_its_new_name(world):
    lease = world.lease()
    before = recorded(world, lease, resource())
    after = world.store.rename(lease, STACK, "renamed")
    assert (after.id.name, after.lineage) == ("renamed", before.lineage)
    assert after.resources == before.resources
    assert after.serial > before.serial
    assert world.again().read(STACK).empty
    assert world.store.rename(lease, STACK, "renamed") == after


def test_a_stack_cannot_take_the_name_of_one_that_has_resources(world):
    lease = world.lease()
    state = recorded(world, lease, resource())
    other = replace(STACK, name="renamed")
    world.store.put(lease, other, "lineage-2", resource())
    with pytest.raises(ConflictError, match="resources of both"):
        world.store.rename(lease, STACK, "renamed")
    assert world.store.read(STACK) == state


def test_a_whole_state_is_taken_over_once_and_keeps_its_lineage(world):
    lease = world.lease()
    there = replace(
        recorded(world, lease, resource("a", "r-1"), resource("b", "r-2")),
        id=replace(STACK, name="brought"),
        intents=(intent(lease),),
    )
    taken = world.store.bring(lease, there)
    assert taken == world.again().read(there.id)
    assert (taken.lineage, set(taken.resources)) == (there.lineage, {"a", "b"})
    assert [each.operation for each in taken.intents] == ["op-1"]
    assert taken.serial > there.serial
    with pytest.raises(ConflictError, match="has state of dev/brought already"):
        world.store.bring(lease, there)


def test_only_a_lineage_can_be_taken_over_too(world):
    state = RecordedStack(id=STACK, lineage="lost", complete=False, edited=True)
    world.store.bring(world.lease(), state)
    found = world.again().read(STACK)
    assert (found.lineage, found.serial, found.complete, found.empty) == ("lost", 1, False, True)
    assert found.edited


def test_a_retired_state_keeps_its_rows_under_another_lineage(world):
    lease = world.lease()
    lineage = recorded(world, lease, resource("a", "r-1")).lineage
    outputs = {"id": RecordedOutput(value="x")}
    before = world.store.complete(lease, STACK, lineage, outputs, "h", COMMIT, LIFE)
    assert world.store.outputs(DEV) == {STACK.name: outputs}
    moved = Moved(to="elsewhere.db", lineage=before.lineage, serial=7)
    world.store.retire(lease, STACK, moved)
    # Nobody uses what may be another value by now.
    assert world.again().outputs(DEV) == {}
    after = world.again().read(STACK)
    assert after.resources == before.resources
    assert after.lineage != before.lineage
    assert (after.serial, after.moved) == (before.serial + 1, moved)
    for write in (
        lambda: world.store.put(lease, STACK, after.lineage, resource("b")),
        lambda: world.store.begin(lease, STACK, after.lineage, intent(lease)),
        lambda: world.store.forget(lease, STACK, Address("a")),
        lambda: world.store.rename(lease, STACK, "other"),
        lambda: world.store.retire(lease, STACK, moved),
        lambda: world.store.rewrite(lease, after),
        lambda: world.store.rebuild(lease, after, before),
    ):
        with pytest.raises(UserError, match=r"dev/trainer is kept in elsewhere\.db"):
            write()
    assert world.again().read(STACK) == after


def test_what_was_brought_as_a_copy_can_be_changed_once_it_is_settled(world):
    lease = world.lease()
    there = Moved(to="first.db", lineage="l", serial=3)
    old = tuple(Deposed(resource=resource("a", name), operation=name) for name in "cab")
    state = RecordedStack(id=STACK, lineage="l", serial=3, deposed=old, moved=there)
    assert world.store.bring(lease, state).moved == there
    # One that lies here as a copy may come back.
    again = world.store.bring(lease, replace(state, resources={BUCKET: resource()}))
    assert (again.serial, set(again.resources)) == (5, {BUCKET})
    with pytest.raises(UserError, match=r"kept in first\.db"):
        world.store.put(lease, STACK, "l", resource("b"))
    settled = world.store.settle(lease, STACK)
    assert (settled.serial, settled.moved, settled.deposed) == (6, None, old)
    assert world.again().read(STACK) == settled
    world.store.put(lease, STACK, "l", resource("b"))


def test_a_store_that_was_moved_gives_out_no_lease_and_names_the_new_one(world):
    elsewhere = EnvironmentKey(repository="8", environment="prod")
    world.store.release(world.lease())
    world.store.close("new.db")
    assert world.again().moved_to() == "new.db"
    for key in (DEV, elsewhere):
        with pytest.raises(UserError, match=r"all of this store was moved to new\.db"):
            world.again().acquire(key, "me", MINUTE)
    world.store.reopen()
    assert world.again().moved_to() is None
    world.store.reopen()
    world.lease()


def test_every_environment_of_a_store_is_known_also_one_that_only_had_a_lease(world):
    assert world.store.known() == ()
    recorded(world, world.lease(), resource())
    world.store.acquire(replace(DEV, repository="8", environment="a b"), "me", MINUTE)
    assert world.again().known() == (DEV, EnvironmentKey(repository="8", environment="a b"))


def test_taking_over_needs_the_lease_of_the_environment(world):
    lease = world.lease()
    elsewhere = RecordedStack(id=replace(STACK, environment="prod"), lineage="l")
    with pytest.raises(InvariantError, match="cannot guard"):
        world.store.bring(lease, elsewhere)
    world.store.release(lease)
    with pytest.raises(LeaseLostError):
        world.store.bring(lease, RecordedStack(id=STACK, lineage="l"))


def test_state_is_rewritten_by_hand_from_what_was_read(world: StoreWorld) -> None:
    lease = world.lease()
    for name in ("a", "b"):
        world.store.put(lease, STACK, world.store.read(STACK).lineage, resource(name))
    before = world.store.read(STACK)
    renamed = replace(before.resources[Address("a")], address=Address("z"))
    kept = before.resources[Address("b")]
    old = Deposed(resource=renamed, operation="o" * 32)
    wanted = replace(
        before, resources={one.address: one for one in (renamed, kept)}, deposed=(old,)
    )
    after = world.store.rewrite(lease, wanted)
    assert after == world.store.read(STACK)
    assert (list(after.resources), after.deposed) == (["b", "z"], (old,))
    assert (after.serial, after.complete) == (before.serial + 1, before.complete)
    with pytest.raises(StaleError, match="moved meanwhile"):
        world.store.rewrite(lease, wanted)
    assert not after.edited
    undone = world.store.rewrite(lease, replace(after, complete=False))
    assert (undone.complete, undone.edited) == (False, True)
    assert world.store.read(STACK) == undone
    begun = world.store.begin(lease, STACK, undone.lineage, intent(lease))
    assert (begun.complete, begun.edited) == (False, False)
    with pytest.raises(InvariantError, match="open intent"):
        world.store.rewrite(lease, world.store.read(STACK))


def test_state_is_rebuilt_whole_from_what_was_read(world: StoreWorld) -> None:
    """Also where an apply was cut off: what it had begun was looked at, and is closed."""
    lease = world.lease()
    world.store.put(lease, STACK, world.store.read(STACK).lineage, resource("a"))
    lineage = world.store.read(STACK).lineage
    before = world.store.begin(lease, STACK, lineage, intent(lease))
    wanted = replace(
        before,
        serial=before.serial + 1000,
        resources={Address("b"): resource("b")},
        intents=(),
        outputs={"out": RecordedOutput(value="x")},
        commit=COMMIT,
        complete=True,
    )
    after = world.store.rebuild(lease, before, wanted)
    assert after == world.store.read(STACK) == replace(wanted, serial=wanted.serial + 1)
    with pytest.raises(StaleError, match="moved meanwhile"):
        world.store.rebuild(lease, before, wanted)
    world.store.release(lease)
    with pytest.raises(LeaseLostError):
        world.store.rebuild(lease, after, wanted)
