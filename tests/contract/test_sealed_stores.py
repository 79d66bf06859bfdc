"""Values are sealed with a key of the user's: nothing of them is readable, moved or lost, whatever the store."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from gitbot.adapters.object_store.key_rows import BucketKeyRows
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.rotation import BucketSealing
from gitbot.adapters.object_store.state import S3StateStore
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.sealing.key_rows import KeyRows, open_sealer
from gitbot.adapters.sealing.kms import Kms
from gitbot.adapters.stores.key_rows import SqlKeyRows
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.rotation import SqlSealing
from gitbot.adapters.stores.sealed import sealed_engine
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.adapters.stores.tables import metadata
from gitbot.errors import UserError
from gitbot.model.commands import CommandStatus
from gitbot.model.drift import Difference, Differs, DriftRow, Finding
from gitbot.model.events import CommentChanged, Delivery
from gitbot.model.expiry import Life
from gitbot.model.hours import MachineRow
from gitbot.model.names import Address, RemoteId
from gitbot.model.plan import PathChange
from gitbot.model.recorded import Moved, RecordedOutput
from gitbot.model.runs import RunStatus
from gitbot.model.said import SaidComment, Topic, TopicKind
from gitbot.model.state_keys import state_keys
from gitbot.ports.records import Records
from gitbot.ports.sealing import Sealing
from gitbot.ports.state import StateStore
from gitbot_sandbox.aws import LocalAws
from tests.contract import records_world as a_record
from tests.contract.state_world import (
    DEV,
    MINUTE,
    NOON,
    STACK,
    ManualClock,
    bucket_client,
    intent,
    resource,
)

CANARY = "tweety-7f3a"
ONE, TWO = (f"{'AB'[at] * 43}=" for at in range(2))
"""Two keys, 32 bytes in base64."""
TYPE = "AWS::S3::Bucket"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as started:
        yield started


@dataclass
class Opened:
    """A store as one process with some keys has it."""

    state: StateStore
    sealing: Sealing
    records: Records | None = None


class Kept(Protocol):
    """A place with state, opened with the keys that a text names."""

    def open(self, keys: str) -> Opened: ...

    def everything(self) -> bytes:
        """All that somebody sees who can read the place."""


@dataclass
class InSql:
    """Tables of a database."""

    engine: Engine

    def __post_init__(self) -> None:
        if self.engine.dialect.name == "sqlite":
            # Some builds of SQLite wipe what they delete by themselves, and others do not.
            sa.event.listen(
                self.engine, "connect", lambda made, _: made.execute("PRAGMA secure_delete = OFF")
            )
            self.engine.dispose()

    def open(self, keys: str) -> Opened:
        rows = SqlKeyRows(self.engine)
        engine = sealed_engine(self.engine, open_sealer(state_keys(keys), rows, Kms()))
        state = SqlStateStore(engine, ManualClock(), LocalProcesses())
        return Opened(state, SqlSealing(engine, rows), sql_records(engine))

    def everything(self) -> bytes:
        with self.engine.begin() as connection:
            rows = [
                tuple(row)
                for table in metadata.tables
                for row in connection.execute(sa.text(f"SELECT * FROM {table}"))
            ]
        found = repr([[bytes(v) if isinstance(v, memoryview) else v for v in row] for row in rows])
        files = Path(self.engine.url.database or "").parent.glob("gitbot.db*")
        if self.engine.dialect.name != "sqlite":
            files = iter(())
        return found.encode() + b"".join(path.read_bytes() for path in files)

    def update(self, statement: str) -> None:
        with self.engine.begin() as connection:
            connection.execute(sa.text(statement))


@dataclass
class InBucket:
    """Objects of a bucket."""

    aws: LocalAws
    name: str

    def open(self, keys: str) -> Opened:
        objects = Objects(bucket_client(self.aws.url), self.name, b"k" * 32)
        layout = Layout("team/")
        rows: KeyRows = BucketKeyRows(objects, layout)
        sealer = open_sealer(state_keys(keys), rows, Kms())
        state = S3StateStore(objects, layout, ManualClock(), LocalProcesses(), sealer)
        return Opened(state, BucketSealing(state, rows, sealer, LocalProcesses()))

    def everything(self) -> bytes:
        s3 = self.aws.client("s3")
        found = s3.list_objects_v2(Bucket=self.name).get("Contents", [])
        return b"".join(
            s3.get_object(Bucket=self.name, Key=one["Key"])["Body"].read() for one in found
        )


@pytest.fixture(params=["sqlite", "postgresql", "s3"])
def kept(request: pytest.FixtureRequest) -> Kept:
    if request.param != "s3":
        return InSql(request.getfixturevalue(f"{request.param}_engine"))
    aws: LocalAws = request.getfixturevalue("aws")
    name = f"sealed-{abs(hash(request.node.name)):x}"
    aws.client("s3").create_bucket(Bucket=name)
    return InBucket(aws, name)


@pytest.fixture
def in_file(sqlite_engine: Engine) -> InSql:
    return InSql(sqlite_engine)


def fill(opened: Opened, canary: str = CANARY) -> None:
    """Write the canary wherever a value can stand."""
    store = opened.state
    lease = store.acquire(DEV, "me", MINUTE)
    lineage = store.read(STACK).lineage
    rich = resource(
        "bucket", f"id-{canary}", properties={"A": canary}, attributes={"B": [canary] * 9000}
    )
    store.put(lease, STACK, lineage, rich)
    # What was deleted leaves its bytes behind.
    store.put(lease, STACK, lineage, replace(rich, address=Address("gone")))
    store.forget(lease, STACK, Address("gone"))
    outputs = {"url": RecordedOutput(value=canary)}
    store.complete(lease, STACK, lineage, outputs, "h", None, Life(at=NOON))
    other = resource("other", f"other-{canary}")
    store.begin(
        lease,
        STACK,
        lineage,
        intent(lease, address=Address("other"), resource=other, sets={"x": canary}),
    )
    store.release(lease)
    if opened.records is not None:
        record(opened.records, canary)


def record(records: Records, canary: str) -> None:
    """Write the canary into the records."""
    change = a_record.plan().changes[0]
    change = replace(change, paths=(PathChange(path="/Name", after=canary, added=True),))
    records.runs.add(a_record.run(), a_record.plan(changes=(change,)))
    records.runs.move("run-1", RunStatus.FAILED, at=NOON, error=f"no {canary}")
    differs = Difference(
        address=Address("bucket"), how=Differs.CHANGED, path="/A", observed=canary, since=NOON
    )
    records.drift.put(DriftRow(stack=STACK, finding=Finding.DRIFT, differences=(differs,)))
    topic = Topic(kind=TopicKind.PLAN)
    records.said.put_comment("7", 5, topic, SaidComment(comment=1, body_hash="h"), f"+ {canary}")
    records.journal.audit(at=NOON, actor="ana", action="x", subject="y", detail={"how": canary})
    records.commands.hear(a_record.command())
    records.commands.close(a_record.ref(), CommandStatus.REFUSED, f"was {canary}")
    machine = MachineRow(remote_id=RemoteId(f"i-{canary}"), schedule="s", done_at=NOON)
    event = CommentChanged(repository="7", number=5, comment=1, author=canary, sender="ana")
    records.inbox.put([Delivery(id="d-1", event_name="issue_comment", event=event)], NOON)
    records.hours.put_machines(STACK, {Address("vm"): machine})


def check(opened: Opened, canary: str = CANARY) -> None:
    """Everything that ``fill`` wrote is read back, and found by its identifier."""
    state = opened.state.read(STACK)
    assert state.resources[Address("bucket")].properties == {"A": canary}
    assert state.outputs["url"].value == canary
    assert state.intents[0].sets == {"x": canary}
    assert opened.state.outputs(DEV)["trainer"]["url"].value == canary
    assert len(opened.state.headers("7")) == 1
    wanted = (TYPE, RemoteId(f"id-{canary}"))
    (found,) = opened.state.holders([wanted, ("AWS::SQS::Queue", wanted[1])])
    assert (found.address, found.type, found.remote_id) == ("bucket", *wanted)
    if opened.records is None:
        return
    records = opened.records
    assert records.runs.plan("run-1").changes[0].paths[0].after == canary
    (run,) = records.runs.of_stack(STACK, a_record.run().kind)
    assert run.error == f"no {canary}"
    row = records.drift.of_stack(STACK, Finding.DRIFT)
    assert row is not None
    assert row.differences[0].observed == canary
    assert records.said.body("7", 5, Topic(kind=TopicKind.PLAN)) == f"+ {canary}"
    (waiting,) = records.inbox.waiting(10)
    assert isinstance(waiting.event, CommentChanged)
    assert waiting.event.author == canary
    command = records.commands.get(a_record.ref())
    assert command is not None
    assert command.answer == f"was {canary}"
    assert (
        records.hours.of_environment(DEV)[STACK].machines[Address("vm")].remote_id == f"i-{canary}"
    )


def quiet(done: int, total: int) -> None:
    """Hear of no progress."""


def test_nothing_of_a_store_with_a_key_is_readable_and_all_of_it_is_read_back(kept: Kept) -> None:
    fill(kept.open(ONE))
    assert CANARY.encode() not in kept.everything()
    check(kept.open(ONE))
    assert kept.open(ONE).sealing.left() == {}


def test_a_rotation_turns_encryption_on_changes_the_key_and_turns_it_off(kept: Kept) -> None:
    fill(kept.open(""))
    assert CANARY.encode() in kept.everything()
    steps = [(f"plain,{ONE}", True), (ONE, False), (f"{TWO},{ONE}", False), (f"plain,{TWO}", True)]
    for keys, readable in steps:
        opened = kept.open(keys)
        check(opened)
        assert opened.sealing.rotate(quiet) == ()
        assert opened.sealing.left() == {}
        assert (CANARY.encode() in kept.everything()) is readable, keys
        check(kept.open(keys))
    check(kept.open(""))


def test_a_key_that_is_missing_wrong_or_taken_away_too_early_is_named(kept: Kept) -> None:
    fill(kept.open(ONE))
    with pytest.raises(UserError, match=r"sealed .* set GITBOT_STATE_KEY"):
        kept.open("")
    with pytest.raises(UserError, match="is not the key of this store"):
        kept.open(TWO)
    later = kept.open(f"{TWO},{ONE}")
    assert sum(later.sealing.left().values()) >= 3
    with pytest.raises(UserError, match="put that key back, after a comma"):
        kept.open(TWO)
    later.sealing.rotate(quiet)
    check(kept.open(TWO))
    with pytest.raises(UserError, match="is not the key of this store"):
        kept.open(ONE)


def test_a_store_with_values_in_plain_text_says_so_when_it_is_opened_with_a_key(
    kept: Kept, caplog: pytest.LogCaptureFixture
) -> None:
    fill(kept.open(""))
    opened = kept.open(ONE)
    assert "still in plain text: run `gitbot state rotate`" in caplog.text
    opened.sealing.rotate(quiet)
    caplog.clear()
    kept.open(ONE)
    assert caplog.text == ""


def test_what_was_in_plain_text_is_wiped_from_the_tables_of_postgresql(
    postgresql_engine: Engine,
) -> None:
    kept = InSql(postgresql_engine)
    fill(kept.open(""))
    files = "SELECT pg_relation_filenode('resources'), pg_relation_filenode('stacks')"
    with postgresql_engine.connect() as connection:
        before = set(connection.execute(sa.text(files)).one())
    kept.open(ONE).sealing.rotate(quiet)
    # A table that was written anew is in another file.
    with postgresql_engine.connect() as connection:
        assert before.isdisjoint(connection.execute(sa.text(files)).one())


SWAPS = {
    "of another row": (
        "UPDATE resources SET body = (SELECT body FROM resources WHERE address = 'other')"
        " WHERE address = 'bucket'"
    ),
    "of another column": "UPDATE stacks SET outputs = uses",
    "of another lineage": "UPDATE stacks SET lineage = 'another'",
    "cut short": "UPDATE resources SET body = substr(body, 1, length(body) - 8)",
    "in plain text": 'UPDATE stacks SET outputs = \'{"url":{"value":"mine"}}\'',
}


@pytest.mark.parametrize("statement", SWAPS.values(), ids=SWAPS)
def test_a_value_that_was_changed_or_brought_from_elsewhere_is_refused(
    in_file: InSql, statement: str
) -> None:
    store = in_file.open(ONE)
    fill(store)
    lease = store.state.acquire(DEV, "me", MINUTE)
    store.state.put(lease, STACK, store.state.read(STACK).lineage, resource("other"))
    in_file.update(statement)
    with pytest.raises(UserError, match=r"was changed or brought here|is in plain text"):
        in_file.open(ONE).state.read(STACK)


def test_a_stack_of_another_lineage_is_sealed_anew(kept: Kept) -> None:
    opened = kept.open(ONE)
    store = opened.state
    lease = store.acquire(DEV, "me", MINUTE)
    store.put(lease, STACK, store.read(STACK).lineage, resource())
    before = store.read(STACK)
    store.retire(lease, STACK, Moved(to="elsewhere", lineage=before.lineage, serial=before.serial))
    after = kept.open(ONE).state.read(STACK)
    assert after.lineage != before.lineage
    assert after.resources == before.resources
    store.release(lease)
    assert kept.open(ONE).state.read(STACK) == after


ROTATE = textwrap.dedent(
    """
    import sys, time
    from gitbot.adapters.sealing.key_rows import open_sealer
    from gitbot.adapters.sealing.kms import Kms
    from gitbot.adapters.stores.database import open_database
    from gitbot.adapters.stores.key_rows import SqlKeyRows
    from gitbot.adapters.stores.rotation import SqlSealing
    from gitbot.adapters.stores.sealed import sealed_engine
    from gitbot.model.state_keys import state_keys

    where, keys, stands_still = sys.argv[1:]
    engine = open_database(where)
    rows = SqlKeyRows(engine)
    sealing = SqlSealing(sealed_engine(engine, open_sealer(state_keys(keys), rows, Kms())), rows)

    def told(done, total):
        if stands_still == "yes":
            print(done, total, flush=True)
            time.sleep(60)

    print(*sealing.rotate(told))
    """
)


def rotating(kept: InSql, keys: str, stands_still: str) -> subprocess.Popen[str]:
    """Another process that rotates. It may stand still after its first batch."""
    where = kept.engine.url.render_as_string(hide_password=False)
    command = [sys.executable, "-c", ROTATE, where, keys, stands_still]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("name", ["sqlite", pytest.param("postgresql", marks=pytest.mark.story)])
def test_a_rotation_that_was_killed_goes_on_and_loses_nothing_that_others_write_meanwhile(
    name: str, request: pytest.FixtureRequest
) -> None:
    in_sql = InSql(request.getfixturevalue(f"{name}_engine"))
    old = in_sql.open(ONE).state
    lease = old.acquire(DEV, "me", MINUTE)
    begun = old.read(STACK)
    lineage, many = begun.lineage, [resource(f"r{at}", f"id-{at}") for at in range(130)]
    old.bring(lease, replace(begun, resources={one.address: one for one in many}))
    with rotating(in_sql, f"{TWO},{ONE}", "yes") as first:
        assert first.stdout is not None
        done, total = map(int, first.stdout.readline().split())
        assert 0 < done < total
        first.kill()
    left = in_sql.open(f"{TWO},{ONE}").sealing.left()
    assert 0 < sum(left.values()) < total
    new = in_sql.open(f"{ONE},{TWO}").state
    with rotating(in_sql, f"{TWO},{ONE}", "no") as second:
        at = 0
        while second.poll() is None:
            at += 1
            new.put(lease, STACK, lineage, resource(f"r{at % 130}", f"new-{at}"))
            time.sleep(0.02)
    # What was written with the former key meanwhile is done when everybody has the new one first.
    assert in_sql.open(f"{TWO},{ONE}").sealing.rotate(quiet) == ()
    last = in_sql.open(TWO)
    assert last.sealing.left() == {}
    found = {name: one.remote_id for name, one in last.state.read(STACK).resources.items()}
    wanted = {f"r{number}": f"id-{number}" for number in range(130)}
    wanted |= {f"r{number % 130}": f"new-{number}" for number in range(1, at + 1)}
    assert found == wanted
    (holding,) = last.state.holders([(TYPE, RemoteId(f"new-{at}"))])
    assert holding.address == f"r{at % 130}"


def test_a_key_of_kms_wraps_the_key_that_the_store_keeps(
    kept: Kept, aws: LocalAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in aws.environment.items():
        monkeypatch.setenv(name, value)
    first, second = (
        aws.client("kms").create_key(Description=name)["KeyMetadata"]["Arn"] for name in "ab"
    )
    fill(kept.open(f"kms:{first}"))
    assert CANARY.encode() not in kept.everything()
    check(kept.open(f"kms:{first}"))
    with pytest.raises(UserError, match=f"of kms:{first}, and you have none of it"):
        kept.open(f"kms:{second}")
    kept.open(f"kms:{second}#2,kms:{first}").sealing.rotate(quiet)
    check(kept.open(f"kms:{second}#2"))
    with pytest.raises(UserError, match=r"key/none of .* cannot be used: .*NotFound"):
        kept.open(f"kms:{second.partition('/')[0]}/none,kms:{second}#2")
