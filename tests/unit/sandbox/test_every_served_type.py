"""The life of an object of every provisionable type in the Cloud Control API, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.reconciler.pointers import (
    MISSING,
    Path,
    below,
    matches,
    parse,
    reaches,
    text_of,
    value_at,
    values_at,
)
from gitbot_sandbox.aws.cloud_control.deeds import Call
from gitbot_sandbox.aws.cloud_control.instances import Change, instance, second_value
from gitbot_sandbox.aws.cloud_control.refusals import Refusal
from gitbot_sandbox.aws.cloud_control.registry import ServedType, lookup, provisionable, without
from gitbot_sandbox.aws.cloud_control.service import CloudControl
from tests.model_checks import some

CALL = Call(account="123456789012", region="us-east-1", now=datetime(2026, 1, 1, tzinfo=UTC))


class Life:
    """One object and the calls about it."""

    def __init__(self, kind: ServedType) -> None:
        self.kind = kind
        self.api = CloudControl()
        self.identifier = ""

    def ask(self, operation: str, **said: Any) -> Mapping[str, Any]:
        return self.api.answer(operation, {"TypeName": self.kind.name, **said}, CALL)

    def done(self, operation: str, **said: Any) -> Mapping[str, Any]:
        begun = self.ask(operation, **said)["ProgressEvent"]
        token = {"RequestToken": begun["RequestToken"]}
        ended = self.api.answer("GetResourceRequestStatus", token, CALL)["ProgressEvent"]
        assert ended["OperationStatus"] == "SUCCESS", ended
        return dict(ended)

    def stored(self) -> dict[str, Any]:
        """The object with what a read does not return."""
        return self.api.region(CALL.account, CALL.region).of_type(self.kind.name)[self.identifier]

    def read(self) -> dict[str, Any]:
        answer = self.ask("GetResource", Identifier=self.identifier)
        model = json.loads(answer["ResourceDescription"]["Properties"])
        assert isinstance(model, dict)
        return model


@pytest.mark.model
@pytest.mark.parametrize("full", [False, True], ids=["small", "large"])
@pytest.mark.parametrize("name", some(45, provisionable()))
def test_an_object_of_every_type_lives(name: str, full: bool) -> None:
    kind = lookup(name)
    assert kind is not None
    life, desired = Life(kind), instance(kind, full=full)
    ended = life.done("CreateResource", DesiredState=json.dumps(desired))
    life.identifier = ended["Identifier"]
    model = life.read()
    said = [f"/{one}" for one in desired]
    assert kind.differing(said, as_read(kind, desired), without(model, kind.schema.read_only)) == ()
    assert [value_at(model, path) for path in kind.identifiers[0]].count(MISSING) == 0
    assert not [one for one in kind.schema.write_only if values_at(model, parse(one))]
    assert kind.misfits(life.stored()) == []
    if "list" in kind.handlers:
        [listed] = life.ask("ListResources")["ResourceDescriptions"]
        assert listed["Identifier"] == life.identifier
    change = second_value(kind, desired) if kind.schema.updatable else None
    if change is not None:
        update(life, desired, change)
    life.done("DeleteResource", Identifier=life.identifier)
    with pytest.raises(Refusal, match="was not found"):
        life.read()


def update(life: Life, desired: Mapping[str, Any], change: Change) -> None:
    """Update the property, and send what cannot be read again, as AWS wants it.

    What can only be set at creation is never sent. Where it is required and cannot be read, AWS
    takes no update at all.
    """
    kind, after = life.kind, {**desired, change.name: change.value}
    fixed = kind.schema.create_only
    steps = dict(patch(kind, (change.name,), change.value, life.read()))
    for one in sorted(kind.schema.write_only):
        for path, value in values_at(without(after, fixed), parse(one)):
            if not reached(text_of(path), fixed):
                steps[path] = value
    document = [
        {"op": "remove", "path": text_of(path)}
        if value is MISSING
        else {"op": "add", "path": text_of(path), "value": value}
        for path, value in steps.items()
    ]
    said = {"Identifier": life.identifier, "PatchDocument": json.dumps(document)}
    never = [one for one in kind.schema.write_only if reached(one, fixed)]
    never += [one for one in fixed if reached(one, kind.schema.write_only)]
    if kind.misfits(without({**life.read(), **after}, (*never, *kind.schema.read_only))):
        with pytest.raises(Refusal, match="Model validation failed"):
            life.ask("UpdateResource", **said)
        return
    life.done("UpdateResource", **said)
    hidden = (*kind.schema.read_only, *fixed)
    wanted = without(as_read(kind, after), hidden)
    assert without(life.read(), hidden).get(change.name) == wanted.get(change.name)


def reached(pointer: str, others: Iterable[str]) -> bool:
    """Whether one of the others is the pointer, or something around it."""
    return any(reaches(parse(other), parse(pointer)) for other in others)


def patch(kind: ServedType, path: Path, value: Any, model: Any) -> Iterator[tuple[Path, Any]]:
    """What to put where, so that what is not the caller's beside a changed value stays."""
    schema = kind.schema
    apart = [parse(one) for one in (*schema.read_only, *schema.create_only)]
    current = value_at(model, path)
    inside = any(below(one, path) for one in apart)
    if not inside or not isinstance(value, dict) or not isinstance(current, dict):
        yield path, value
        return
    for name in (*value, *(name for name in current if name not in value)):
        here = (*path, name)
        if name in value:
            yield from patch(kind, here, value[name], model)
        elif not any(matches(one, here) for one in apart):
            yield here, MISSING


def as_read(kind: ServedType, desired: Mapping[str, Any]) -> dict[str, Any]:
    """The desired state as a read returns it."""
    return kind.readable(kind.declared(desired))
