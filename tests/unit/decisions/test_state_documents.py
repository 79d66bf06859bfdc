"""State as a document: what it says, what is refused when it is read, and when it may be pushed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.state_documents import (
    document_of,
    push_of,
    read_document,
    refuse_repository,
)
from gitbot.errors import RefusedError, UserError
from gitbot.model.names import Address
from gitbot.model.recorded import (
    Done,
    Lease,
    Moved,
    RecordedOutput,
    RecordedResource,
    RecordedStack,
)
from tests.contract.state_world import BUCKET, DEV, NOON, STACK, intent, resource

QUEUE = Address("queue")
RESOURCES = {BUCKET: resource(), QUEUE: resource("queue", "r-2")}
STATE = RecordedStack(id=STACK, lineage="l", serial=4, resources=RESOURCES)
OPEN = (intent(Lease(environment=DEV, epoch=1, holder="me", expires_at=NOON)),)


def document(**changes: Any) -> dict[str, Any]:
    return {**json.loads(json.dumps(document_of(DEV, [STATE]))), **changes}


def stack_data(**changes: Any) -> dict[str, Any]:
    (found,) = document()["stacks"]
    return {**found, **changes}


def with_resource(**changes: Any) -> dict[str, Any]:
    found = stack_data()
    return {**found, "resources": {"bucket": {**found["resources"]["bucket"], **changes}}}


def test_a_document_is_read_back_as_it_was_written() -> None:
    done = replace(STATE, done=Done(epoch=3, finished={"create": 1}))
    found = read_document(json.dumps(document_of(DEV, [done])))
    assert (found.environment, found.stacks) == (DEV, (STATE,))


def test_a_copy_of_what_was_moved_is_written_as_it_was() -> None:
    moved = Moved(to="new.db", lineage="l", serial=6)
    copy = replace(STATE, lineage="dead", serial=5, moved=moved)
    (found,) = read_document(json.dumps(document_of(DEV, [copy]))).stacks
    assert found == replace(STATE, serial=6)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "this is no JSON"),
        (
            json.dumps(document(stacks=[with_resource(remote_id=5)])),
            "remote_id of 'bucket' is no text",
        ),
        (
            json.dumps(document(stacks=[with_resource(remote_id="")])),
            "remote_id of 'bucket' is no text",
        ),
        ("[]", "this is no state"),
        ('{"kind": "else"}', "this is no state"),
        (json.dumps(document(format="1")), "says no format; this gitbot writes format 1"),
        (json.dumps(document(format=0)), "says no format"),
        (json.dumps(document(format=2)), "a newer gitbot wrote the document .format 2"),
        (json.dumps({"kind": "gitbot state", "format": 1}), "damaged: it has no 'repository'"),
        (json.dumps(document(stacks=[stack_data(serial="x")])), "damaged: invalid .*serial"),
        (json.dumps(document(stacks=[{"id": 3}])), "damaged"),
        (json.dumps(document(stacks={})), "stacks is no list"),
        (
            json.dumps(document(stacks=[stack_data(serial=2**63)])),
            "9223372036854775808 is no serial",
        ),
        (
            json.dumps(document(stacks=[stack_data(resources={"a": {"type": 1}})])),
            "type of 'a' is no text",
        ),
        (
            json.dumps(document(stacks=[stack_data(commit="\ud800")])),
            "no JSON that state can be made of",
        ),
        ("[" * 100_000, "no JSON that state can be made of"),
        (json.dumps(document(stacks=[stack_data()] * 2)), "has dev/trainer twice"),
        (json.dumps(document(environment="prod")), "is of prod and has a stack dev/trainer"),
        (
            json.dumps(
                document(stacks=[stack_data(resources={"a": stack_data()["resources"]["queue"]})])
            ),
            "has 'queue' at the address 'a' of dev/trainer",
        ),
        (
            json.dumps(
                document(
                    stacks=[
                        stack_data(
                            outputs={"o": {"value": {"$gitbot": "sensitive", "value": "hunter2"}}}
                        )
                    ]
                )
            ),
            "something that state never keeps",
        ),
    ],
)
def test_what_is_no_document_of_state_is_refused(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as refusal:
        read_document(text)
    assert "hunter2" not in str(refusal.value)


def changed(**more: Any) -> RecordedStack:
    """The document that somebody has edited."""
    resources: dict[Address, RecordedResource] = {
        BUCKET: resource(remote_id="r-9"),
        Address("new"): resource("new", "r-3"),
    }
    given: dict[str, Any] = {"serial": 5, "resources": resources, **more}
    return replace(STATE, **given)


def test_what_changes_is_told_and_the_next_apply_looks_at_the_stack() -> None:
    push = push_of(changed(outputs={"o": RecordedOutput(value="x")}), STATE, force=False)
    assert push is not None
    assert push.differences == (
        "~ bucket  remote_id",
        "+ new  AWS::S3::Bucket  r-3",
        "- queue  AWS::S3::Bucket  r-2",
        "~ outputs",
    )
    assert (push.after.serial, push.after.complete, push.after.edited) == (5, False, True)
    assert push.overrides == ()


@pytest.mark.parametrize(
    ("complete", "edited", "told"),
    [(True, False, True), (False, False, False), (False, True, True)],
)
def test_only_what_an_apply_had_finished_counts_as_changed_by_hand(
    complete: bool, edited: bool, told: bool
) -> None:
    found = replace(STATE, complete=complete, edited=edited)
    push = push_of(changed(), found, force=False)
    assert push is not None
    assert push.after.edited is told


def test_the_same_state_is_not_pushed_but_a_higher_serial_is() -> None:
    found = replace(STATE, done=Done(epoch=1, finished={}))
    assert push_of(STATE, found, force=False) is None
    push = push_of(replace(STATE, serial=9), found, force=False)
    assert push is not None
    assert (push.after.serial, push.differences, push.after.done) == (9, (), found.done)


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (changed(serial=4), "have both serial 4, and differ.*give it serial 5"),
        (changed(serial=3), "has serial 3, and the store serial 4.*Pull it again"),
        (changed(lineage="m"), "is of lineage m, and the store has lineage l"),
        (changed(lineage="m", serial=9), "lineage m"),
        (changed(lineage="m", serial=1), "lineage m.*; the document has serial 1"),
    ],
)
def test_another_lineage_and_a_serial_that_is_not_higher_are_refused_unless_forced(
    wanted: RecordedStack, words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        push_of(wanted, STATE, force=False)
    push = push_of(wanted, STATE, force=True)
    assert push is not None
    assert push.after.lineage == wanted.lineage
    assert push.overrides


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("wanted", "found", "words"),
    [
        (changed(), replace(STATE, intents=OPEN), "cut off .* says the store"),
        (changed(intents=OPEN), STATE, "cut off .* says the document"),
        (
            changed(),
            replace(STATE, moved=Moved(to="new.db", lineage="l", serial=4)),
            r"is kept in new\.db",
        ),
    ],
)
def test_what_was_cut_off_or_is_kept_elsewhere_is_refused_whatever_is_forced(
    wanted: RecordedStack, found: RecordedStack, words: str, force: bool
) -> None:
    with pytest.raises(UserError, match=words):
        push_of(wanted, found, force=force)


def test_a_store_that_has_nothing_of_the_stack_takes_it_as_it_was() -> None:
    nothing = RecordedStack(id=STACK, lineage="new")
    push = push_of(replace(STATE, intents=OPEN), nothing, force=False)
    assert push is not None
    assert push.after == replace(STATE, intents=OPEN)
    assert "+ queue  AWS::S3::Bucket  r-2" in push.differences


@pytest.mark.parametrize(
    ("theirs", "ours", "refused"),
    [
        ("7", "7", False),
        ("7", "8", True),
        ("commit:a", "7", False),
        ("7", "commit:a", False),
        ("commit:a", "commit:b", True),
    ],
)
def test_a_document_of_another_repository_is_refused(theirs: str, ours: str, refused: bool) -> None:
    found = read_document(json.dumps(document()))
    found = replace(found, environment=replace(DEV, repository=theirs))
    if not refused:
        refuse_repository(found, ours)
        return
    with pytest.raises(UserError, match="of another repository"):
        refuse_repository(found, ours)
