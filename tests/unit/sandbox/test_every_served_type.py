"""The life of an object of every provisionable type in the Cloud Control API, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from gitbot.reconciler.pointers import MISSING, Path, below, parse, text_of, value_at, values_at
from gitbot_sandbox.aws.cloud_control.deeds import Call
from gitbot_sandbox.aws.cloud_control.instances import Change, instance, second_value
from gitbot_sandbox.aws.cloud_control.refusals import Refusal
from gitbot_sandbox.aws.cloud_control.registry import ServedType, lookup, provisionable, without
from gitbot_sandbox.aws.cloud_control.service import CloudControl
from tests.model_checks import one_in

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
@pytest.mark.parametrize("name", one_in(40, provisionable()))
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
    """Update the property, and send what cannot be read again, as AWS wants it."""
    kind = life.kind
    hidden = [
        (path, value)
        for one in sorted(kind.schema.write_only)
        for path, value in values_at({**desired, change.name: change.value}, parse(one))
    ]
    operations = dict([*patch(kind, (change.name,), change.value, life.read()), *hidden])
    document = [
        {"op": "add", "path": text_of(path), "value": value} for path, value in operations.items()
    ]
    said = {"Identifier": life.identifier, "PatchDocument": json.dumps(document)}
    never = {*kind.schema.write_only} & {*kind.schema.create_only}
    if any(values_at(desired, parse(one)) for one in never):
        with pytest.raises(Refusal) as refused:
            life.ask("UpdateResource", **said)
        assert refused.value.code == "NotUpdatableException"
        return
    life.done("UpdateResource", **said)
    wanted = kind.readable({**desired, change.name: change.value})
    model = without(life.read(), kind.schema.read_only)
    assert model.get(change.name) == wanted.get(change.name)


def patch(kind: ServedType, path: Path, value: Any, model: Any) -> Iterator[tuple[Path, Any]]:
    """What to add where, so that what AWS says beside a changed value stays."""
    own = [one for one in map(parse, kind.schema.read_only) if below(one, path)]
    if not own or not isinstance(value, dict) or value_at(model, path) is MISSING:
        yield path, value
        return
    for name, item in value.items():
        yield from patch(kind, (*path, name), item, model)


def as_read(kind: ServedType, desired: Mapping[str, Any]) -> dict[str, Any]:
    """The desired state as a read returns it."""
    return kind.readable(kind.declared(desired))
