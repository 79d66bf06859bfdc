"""Contract tests of PostgreSQL behind PgBouncer: what must last needs a direct connection, the rest not."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.queue.locks import check_direct
from gitbot.bootstrap.stores import Stores, open_stores
from gitbot.errors import UserError
from gitbot.model.places import Place, place_of
from tests.contract import pooler
from tests.contract.postgres_server import new_database
from tests.contract.state_world import DEV, STACK, intent, resource

pytestmark = pytest.mark.skipif(pooler.PROGRAM is None, reason="PgBouncer is not installed")


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pooler_that_keeps_no_session_is_refused_with_what_to_set(
    mode: str, postgres_url: str
) -> None:
    with pooler.pooled(postgres_url, mode) as url, pytest.raises(UserError) as told:
        check_direct(url.render_as_string(hide_password=False))
    assert "set GITBOT_DATABASE_DIRECT" in str(told.value)


def test_a_pooler_that_keeps_sessions_is_as_good_as_none(postgres_url: str) -> None:
    with pooler.pooled(postgres_url, "session") as url:
        check_direct(url.render_as_string(hide_password=False))


def test_a_store_behind_a_pooler_of_transactions_is_made_written_and_read(
    postgres_url: str,
) -> None:
    with (
        new_database(postgres_url) as database,
        pooler.pooled(database.render_as_string(hide_password=False), "transaction") as url,
    ):
        place = place_of(f"postgresql://gitbot@{url.host}:{url.port}/{url.database}")
        with _open(place) as one, _open(place) as other:
            # So often that a statement would be prepared, on a connection that the other store has next.
            for turn in range(16):
                state = (one, other)[turn % 2].state
                lease = state.acquire(DEV, "me", timedelta(minutes=1))
                made = resource(f"bucket-{turn}", f"r-{turn}")
                began = intent(lease, operation=f"op-{turn}", address=made.address)
                state.begin(lease, STACK, state.read(STACK).lineage, began)
                state.identify(lease, STACK, began.operation, made.remote_id)
                after = state.finish(lease, STACK, began.operation, made)
                state.release(lease)
                assert after == one.state.read(STACK) == other.state.read(STACK)
                assert len(after.resources) == turn + 1


def _open(place: Place) -> AbstractContextManager[Stores]:
    return open_stores(place, SystemClock(), LocalProcesses())
