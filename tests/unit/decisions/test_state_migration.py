"""What is left to do with a stack that moves between two stores, and what counts as arrived."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.state_migration import (
    Names,
    Step,
    as_it_was,
    check_arrived,
    check_copy,
    copy_of,
    digest_of,
    left_behind,
    refuse_unknown_repositories,
    step_of,
)
from gitbot.errors import ConflictError, InvariantError, UserError
from gitbot.model.names import StackId
from gitbot.model.recorded import Done, Moved, RecordedStack
from gitbot.reconciler import state_changes as changes
from tests.contract.state_world import resource

NAMES = Names(source="a.db", target="b.db", repositories={"commit:1": "7"})
HERE = StackId(repository="commit:1", environment="dev", name="web", region="eu-west-1")
THERE = replace(HERE, repository="7")
RESOURCES = {one.address: one for one in (resource("a"), resource("b", "r-2"))}
STATE = RecordedStack(
    id=HERE,
    lineage="l",
    serial=4,
    resources=RESOURCES,
    uses={"net.id": "x"},
    done=Done(epoch=1, finished={"create": 2}),
)
NOTHING = RecordedStack(id=THERE, lineage="new")
COPY = changes.brought(NOTHING, copy_of(STATE, NAMES))
GONE = changes.retired(STATE, "other", left_behind(COPY, NAMES))
KEPT = changes.settled(COPY)


def elsewhere(state: RecordedStack, to: str, lineage: str = "l") -> RecordedStack:
    return replace(state, lineage="dead", moved=Moved(to=to, lineage=lineage, serial=9))


@pytest.mark.parametrize(
    ("state", "there", "step"),
    [
        (STATE, None, Step.COPY),
        (STATE, NOTHING, Step.COPY),
        (STATE, COPY, Step.COPY),
        (STATE, elsewhere(KEPT, "c.db"), Step.COPY),
        (GONE, COPY, Step.SETTLE),
        (GONE, KEPT, Step.THERE),
        (GONE, replace(KEPT, serial=90, resources={}), Step.THERE),
        (GONE, elsewhere(KEPT, "c.db"), Step.ELSEWHERE),
        (elsewhere(STATE, "c.db"), None, Step.ELSEWHERE),
        (elsewhere(STATE, "c.db"), KEPT, Step.ELSEWHERE),
    ],
)
def test_every_way_in_which_a_move_was_cut_off_says_what_is_left(
    state: RecordedStack, there: RecordedStack | None, step: Step
) -> None:
    assert step_of(state, there, NAMES) is step


@pytest.mark.parametrize(
    ("state", "there", "words"),
    [
        (STATE, KEPT, "b.db has another state of dev/web already"),
        (STATE, replace(KEPT, lineage="m"), "another state of dev/web"),
        (STATE, elsewhere(replace(KEPT), "c.db", "m"), "another state of dev/web"),
        (GONE, None, "moved to b.db, which does not have it"),
        (GONE, replace(KEPT, lineage="m"), "does not have it"),
    ],
)
def test_nothing_is_written_over_another_state(
    state: RecordedStack, there: RecordedStack | None, words: str
) -> None:
    with pytest.raises(ConflictError, match=words):
        step_of(state, there, NAMES)


def test_a_copy_has_everything_but_where_it_is_and_what_was_done_under_the_lease() -> None:
    assert COPY.moved == Moved(to="a.db", lineage="l", serial=4)
    assert GONE.moved == Moved(to="b.db", lineage="l", serial=KEPT.serial)
    assert as_it_was(STATE) == STATE
    assert replace(as_it_was(GONE), id=THERE, done=None) == KEPT
    assert digest_of(STATE) == digest_of(as_it_was(GONE)) == digest_of(KEPT)
    assert digest_of(replace(STATE, complete=False)) != digest_of(STATE)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ({"resources": {**RESOURCES, "b": resource("b", "r-9")}}, r"differs .* in resources\.b\."),
        ({"resources": {}}, r"differs .* in resources"),
        ({"complete": False}, r"differs .* in complete"),
        ({"lineage": "m"}, r"differs .* in lineage"),
        ({"uses": {str(n): "x" for n in range(9)}}, r"uses\.4 and 5 more"),
    ],
)
def test_a_copy_that_differs_is_told_with_what_differs(broken: dict[str, Any], words: str) -> None:
    check_copy(STATE, COPY, NAMES)
    with pytest.raises(InvariantError, match=words):
        check_copy(STATE, replace(COPY, **broken), NAMES)


def test_a_copy_that_is_not_there_is_no_copy() -> None:
    with pytest.raises(InvariantError, match=r"b\.db does not have dev/web"):
        check_copy(STATE, None, NAMES)


@pytest.mark.parametrize(
    "there", [None, replace(KEPT, lineage="m"), replace(KEPT, serial=KEPT.serial - 1)]
)
def test_what_did_not_arrive_or_is_older_is_told(there: RecordedStack | None) -> None:
    check_arrived(GONE, KEPT, NAMES)
    with pytest.raises(InvariantError, match=r"b\.db does not have dev/web as it was moved there"):
        check_arrived(GONE, there, NAMES)


def test_what_arrived_is_equal_as_long_as_nobody_has_changed_it_there() -> None:
    check_arrived(GONE, replace(KEPT, serial=KEPT.serial + 1, resources={}), NAMES)
    with pytest.raises(InvariantError, match=r"resources\.a\."):
        check_arrived(GONE, replace(KEPT, resources={"b": RESOURCES["b"]}), NAMES)


@pytest.mark.parametrize(
    ("repositories", "known"),
    [
        (["commit:1"], None),
        (["commit:1"], ["7"]),
        (["commit:2"], None),
        (["commit:2"], []),
        (["8"], []),
        (["8"], ["7"]),
    ],
)
def test_a_repository_goes_where_it_is_known(
    repositories: Iterable[str], known: Iterable[str] | None
) -> None:
    refuse_unknown_repositories(repositories, NAMES, known=known)


@pytest.mark.parametrize(
    ("repositories", "known", "words"),
    [
        (["8"], None, "GitHub's id 8, and b.db does not know such ids"),
        (["commit:2"], ["7"], "by its commit 2, and b.db is of a server"),
    ],
)
def test_a_repository_that_nobody_would_find_there_is_refused(
    repositories: Iterable[str], known: Iterable[str] | None, words: str
) -> None:
    with pytest.raises(UserError, match=f"{words}.*--repo"):
        refuse_unknown_repositories(repositories, NAMES, known=known)
