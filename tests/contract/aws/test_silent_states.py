"""A state that has the hash of a secret, and nothing else in its place, stays as it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from gitbot.model.names import Address, RemoteId
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.model.schema import Route
from gitbot.model.values import Sensitive, Unknown, redact
from gitbot.reconciler.compared_form import compared_form
from gitbot.reconciler.pointers import put
from gitbot.reconciler.silencing import silenced
from tests.contract.aws.cases import CASES
from tests.contract.aws.life import STACK
from tests.contract.aws.world import ADDRESS, REDACTOR, REGION, AwsWorld
from tests.contract.walk_world import resource, stack_of


def texts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """The texts of the value, with their places."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from texts(item, (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from texts(item, (*path, str(index)))


@pytest.mark.parametrize("type_", sorted({case.type for case in CASES}))
def test_no_neighbour_of_a_hidden_text_is_hidden(world: AwsWorld, type_: str) -> None:
    (case, *_) = [one for one in CASES if one.type == type_]
    spec, schema = case.full(world), world.schema(type_)
    for path, text in texts(spec):
        hidden = put(spec, path, Sensitive(text))
        record = RecordedResource(
            address=Address(ADDRESS),
            type=type_,
            remote_id=RemoteId("1"),
            properties=redact(compared_form(hidden, schema), REDACTOR),
            account="123456789012",
            region=REGION,
            route=Route.NATIVE,
        )
        state = RecordedStack(id=STACK, lineage="l", resources={record.address: record})
        secret = Unknown(template='${secret("ssm:/x")}', sensitive=True, secrets={"ssm:/x": "1"})
        for value in (Sensitive(text), secret):
            desired = stack_of(resource(str(ADDRESS), type_, put(spec, path, value)))
            found = silenced(state, desired, world.catalog.lookup, REDACTOR)
            assert found is state, (path, found.resources[record.address].properties)
