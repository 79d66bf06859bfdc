"""Tests for every store of commands and claims, on SQLite and PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from gitbot.model.commands import Accepted, AppliesWhat, CommandStatus, Source
from gitbot.ports.records import Claims, Commands, Records
from tests.contract.records_world import (
    DEV,
    NOON,
    OTHER,
    PROD,
    SECOND,
    STACK,
    TIP,
    claim,
    command,
    ref,
)

ACCEPTED = Accepted(what=AppliesWhat.TIP, environment="dev", runs=("run-2", "run-1"))


@pytest.fixture
def commands(records: Records) -> Commands:
    return records.commands


@pytest.fixture
def claims(records: Records) -> Claims:
    return records.claims


# --- commands --------------------------------------------------------------------------------------


def test_the_account_of_the_first_command_under_a_login_is_known(commands: Commands) -> None:
    assert commands.first_account("7", "ana") is None
    commands.hear(command())
    assert commands.first_account("7", "ana") is None
    commands.hear(command(ref(2), author_id=22, written_at=NOON + 2 * SECOND))
    commands.hear(command(ref(1), author_id=11, written_at=NOON + SECOND))
    commands.hear(command(ref(3), author_id=33, author="bob"))
    assert commands.first_account("7", "ana") == 11
    assert commands.first_account("8", "ana") is None


def test_a_line_of_a_text_is_one_command(commands: Commands) -> None:
    assert commands.hear(command())
    assert not commands.hear(command(verb="unlock"))

    assert commands.get(ref()) == command()
    assert commands.get(ref(line=1)) is None


@pytest.mark.parametrize(
    "other",
    [
        ref(line=1),
        ref(101),
        ref(source=Source.REVIEW),
        ref(text_at=ref().text_at + SECOND),
    ],
    ids=["line", "comment", "source", "text"],
)
def test_another_line_comment_source_or_text_is_another_command(
    commands: Commands, other: object
) -> None:
    commands.hear(command())

    assert commands.hear(command(other, verb="unlock"))  # type: ignore[arg-type]

    assert commands.get(ref()) == command()
    assert commands.get(other) == command(other, verb="unlock")  # type: ignore[arg-type]


def test_every_field_of_a_command_is_kept(commands: Commands) -> None:
    full = command(
        ref(2**40),
        number=2**40,
        on_pull_request=False,
        arguments={"stack": "trainer", "environment": "dev", "why": "größer"},
        written_at=ref().text_at - SECOND,
        status=CommandStatus.ACCEPTED,
        accepted=ACCEPTED,
        answer="no such verb",
    )
    commands.hear(full)

    found = commands.get(full.ref)
    assert found == full
    # The line is put together from the arguments in their order.
    assert found is not None
    assert list(found.arguments) == ["stack", "environment", "why"]


def test_the_commands_of_a_comment_are_those_of_all_its_texts_in_order(commands: Commands) -> None:
    edited = ref().text_at + SECOND
    order = [ref(), ref(line=1), ref(text_at=edited), ref(line=1, text_at=edited)]
    for each in (order[3], order[1], order[2], order[0]):
        commands.hear(command(each))
    commands.hear(command(ref(101)))
    commands.hear(command(ref(source=Source.REVIEW)))

    assert [each.ref for each in commands.of_comment(Source.COMMENT, 100)] == order
    assert commands.of_comment(Source.COMMENT, 102) == ()


def test_heard_and_accepted_commands_are_open_oldest_first(commands: Commands) -> None:
    late = ref(90, text_at=ref().text_at + SECOND)
    for each in (late, ref(101, line=1), ref(101), ref(103)):
        commands.hear(command(each))
    commands.hear(command(ref(104), repository="8"))
    commands.accept(ref(101), ACCEPTED)
    commands.close(ref(103), CommandStatus.DONE, None)

    assert [each.ref for each in commands.open("7")] == [ref(101), ref(101, line=1), late]


def test_only_a_heard_command_is_accepted(commands: Commands) -> None:
    commands.hear(command())
    commands.hear(command(ref(101), status=CommandStatus.REFUSED, answer="no"))

    commands.accept(ref(), ACCEPTED)
    commands.accept(ref(), replace(ACCEPTED, environment="prod"))
    commands.accept(ref(101), ACCEPTED)
    commands.accept(ref(102), ACCEPTED)

    assert commands.get(ref()) == command(status=CommandStatus.ACCEPTED, accepted=ACCEPTED)
    refused = command(ref(101), status=CommandStatus.REFUSED, answer="no")
    assert commands.get(ref(101)) == refused


@pytest.mark.parametrize("accepted", [False, True])
def test_the_first_answer_of_a_command_is_kept(commands: Commands, accepted: bool) -> None:
    commands.hear(command())
    commands.hear(command(ref(101)))
    if accepted:
        commands.accept(ref(), ACCEPTED)

    commands.close(ref(), CommandStatus.REFUSED, "no right")
    commands.close(ref(), CommandStatus.DONE, "done")

    expected = command(status=CommandStatus.REFUSED, answer="no right")
    if accepted:
        expected = replace(expected, accepted=ACCEPTED)
    assert commands.get(ref()) == expected
    assert commands.get(ref(101)) == command(ref(101))


# --- claims ----------------------------------------------------------------------------------------


def test_claims_are_taken_and_listed_by_stack(claims: Claims) -> None:
    assert claims.claim([claim(), claim(OTHER)]) == {}
    assert claims.claim([claim(PROD, 6)]) == {}

    assert claims.of_environment(DEV) == (claim(OTHER), claim())
    assert claims.of_pull_request("7", 5) == (claim(OTHER), claim())
    assert claims.of_repository("7") == (claim(OTHER), claim(), claim(PROD, 6))
    assert claims.of_environment(replace(DEV, environment="staging")) == ()
    assert claims.of_pull_request("7", 7) == ()
    assert claims.of_repository("8") == ()


def test_all_claims_are_taken_or_none(claims: Claims) -> None:
    claims.claim([claim(OTHER, 6)])

    assert claims.claim([claim(STACK), claim(OTHER)]) == {OTHER: claim(OTHER, 6)}

    assert claims.of_environment(DEV) == (claim(OTHER, 6),)


def test_a_pull_request_may_claim_again_what_it_has(claims: Claims) -> None:
    claims.claim([claim()])
    claims.close("7", 5)

    again = claim(head=TIP, claimed_by="bob")
    assert claims.claim([again, claim(OTHER)]) == {}

    assert claims.of_environment(DEV) == (claim(OTHER), again)


def test_claims_of_a_closed_pull_request_still_hold(claims: Claims) -> None:
    claims.claim([claim()])
    claims.claim([claim(OTHER, 6)])

    claims.close("7", 5)
    claims.close("8", 6)

    assert claims.of_environment(DEV) == (claim(OTHER, 6), claim(closed=True))
    assert claims.claim([claim(STACK, 6)]) == {STACK: claim(closed=True)}
    claims.reopen("8", 5)
    claims.reopen("7", 5)
    assert claims.of_environment(DEV) == (claim(OTHER, 6), claim())


def test_released_claims_are_free(claims: Claims) -> None:
    claims.claim([claim(), claim(OTHER)])

    claims.release([STACK])

    assert claims.claim([claim(STACK, 6)]) == {}
    assert claims.of_environment(DEV) == (claim(OTHER), claim(STACK, 6))
    claims.release([STACK, STACK, OTHER])
    assert claims.of_environment(DEV) == ()


def test_when_pull_requests_claim_the_same_stacks_at_once_one_gets_all(
    claims: Claims,
) -> None:
    stacks = [replace(STACK, name=f"s{number}") for number in range(4)]

    def attempt(number: int) -> bool:
        wanted = stacks if number % 2 else stacks[::-1]
        return not claims.claim([claim(stack, number) for stack in wanted])

    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(attempt, range(12)))

    assert won.count(True) == 1
    assert {found.pull_request for found in claims.of_environment(DEV)} == {won.index(True)}
    assert len(claims.of_environment(DEV)) == 4
