"""What is said of a lease that somebody holds, and of state that is kept elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.errors import UserError
from gitbot.model.names import EnvironmentKey, StackId
from gitbot.model.recorded import Done, IntentKind, Lease, Moved, RecordedStack
from gitbot.reconciler import state_changes as changes
from gitbot.reconciler.leases import (
    begun_of,
    busy,
    finished_under,
    finished_words,
    holder_of,
    refuse_moved,
    refuse_moved_store,
)
from tests.contract.state_world import intent, resource

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
DEV = EnvironmentKey(repository="7", environment="dev")
WEB = StackId(repository="7", environment="dev", name="web", region="eu-west-1")
LEASE = Lease(environment=DEV, epoch=4, holder="far:12:abc-1.5 ada", expires_at=NOON)


def state(finished: Mapping[str, int] | None = None, epoch: int = 4) -> RecordedStack:
    done = None if finished is None else Done(epoch=epoch, finished=finished)
    return RecordedStack(id=WEB, lineage="l", done=done)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("far:12:abc-1.5 ada at a command line", "ada at a command line (process 12 on far)"),
        ("far:12:abc-1.5", "a process (process 12 on far)"),
        ("a-test", "a-test"),
        ("another process", "another process"),
    ],
)
def test_a_holder_is_named_by_what_it_does_and_where(name: str, words: str) -> None:
    assert str(holder_of(name)) == words


def test_only_what_was_finished_under_the_lease_is_counted() -> None:
    states = [
        state({"create": 2}),
        state({"create": 1, "delete": 3}),
        state({"update": 9}, 3),
        state(),
    ]
    assert finished_under(LEASE, states) == {"create": 3, "delete": 3}


@pytest.mark.parametrize(
    ("finished", "words"),
    [({}, "nothing"), ({"create": 3, "power": 1, "merge": 2}, "3 made, 1 switched, 2 merge")],
)
def test_what_was_finished_is_told_in_words(finished: Mapping[str, int], words: str) -> None:
    assert finished_words(finished) == words


def test_what_was_begun_names_the_holder_of_that_very_lease_and_nobody_else() -> None:
    begun = (intent(LEASE), intent(LEASE, operation="p", kind=IntentKind.POWER))
    found = begun_of(begun, LEASE)
    assert found is not None
    assert [(one.address, one.kind) for one in found.changes] == [("bucket", "create")]
    assert (found.by, found.may_run, found.since) == ("ada", True, begun[0].begun_at)
    assert found.words == "create of `bucket`"
    for lease in (None, replace(LEASE, epoch=5, holder="far:1:n mona"), replace(LEASE, holder="")):
        found = begun_of(begun, lease)
        assert found is not None
        assert (found.by, found.may_run) == ("", False)
    mixed = begun_of((*begun, intent(replace(LEASE, epoch=3), operation="e")), LEASE)
    assert mixed is not None
    assert (len(mixed.changes), mixed.by) == (2, "")
    assert begun_of(begun[1:], LEASE) is None


def test_a_busy_environment_names_three_of_many_changes_and_when_to_try_again() -> None:
    intents = tuple(intent(LEASE, operation=str(n)) for n in range(5))
    error = busy(LEASE, [replace(state(), intents=intents)], NOON - timedelta(minutes=1))
    assert "under way: create of bucket, create of bucket, create of bucket and 2 more." in str(
        error
    )
    assert "since" not in str(error)
    assert error.retry_after_s == 10.0
    assert busy(LEASE, [], NOON).retry_after_s == 1.0


def test_changes_are_counted_under_the_newest_lease_and_forgotten_elsewhere() -> None:
    first, second = LEASE, replace(LEASE, epoch=5)
    found = RecordedStack(id=WEB, lineage="l")
    for lease, operation in ((first, "a"), (first, "b"), (second, "c")):
        found = changes.begun(found, intent(lease, operation=operation))
    old = changes.begun(found, intent(first, IntentKind.UPDATE, "old"))
    found = changes.finished(old, "a", resource())
    found = changes.finished(found, "b", resource())
    assert found.done == Done(epoch=4, finished={"create": 2})
    found = changes.finished(found, "c", resource())
    assert found.done == Done(epoch=5, finished={"create": 1})
    # The rest of a former lease, which the newest one has cleared up.
    found = changes.finished(found, "old", resource())
    assert found.done == Done(epoch=5, finished={"create": 1})
    assert changes.brought(RecordedStack(id=WEB, lineage="m"), found).done is None


def test_what_is_kept_elsewhere_is_refused_by_the_name_of_the_place() -> None:
    refuse_moved(state())
    refuse_moved_store(DEV, None)
    moved = replace(state(), moved=Moved(to="new.db", lineage="l", serial=1))
    with pytest.raises(UserError, match=r"the state of dev/web is kept in new\.db"):
        refuse_moved(moved)
    with pytest.raises(UserError, match=r"moved to new\.db"):
        refuse_moved_store(DEV, "new.db")
