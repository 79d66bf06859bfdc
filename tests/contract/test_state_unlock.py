"""A lease is taken from a holder that is gone: in a file, on PostgreSQL and in a bucket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import Stores, open_stores
from gitbot.errors import LeaseLostError
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.places import BucketPlace, place_of
from gitbot.model.recorded import IntentKind, Lease
from tests.contract.postgres_server import new_database, written
from tests.contract.state_world import BUCKET, intent, resource
from tests.e2e.shell import Shell, person

KEY = "k" * 32
AN_HOUR = timedelta(hours=1)
ELSEWHERE = "far:12:abc-1.5 ada at a command line"


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    with person(tmp_path_factory.mktemp("unlock"), {"README.md": "specs"}) as made:
        yield made


@pytest.fixture
def sqlite(tmp_path: Path) -> str:
    return str(tmp_path / "state.db")


@pytest.fixture
def s3(shell: Shell) -> str:
    client = shell.aws.client("s3")
    client.create_bucket(Bucket="acme-unlock")
    client.put_bucket_versioning(
        Bucket="acme-unlock", VersioningConfiguration={"Status": "Enabled"}
    )
    return "s3://acme-unlock/team?region=us-east-1"


@pytest.fixture
def postgresql(postgres_url: str) -> Iterator[str]:
    with new_database(postgres_url) as url:
        yield written(url)


@pytest.fixture(params=["sqlite", "postgresql", "s3"])
def store(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def stores(store: str, shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
    """The store, as another process has it."""
    for name, value in shell.aws.environment.items():
        monkeypatch.setenv(name, value)
    place = place_of(store)
    if isinstance(place, BucketPlace):
        place = replace(place, key=KEY)
    with open_stores(place, SystemClock(), LocalProcesses()) as opened:
        yield opened


def test_the_holder_is_shown_and_fenced_off(shell: Shell, store: str, stores: Stores) -> None:
    variables = {"GITBOT_STORE": store, "GITBOT_STORE_KEY": KEY}
    first = shell.git("rev-list", "--max-parents=0", "HEAD").strip()
    dev = EnvironmentKey(repository=f"commit:{first}", environment="dev")
    stack = StackId(repository=dev.repository, environment="dev", name="web", region="eu-west-1")
    state = stores.state

    mine = state.acquire(dev, LocalProcesses().name("a test"), AN_HOUR)
    refused = shell.gitbot("state", "unlock", "dev", "--epoch", str(mine.epoch), **variables)
    assert refused.returncode == 1
    assert "on this machine holds the lease of dev and is alive" in refused.stderr
    state.release(mine)
    free = shell.gitbot("state", "unlock", "dev", **variables)
    assert "nobody holds the lease of dev" in free.stderr

    lease = state.acquire(dev, ELSEWHERE, AN_HOUR)
    now = datetime.now(UTC)
    lineage = state.read(stack).lineage
    state.begin(lease, stack, lineage, intent(lease, operation="op-0", begun_at=now))
    state.finish(lease, stack, "op-0", resource())
    state.begin(lease, stack, lineage, intent(lease, IntentKind.UPDATE, begun_at=now))
    asked = shell.gitbot("state", "unlock", "dev", **variables)
    assert asked.returncode == 1
    assert "held by process 12 on far: ada at a command line" in asked.stdout
    assert lease.since is not None
    assert f"since {lease.since:%Y-%m-%d %H:%M:%S} UTC" in asked.stdout
    assert "finished under this lease: 1 made" in asked.stdout
    assert f"update of {BUCKET} begun under this lease" in asked.stdout
    assert f"agree with --epoch {lease.epoch}" in asked.stderr
    seen = json.loads(shell.gitbot("state", "unlock", "dev", "--json", **variables).stdout)
    assert (seen["host"], seen["epoch"], seen["unlocked"]) == ("far", lease.epoch, False)
    assert (seen["since"], seen["finished"]) == (lease.since.isoformat(), {"create": 1})
    assert [(one["serial"], len(one["intents"])) for one in seen["stacks"]] == [(3, 1)]
    wrong = shell.gitbot("state", "unlock", "dev", "--epoch", "99", **variables)
    assert f"has epoch {lease.epoch} now, not 99" in wrong.stderr
    state.finish(lease, stack, "op-1", resource())  # it still holds the lease

    done = shell.gitbot(
        "state", "unlock", "dev", "--json", "--epoch", str(lease.epoch), **variables
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["unlocked"] is True
    _is_fenced_off(stores, lease, stack)


def _is_fenced_off(stores: Stores, lease: Lease, stack: StackId) -> None:
    """The former holder writes nothing more, and somebody else takes the lease at once."""
    lineage = stores.state.read(stack).lineage
    with pytest.raises(LeaseLostError):
        stores.state.begin(lease, stack, lineage, intent(lease, operation="op-2"))
    with pytest.raises(LeaseLostError):
        stores.state.renew(lease, AN_HOUR)
    after = stores.state.acquire(lease.environment, "near:1:abc-1.5 bob", AN_HOUR)
    assert after.epoch > lease.epoch + 1
    assert after.expires_at > datetime.now(UTC)
    assert not stores.state.read(stack).intents
