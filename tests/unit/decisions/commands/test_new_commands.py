"""Which commands of a text are kept, and which are answered at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from gitbot.decisions.commands.new_commands import ADDED, EDITED, new_commands
from gitbot.model.commands import Command, CommandRef, CommandStatus, Source
from gitbot.model.events import TextWritten

LOGIN = "gitbot[bot]"
WRITTEN = datetime(2026, 5, 1, 10, 0, tzinfo=UTC)
LATER = WRITTEN + timedelta(minutes=1)
COMMENT = TextWritten(
    repository="42",
    number=7,
    on_pull_request=True,
    source=Source.COMMENT,
    id=99,
    author="ada",
    body="/apply dev/trainer 0123ABCD89abcdef",
    written_at=WRITTEN,
    text_at=WRITTEN,
)


def edited(body: str, minutes: int = 1, *, by_author: bool = False) -> TextWritten:
    at = WRITTEN + timedelta(minutes=minutes)
    return replace(COMMENT, body=body, text_at=at, edited=True, by_author=by_author)


def heard(*texts: TextWritten) -> tuple[Command, ...]:
    """What is kept after the texts of one comment were heard in this order."""
    kept: tuple[Command, ...] = ()
    for text in texts:
        kept += tuple(one for one in new_commands(text, kept, LOGIN) if one not in kept)
    return kept


def answers(commands: Sequence[Command]) -> list[tuple[str, int, bool]]:
    """Line, minute of the text, and whether it was refused as edited; of each command."""
    return [
        (one.line, round((one.ref.text_at - WRITTEN) / timedelta(minutes=1)), one.answer == EDITED)
        for one in commands
    ]


def test_a_command_is_kept_with_all_that_it_asks() -> None:
    assert new_commands(COMMENT, (), LOGIN) == (
        Command(
            ref=CommandRef(source=Source.COMMENT, comment=99, text_at=WRITTEN, line=0),
            repository="42",
            number=7,
            author="ada",
            verb="apply",
            arguments={"environment": "dev", "stack": "trainer", "digest": "0123abcd89abcdef"},
            written_at=WRITTEN,
        ),
    )


@pytest.mark.parametrize("author", [LOGIN, "GitBot[bot]"])
def test_what_the_bot_writes_holds_no_command(author: str) -> None:
    assert new_commands(replace(COMMENT, author=author), (), LOGIN) == ()


@pytest.mark.parametrize(
    ("texts", "kept"),
    [
        ([replace(COMMENT, body="/plan")] * 2, [("plan", 0, False)]),
        ([edited("/plan")], [("plan", 1, True)]),
        ([replace(COMMENT, body="/plan"), edited("/plan")], [("plan", 0, False)]),
        (
            [replace(COMMENT, body="/plan"), edited("/apply dev\n/plan")],
            [("plan", 0, False), ("apply dev", 1, True)],
        ),
        (
            [replace(COMMENT, body="/plan"), edited("/plan\n/plan")],
            [("plan", 0, False), ("plan", 1, True)],
        ),
        (
            [replace(COMMENT, body="/plan"), edited("/help"), edited("/plan\n/help", 2)],
            [("plan", 0, False), ("help", 1, True)],
        ),
        ([edited("/plan", by_author=True)], [("plan", 1, False)]),
        (
            [replace(COMMENT, body="/plan"), edited("/plan", by_author=True)],
            [("plan", 0, False)],
        ),
        # The sweep may read an edited text before the delivery of the first one comes.
        ([edited("/plan"), replace(COMMENT, body="/plan")], [("plan", 1, True)]),
    ],
)
def test_a_line_is_heard_once_whatever_becomes_of_its_text(
    texts: list[TextWritten], kept: list[tuple[str, int, bool]]
) -> None:
    assert answers(heard(*texts)) == kept


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (CommandStatus.REFUSED, None),
        (CommandStatus.HEARD, ADDED),
        (CommandStatus.ACCEPTED, ADDED),
        (CommandStatus.DONE, ADDED),
    ],
)
def test_an_edit_by_the_author_is_heard_while_nothing_was_accepted(
    status: CommandStatus, answer: str | None
) -> None:
    """The kind: a typo that was mended by editing stayed unheard for ever."""
    (typo,) = new_commands(replace(COMMENT, body="/aply dev"), (), LOGIN)
    mended = edited("/apply dev", by_author=True)
    (command,) = new_commands(mended, [replace(typo, status=status)], LOGIN)
    assert (command.verb, command.answer) == ("apply", answer)
    assert command.written_at == command.ref.text_at == mended.text_at


def test_a_text_that_was_kept_in_part_gives_the_rest() -> None:
    text = edited("/plan\n/plan")
    first, second = new_commands(text, (), LOGIN)
    assert second in new_commands(text, [replace(first, status=CommandStatus.DONE)], LOGIN)


def test_the_time_of_a_text_is_kept_in_whole_seconds() -> None:
    text = replace(COMMENT, text_at=WRITTEN.replace(microsecond=7))
    (command,) = new_commands(text, (), LOGIN)
    assert command.ref.text_at == WRITTEN


@pytest.mark.parametrize(
    ("body", "changes", "answer"),
    [
        ("/plan", {"source": Source.REVIEW}, None),
        ("/help", {"on_pull_request": False}, None),
        ("/apply dev", {"on_pull_request": False}, None),
        ("/unlock", {"on_pull_request": False}, "`/unlock` works on pull requests"),
        ("/drift apply", {"on_pull_request": False}, None),
        ("/drift apply", {}, "`/drift` works on the issue of gitbot that it is about"),
        ("/aply dev", {"on_pull_request": False}, "did you mean `/apply`?"),
        ("/aply dev", {"edited": True, "text_at": LATER}, "did you mean `/apply`?"),
        ("/plan dev now", {}, "one word too many"),
    ],
)
def test_a_line_that_cannot_be_done_is_answered_at_once(
    body: str, changes: dict[str, object], answer: str | None
) -> None:
    (command,) = new_commands(replace(COMMENT, body=body, **changes), (), LOGIN)  # type: ignore[arg-type]
    if answer is None:
        assert command.answer is None
    else:
        assert answer in (command.answer or "")
