"""State in which one object or one lineage would be there twice is refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from gitbot.decisions.state_doubles import refuse_doubles
from gitbot.errors import UserError
from gitbot.model.names import Address
from gitbot.model.ownership import Holding
from gitbot.model.recorded import Deposed, RecordedStack, StackHeader
from tests.contract.state_world import BUCKET, STACK, resource

COPY = Address("copy")
OTHER = replace(STACK, name="other")
ONE = RecordedStack(id=STACK, lineage="l", serial=4, resources={BUCKET: resource()})
TWO = replace(ONE, id=OTHER, lineage="m", resources={COPY: resource("copy", "r-9")})


def held(stack: RecordedStack) -> list[Holding]:
    return [
        Holding(
            stack=stack.id,
            address=at,
            type=one.type,
            remote_id=one.remote_id,
            account=one.account,
            region=one.region,
        )
        for at, one in stack.resources.items()
    ]


def header(stack: RecordedStack) -> StackHeader:
    return StackHeader(id=stack.id, lineage=stack.lineage, serial=1, resources=1, left=1)


@pytest.mark.parametrize(
    ("written", "there", "words"),
    [
        ([replace(ONE, resources={BUCKET: resource(), COPY: replace(resource(), address=COPY)})], [], "as `bucket` and in dev/trainer as `copy`"),
        ([replace(ONE, deposed=(Deposed(resource=resource(), operation="o"),))], [], "as `bucket` and in dev/trainer as `bucket`"),
        ([ONE, replace(TWO, resources=ONE.resources)], [], "and in dev/other as `bucket`"),
        ([ONE], [replace(TWO, resources=ONE.resources)], "and in dev/other as `bucket`"),
        ([ONE], [replace(TWO, lineage="l")], "the lineage `l` is that of dev/trainer and of dev/other"),
        ([ONE, replace(TWO, lineage="l")], [], "A stack is renamed with `metadata.moved`"),
        # What moves within the document, or is written over, is there once.
        ([ONE, TWO], [ONE, replace(TWO, resources=ONE.resources, lineage="x")], ""),
        ([ONE], [TWO], ""),
    ],
)  # fmt: skip
def test_an_object_and_a_lineage_are_there_once(
    written: Sequence[RecordedStack], there: Sequence[RecordedStack], words: str
) -> None:
    holders = [one for stack in there for one in held(stack)]
    headers = [header(stack) for stack in there]
    if not words:
        refuse_doubles(written, holders, headers)
        return
    with pytest.raises(UserError) as refused:
        refuse_doubles(written, holders, headers)
    assert words in str(refused.value)
