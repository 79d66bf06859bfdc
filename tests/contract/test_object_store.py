"""What is true of state in a bucket only: conditions, lost replies, codes of objects, and fences."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from gitbot.adapters.object_store.answers import AbsentError, answers
from gitbot.adapters.object_store.layout import Layout
from gitbot.adapters.object_store.objects import Objects
from gitbot.adapters.object_store.opening import check_bucket, open_bucket
from gitbot.adapters.object_store.requests import REQUESTS
from gitbot.adapters.object_store.state import S3StateStore
from gitbot.adapters.processes import LocalProcesses
from gitbot.errors import (
    InvariantError,
    LeaseLostError,
    LeaseUnavailableError,
    StaleError,
    TransientError,
    UserError,
)
from gitbot.model.names import RemoteId
from gitbot.model.places import BucketPlace
from gitbot.model.recorded import IntentKind, Lease
from gitbot_sandbox.aws import Fault, FaultKind, LocalAws
from gitbot_sandbox.sandbox import eventually
from tests.contract.state_world import (
    DEV,
    MINUTE,
    STACK,
    ManualClock,
    bucket_client,
    intent,
    resource,
)

KEY = b"k" * 32
PREFIX = "team/7/dev"


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    with LocalAws() as started:
        yield started


@dataclass
class Bucket:
    """A bucket, and the stores of as many people as a test needs."""

    aws: LocalAws
    name: str
    clock: ManualClock

    def store(
        self, key: bytes = KEY, wait: Callable[[float], None] = lambda _: None, attempts: int = 2
    ) -> S3StateStore:
        objects = Objects(bucket_client(self.aws.url, attempts), self.name, key, wait=wait)
        return S3StateStore(objects, Layout("team/"), self.clock, LocalProcesses())

    def names(self) -> list[str]:
        found = self.aws.client("s3").list_objects_v2(Bucket=self.name).get("Contents", [])
        return [one["Key"] for one in found]

    def raw(self, name: str) -> bytes:
        return self.aws.client("s3").get_object(Bucket=self.name, Key=name)["Body"].read()

    def put(self, name: str, body: bytes) -> None:
        self.aws.client("s3").put_object(Bucket=self.name, Key=name, Body=body)


@pytest.fixture
def bucket(aws: LocalAws, request: pytest.FixtureRequest) -> Iterator[Bucket]:
    name = f"state-{abs(hash(request.node.name)):x}"
    aws.client("s3").create_bucket(Bucket=name)
    yield Bucket(aws, name, ManualClock())
    aws.clear_faults()


def put(store: S3StateStore, lease: Any, name: str) -> Any:
    return store.put(lease, STACK, "l", resource(name, f"r-{name}"))


def test_a_write_is_one_request_and_a_lease_that_is_given_back_leaves_one_entry(
    bucket: Bucket,
) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    bucket.aws.forget_calls()
    for name in "bcd":
        put(store, lease, name)
    assert [one.operation for one in bucket.aws.calls] == ["PutObject"] * 3
    bucket.aws.forget_calls()
    (held,) = store.holders([("AWS::S3::Bucket", RemoteId("r-d"))])
    assert held.address == "d"
    assert [one.operation for one in bucket.aws.calls] == ["ListObjectsV2"]
    store.release(lease)
    assert bucket.names() == [
        f"{PREFIX}/journal/000000000006",
        f"{PREFIX}/stacks/trainer/eu-west-1",
    ]
    assert list(bucket.store().read(STACK).resources) == ["a", "b", "c", "d"]
    again = bucket.store()
    assert again.acquire(DEV, "bob", MINUTE).epoch == 2


def test_what_a_cut_leaves_of_the_journal_is_not_read(bucket: Bucket) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    for name in "ab":
        put(store, lease, name)
    second = f"{PREFIX}/journal/000000000002"
    entry = bucket.raw(second)
    store.release(lease)
    bucket.put(second, entry)
    bucket.put(second.replace("002", "003"), b"not even an entry")
    other = bucket.store()
    assert list(other.read(STACK).resources) == ["a", "b"]
    other.release(other.acquire(DEV, "bob", MINUTE))
    assert second not in bucket.names()


def test_state_survives_a_process_that_wrote_no_snapshot(bucket: Bucket) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    begun = store.begin(lease, STACK, "l", intent(lease, operation="op-9"))
    # It dies here: the next one has all of it from the journal.
    bucket.clock.at += 2 * MINUTE
    other = bucket.store()
    taken = other.acquire(DEV, "bob", MINUTE)
    assert other.read(STACK) == begun
    other.abandon(taken, STACK, "op-9")
    other.release(taken)
    assert bucket.store().read(STACK).intents == ()


def test_who_was_taken_over_is_refused_before_it_does_anything(bucket: Bucket) -> None:
    slow, quick = bucket.store(), bucket.store()
    lease = slow.acquire(DEV, "slow", MINUTE)
    put(slow, lease, "a")
    bucket.clock.at += 2 * MINUTE
    taken = quick.acquire(DEV, "quick", MINUTE)
    # It has looked at nothing since, and its lease ran out without a word.
    with pytest.raises(LeaseLostError, match="quick holds it now"):
        slow.begin(lease, STACK, "l", intent(lease))
    slow.release(lease)
    put(quick, taken, "b")
    assert list(quick.read(STACK).resources) == ["a", "b"]
    with pytest.raises(LeaseUnavailableError, match="applied by quick"):
        slow.acquire(DEV, "slow", MINUTE)


def test_who_was_taken_over_is_refused_also_when_the_journal_was_cut_since(bucket: Bucket) -> None:
    slow, quick = bucket.store(), bucket.store()
    lease = slow.acquire(DEV, "slow", MINUTE)
    put(slow, lease, "a")
    bucket.clock.at += 2 * MINUTE
    taken = quick.acquire(DEV, "quick", MINUTE)
    put(quick, taken, "b")
    quick.release(taken)
    # The next number of the slow one was cut off, so S3 has it free.
    with pytest.raises(LeaseLostError, match="nobody holds it now"):
        slow.begin(lease, STACK, "l", intent(lease))
    slow.release(lease)
    assert list(bucket.store().read(STACK).resources) == ["a", "b"]
    assert not bucket.store().read(STACK).intents
    assert bucket.store().acquire(DEV, "ada", MINUTE).epoch == taken.epoch + 1


def test_a_request_for_the_lease_that_comes_late_takes_nothing(bucket: Bucket) -> None:
    """Its number is free again, because others have had the lease and cut the journal."""
    other = bucket.store()

    def others(_: float) -> None:
        for name in "ab":
            lease = other.acquire(DEV, "quick", MINUTE)
            other.put(lease, STACK, "l", resource(name, f"r-{name}"))
            other.release(lease)

    slow = bucket.store(wait=others, attempts=1)
    bucket.aws.inject(replace(FAULTS["lost request"]))
    with pytest.raises(LeaseUnavailableError):
        slow.acquire(DEV, "slow", MINUTE)
    assert list(bucket.store().read(STACK).resources) == ["a", "b"]
    assert bucket.store().acquire(DEV, "ada", MINUTE).epoch == 3


def test_threads_that_write_at_the_same_time_share_an_entry(bucket: Bucket) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    bucket.aws.forget_calls()
    bucket.aws.inject(Fault(kind=FaultKind.DELAY, service="s3", operation="PutObject", seconds=2))

    def write(name: str) -> Any:
        if name == "f":  # of no use: its own writer learns that, and no other one
            with pytest.raises(InvariantError):
                store.finish(lease, STACK, "op-f", resource())
            return None
        return put(store, lease, name)

    with ThreadPoolExecutor(8) as threads:
        first = threads.submit(write, "a")
        eventually(lambda: not bucket.aws.faults, what="its call")
        found = [first, *threads.map(write, "bcdefgh")]
    assert [one.operation for one in bucket.aws.calls] == ["PutObject", "PutObject"]
    state = bucket.store().read(STACK)
    assert sorted(state.resources) == list("abcdegh")
    assert state.serial == 7
    assert sorted(one.serial for one in found[1:] if hasattr(one, "serial")) == [2, 3, 4, 5, 6, 7]


def test_a_deletion_is_refused_where_the_lineage_is_another_one(bucket: Bucket) -> None:
    """Its intent comes before the call, and nothing is written of it."""
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    before = bucket.names()
    with pytest.raises(StaleError, match="plan again"):
        store.begin(lease, STACK, "another lineage", intent(lease, IntentKind.DELETE))
    assert bucket.names() == before


FAULTS = {
    "lost reply": Fault(kind=FaultKind.LOST_REPLY, service="s3", operation="PutObject"),
    "lost request": Fault(kind=FaultKind.LOST_REQUEST, service="s3", operation="PutObject"),
    "slow down": Fault(
        kind=FaultKind.ERROR, service="s3", operation="PutObject", status=503, code="SlowDown"
    ),
    "conflict": Fault(
        kind=FaultKind.ERROR,
        service="s3",
        operation="PutObject",
        status=409,
        code="ConditionalRequestConflict",
        count=3,
    ),
}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("skip", [0, 1, 2, 3])
def test_a_fault_of_one_request_is_seen_through(bucket: Bucket, name: str, skip: int) -> None:
    """Each request of taking, writing, renewing and giving back meets the fault once."""
    store = bucket.store()
    bucket.aws.inject(replace(FAULTS[name], skip=skip))
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    lease = store.renew(lease, MINUTE)
    store.release(lease)
    bucket.aws.clear_faults()
    other = bucket.store()
    assert list(other.read(STACK).resources) == ["a"]
    assert other.acquire(DEV, "bob", MINUTE).epoch == 2


def test_while_s3_is_away_nothing_is_written_and_it_is_told(bucket: Bucket) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    state = put(store, lease, "a")
    bucket.aws.inject(replace(FAULTS["slow down"], count=None))
    with pytest.raises(TransientError, match="S3"):
        put(store, lease, "b")
    bucket.aws.clear_faults()
    assert bucket.store().read(STACK) == state
    # The lease still holds, and the walk can go on with it.
    assert list(put(store, lease, "b").resources) == ["a", "b"]


def test_an_object_that_was_changed_copied_or_signed_by_somebody_else_is_refused(
    bucket: Bucket,
) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    store.release(lease)
    snapshot = f"{PREFIX}/stacks/trainer/eu-west-1"
    good = bucket.raw(snapshot)
    with pytest.raises(UserError, match="was not written with this GITBOT_STORE_KEY"):
        bucket.store(b"another key of thirty-two bytes!").read(STACK)
    for bad, why in (
        (good.replace(b"r-a", b"r-b"), "changed or copied by hand"),
        (b"{}", "is no state of gitbot"),
        (b"\xff", "is no state of gitbot"),
        (json.dumps({**json.loads(good), "format": 2}).encode(), "by a newer gitbot"),
    ):
        bucket.put(snapshot, bad)
        with pytest.raises(UserError, match=why):
            bucket.store().read(STACK)
    # What is true of one environment is not true of another one.
    bucket.put(snapshot.replace("dev", "prod"), good)
    with pytest.raises(UserError, match="copied by hand"):
        bucket.store().read(replace(STACK, environment="prod"))


def test_each_object_has_a_code_that_only_the_key_makes(bucket: Bucket) -> None:
    """Also the lease, each entry of the journal, and a snapshot; each with its own name."""
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    store.release(lease)
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "b")
    store.renew(lease, 2 * MINUTE)
    good = {name: bucket.raw(name) for name in bucket.names()}
    kinds = [name.split("/")[3] for name in good]
    assert kinds == ["journal", "journal", "journal", "lease", "stacks"]
    for name, raw in good.items():
        content = json.loads(raw)
        others = [one for other, one in good.items() if other != name]
        unsigned = {key: value for key, value in content.items() if key != "mac"}
        for bad in (
            json.dumps({**content, "body": {**content["body"], "epoch": 7}}).encode(),
            json.dumps({**content, "nonce": "0" * 16}).encode(),
            json.dumps(unsigned).encode(),
            *others,
        ):
            bucket.put(name, bad)
            reader = bucket.store()
            with pytest.raises(UserError, match=r"was not written with this|is no state of gitbot"):
                (reader.read(STACK), reader.lease(DEV))
        bucket.put(name, raw)
    assert list(bucket.store().read(STACK).resources) == ["a", "b"]


def test_all_objects_that_were_put_back_to_an_earlier_time_are_noticed(bucket: Bucket) -> None:
    s3 = bucket.aws.client("s3")
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    store = bucket.store()

    def apply(name: str) -> dict[str, bytes]:
        lease = store.acquire(DEV, "ada", MINUTE)
        put(store, lease, name)
        store.release(lease)
        return {each: bucket.raw(each) for each in bucket.names()}

    early, late = apply("a"), apply("b")
    for name in late:
        s3.delete_object(Bucket=bucket.name, Key=name)
    with pytest.raises(UserError, match="was put back to an earlier time"):
        bucket.store().read(STACK)
    for name, raw in early.items():
        bucket.put(name, raw)
    with pytest.raises(UserError, match="was put back to an earlier time"):
        bucket.store().acquire(DEV, "ada", MINUTE)
    # On purpose, as the error says: nothing is left of what came later.
    (newest,) = [name for name in early if "/journal/" in name]
    found = s3.list_object_versions(Bucket=bucket.name, Prefix=f"{PREFIX}/journal/")
    for one in [*found["Versions"], *found["DeleteMarkers"]]:
        if one["Key"] > newest:
            s3.delete_object(Bucket=bucket.name, Key=one["Key"], VersionId=one["VersionId"])
    assert list(bucket.store().read(STACK).resources) == ["a"]


@pytest.mark.parametrize("kms", ["", "arn:aws:kms:us-east-1:123456789012:key/4a-4b"])
def test_encryption_is_asked_for_and_what_s3_says_of_it_is_checked(
    bucket: Bucket, kms: str
) -> None:
    client = bucket_client(bucket.aws.url)
    objects = Objects(client, bucket.name, KEY, kms_key=kms)
    objects.create("one", {})
    found = client.head_object(Bucket=bucket.name, Key="one")
    assert found["ServerSideEncryption"] == ("aws:kms" if kms else "AES256")
    assert found.get("SSEKMSKeyId", "") == kms

    def deaf(parsed: dict[str, Any], **_: Any) -> None:
        """What looks like S3 and passes over what it does not know."""
        parsed.pop("SSEKMSKeyId" if kms else "ServerSideEncryption")

    client.meta.events.register("after-call.s3.PutObject", deaf)
    with pytest.raises(UserError, match="two is written, but S3 says that it is encrypted with"):
        objects.create("two", {})


def test_a_snapshot_or_a_journal_that_was_put_back_is_refused(bucket: Bucket) -> None:
    store = bucket.store()
    snapshot = f"{PREFIX}/stacks/trainer/eu-west-1"
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    store.release(lease)
    old = bucket.raw(snapshot)
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "b")
    store.release(lease)
    new = bucket.raw(snapshot)
    bucket.put(snapshot, old)
    with pytest.raises(UserError, match="put back to an earlier version"):
        bucket.store().read(STACK)
    bucket.aws.client("s3").delete_object(Bucket=bucket.name, Key=snapshot)
    with pytest.raises(UserError, match="some are missing"):
        bucket.store().read(STACK)
    bucket.put(snapshot, new)
    assert list(bucket.store().read(STACK).resources) == ["a", "b"]
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "c")
    _, middle, _ = [name for name in bucket.names() if "/journal/" in name]
    bucket.aws.client("s3").delete_object(Bucket=bucket.name, Key=middle)
    with pytest.raises(UserError, match="do not belong together"):
        bucket.store().read(STACK)


def taken(store: S3StateStore, holder: str) -> Lease:
    """The lease, once nobody else has it."""
    for _ in range(500):
        try:
            return store.acquire(DEV, holder, timedelta(minutes=5))
        except LeaseUnavailableError:
            time.sleep(0.1)
    raise AssertionError(f"{holder} did not get the lease")


def test_a_rename_that_dies_while_its_lease_is_given_back_is_read_as_done(bucket: Bucket) -> None:
    store = bucket.store()
    lease = store.acquire(DEV, "ada", MINUTE)
    put(store, lease, "a")
    store.release(lease)
    lease = store.acquire(DEV, "ada", MINUTE)
    after = store.rename(lease, STACK, "api")
    # It has deleted the snapshot of the former name, and dies before the end of the lease.
    former = f"{PREFIX}/stacks/trainer/eu-west-1"
    bucket.aws.client("s3").delete_object(Bucket=bucket.name, Key=former)
    other = bucket.store()
    assert other.stacks(DEV) == (after.id,)
    assert other.read(after.id) == after


@pytest.mark.parametrize(("of_one", "told"), [(True, AbsentError), (False, UserError)])
def test_what_answers_like_no_s3_to_a_request_about_no_object_is_told(
    of_one: bool, told: type[Exception]
) -> None:
    refusal = ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, "ListObjectsV2")
    with pytest.raises(told), answers("acme-state", of_one=of_one):
        raise refusal


def test_many_people_want_one_environment_and_one_gets_it_and_no_write_is_lost(
    bucket: Bucket,
) -> None:
    """Each takes the lease, writes and gives it back; who does not get it, tries again."""
    for skip in (3, 17, 40):
        bucket.aws.inject(replace(FAULTS["conflict"], skip=skip))
        bucket.aws.inject(replace(FAULTS["lost reply"], skip=skip + 5))
    written: list[str] = []

    def person(number: int) -> None:
        store = bucket.store()
        for turn in range(3):
            lease = taken(store, f"person {number}")
            name = f"n{number}-{turn}"
            state = store.put(lease, STACK, store.read(STACK).lineage, resource(name, name))
            assert name in state.resources
            written.append(name)
            store.release(lease)

    with ThreadPoolExecutor(4) as people:
        list(people.map(person, range(4)))
    state = bucket.store().read(STACK)
    assert sorted(state.resources) == sorted(written)
    assert state.serial == len(written) == 12


def test_a_bucket_that_is_public_or_keeps_no_versions_is_refused_unless_it_is_allowed(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.aws.environment.items():
        monkeypatch.setenv(name, value)
    s3, place = bucket.aws.client("s3"), BucketPlace(bucket=bucket.name, key="k" * 32)
    with pytest.raises(UserError, match="keeps no versions"):
        check_bucket(place)
    check_bucket(replace(place, allowed=frozenset({"unversioned"})))
    s3.put_bucket_versioning(Bucket=bucket.name, VersioningConfiguration={"Status": "Enabled"})
    check_bucket(place)
    s3.delete_public_access_block(Bucket=bucket.name)
    s3.put_bucket_ownership_controls(
        Bucket=bucket.name,
        OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]},
    )
    s3.put_bucket_acl(Bucket=bucket.name, ACL="public-read")
    with pytest.raises(UserError, match="is public, and state tells"):
        check_bucket(place)
    check_bucket(replace(place, allowed=frozenset({"public"})))
    with pytest.raises(UserError, match="cannot be used"):
        check_bucket(replace(place, bucket="no-such-bucket-here"))


def test_every_request_is_counted_with_its_bytes_whatever_thread_sends_it(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in bucket.aws.environment.items():
        monkeypatch.setenv(name, value)
    place = BucketPlace(
        bucket=bucket.name, key="k" * 32, allowed=frozenset({"public", "unversioned"})
    )
    objects, _ = open_bucket(place)
    # S3 asks to try again: both tries are billed.
    bucket.aws.inject(Fault(kind=FaultKind.THROTTLE, service="s3", operation="PutObject", count=1))
    bucket.aws.forget_calls()
    REQUESTS.forget()

    def person(number: int) -> None:
        objects.create(f"n{number}", {"text": "x" * 100 * number})
        assert objects.get(f"n{number}") is not None
        objects.delete(f"n{number}")

    with ThreadPoolExecutor(8) as people:
        list(people.map(person, range(24)))
    assert list(objects.names("n")) == []
    calls, cost = bucket.aws.calls, REQUESTS.cost()
    assert (cost.reads, cost.writes, cost.lists) == (24, 24 + 1 + 24, 1)
    assert cost.requests == len(calls)
    assert cost.bytes_sent == sum(one.bytes_sent for one in calls) > 100 * sum(range(24))
    assert cost.bytes_received == sum(one.bytes_received for one in calls) > 100 * sum(range(24))
