"""Why a stack differs is kept whole, and replaced as a whole."""

from __future__ import annotations

from gitbot.model.causes import CallerKind, Cause, CauseKind, Deed
from gitbot.model.names import Address
from gitbot.ports.records import Records
from tests.contract.records_world import NOON, OTHER, STACK

CAUSE = Cause(
    kind=CauseKind.SOMEBODY,
    since=NOON,
    looked_at=NOON,
    deeds=(
        Deed(
            call="ec2:CreateTags",
            at=NOON,
            kind=CallerKind.ROLE,
            who="ada@acme.com",
            role="Admin",
            address="203.0.113.7",
            through="console",
            ours=True,
        ),
    ),
    code="x",
    sure=False,
    tries=3,
)


def test_causes_are_kept_by_stack(records: Records) -> None:
    assert records.causes.of_stack(STACK) == {}
    known = {Address("a"): CAUSE, Address('b["eu"]'): CAUSE}
    records.causes.put(STACK, known)
    assert records.causes.of_stack(STACK) == known
    assert records.causes.of_stack(OTHER) == {}
    records.causes.put(STACK, {Address("a"): CAUSE})
    assert records.causes.of_stack(STACK) == {Address("a"): CAUSE}
