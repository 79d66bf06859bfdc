"""How the words behind a verb become values: optional targets, phrases and forms."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.decisions.commands.arguments import (
    AnyWords,
    DigestArgument,
    DurationArgument,
    EnvironmentArgument,
    PathArgument,
    ResourceArgument,
    TargetArgument,
)
from gitbot.decisions.commands.phrases import BecauseArgument, UntilArgument, before_reason
from gitbot.decisions.commands.reading import plain_words, read_words
from gitbot.decisions.commands.table import Form, Verb

TARGET, REASON = TargetArgument(), BecauseArgument()
VERBS = {
    "stretch": Verb(name="stretch", arguments=(TARGET, DurationArgument()), help="x"),
    "rest": Verb(
        name="rest",
        arguments=(DurationArgument(most=timedelta(days=30), beyond="Write it into the spec."),),
        help="x",
    ),
    "hold": Verb(name="hold", arguments=(TARGET, UntilArgument()), help="x"),
    "stop": Verb(name="stop", arguments=(EnvironmentArgument(), REASON), help="x"),
    "do": Verb(name="do", arguments=(TARGET, DigestArgument()), help="x"),
    "ask": Verb(name="ask", arguments=(AnyWords(),), help="x"),
    "mend": Verb(
        name="mend",
        several=(
            Form(word="apply", arguments=(TARGET,), help="x"),
            Form(
                word="ignore",
                arguments=(TARGET, ResourceArgument(), PathArgument(), UntilArgument(), REASON),
                help="x",
            ),
        ),
    ),
}
DEV = {"environment": "dev"}
DEV_X = {**DEV, "stack": "x"}
DAY = {"until": "2026-12-24"}


def read(line: str) -> tuple[dict[str, str], str]:
    verb, *words = line.split()
    return read_words(VERBS[verb], words)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("stretch 3d", {"duration": "3d"}),
        ("stretch dev/x 3d", {**DEV_X, "duration": "3d"}),
        ("stretch dev 3d", {**DEV, "duration": "3d"}),
        ("stretch 3d 4d", {"environment": "3d", "duration": "4d"}),
        ("hold until 2026-12-24", DAY),
        ("hold UNTIL: 2026-12-24", DAY),
        ("hold dev/x until 2026-12-24", {**DEV_X, **DAY}),
        ("hold until 2026-12-24 18:00", {"until": "2026-12-24T18:00"}),
        ("hold until 2026-12-24T18:00:30z", {"until": "2026-12-24T18:00:30Z"}),
        ("hold until 2026-12-24 18:00 +01:00", {"until": "2026-12-24T18:00+01:00"}),
        ("hold until 2026-12-24 18:00+01:00", {"until": "2026-12-24T18:00+01:00"}),
        ("stop because of a demo", {"because": "of a demo"}),
        ("stop dev because: Übergabe until Friday", {**DEV, "because": "Übergabe until Friday"}),
        ("do dev/x 1a2b3c4d5e6f7a8b", {**DEV_X, "digest": "1a2b3c4d5e6f7a8b"}),
        ("do 1a2b3c4d5e6f7a8b", {"digest": "1a2b3c4d5e6f7a8b"}),
        ("do", {}),
        ("do until", {"environment": "until"}),
        ("ask until when and because", {}),
        ("mend apply", {"form": "apply"}),
        ("mend Apply dev/x", {"form": "apply", **DEV_X}),
        (
            "mend ignore trainer /Tags/owner until 2026-12-24 because handover",
            {
                "form": "ignore",
                "resource": "trainer",
                "path": "/Tags/owner",
                **DAY,
                "because": "handover",
            },
        ),
        (
            'mend ignore dev/x b["eu"] /Tags/a/b until 2026-12-24 18:00 because it moves',
            {
                "form": "ignore",
                **DEV_X,
                "resource": 'b["eu"]',
                "path": "/Tags/a/b",
                "until": "2026-12-24T18:00",
                "because": "it moves",
            },
        ),
    ],
)
def test_each_word_finds_its_argument(line: str, values: dict[str, str]) -> None:
    assert read(line) == (values, "")


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("stretch", "`duration`: the command is `/stretch [environment[/stack]] duration`"),
        ("stretch dev/x", "something is missing, `duration`"),
        ("stretch dev/x 3", "`3` is not a duration. Write a duration such as"),
        ("stretch 99999h", "`99999h` is too long. Write at least 1m and at most 3650d"),
        ("stretch -3h", "`-3h` is not a duration"),
        ("rest 35d", "too long. Write at least 1m and at most 30d. Write it into the spec."),
        ("stretch dev/x 3d now", "`now` is one word too many"),
        ("hold", "`until date`"),
        ("hold dev/x", "`until date`"),
        ("hold dev/x 2026-12-24", "write `until 2026-12-24`"),
        ("hold until", "say until when"),
        ("hold until tomorrow", "`tomorrow` is no date"),
        ("hold until 2026-13-01", "is no date"),
        ("hold until 2026-12-24 25:00", "one word too many"),
        ("hold because 3", "say until when"),
        ("stop dev", "`because reason`"),
        ("stop dev because", "say why"),
        ("stop dev broken release", "write `because` and the reason"),
        ("stop because " + "x" * 501, "at most 500 characters"),
        ("stop because x\u202ey", "cannot be seen"),
        ("mend ignore /Tags/owner until 2026-12-24 because x", "cannot be a resource"),
        ("mend ignore until 2026-12-24 because x", "something is missing, `resource`"),
        ("mend", "say what: `/mend apply [environment[/stack]]`, `/mend ignore"),
        ("mend dev/x", "say what"),
        ("mend aply", "did you mean `/mend apply`?"),
    ],
)
def test_what_does_not_fit_is_told_with_what_to_write(line: str, part: str) -> None:
    assert part in read(line)[1]


def test_the_words_before_a_phrase_are_counted_alone() -> None:
    assert plain_words(["dev", "now", "until", "2026"]) == ("dev", "now")
    assert plain_words(["dev", "because", "it", "is"]) == ("dev",)


def test_only_the_part_before_the_reason_must_be_plain_ascii() -> None:
    assert before_reason("/stop dev because é") == "/stop dev"
    assert before_reason("/stop dev becausé é") == "/stop dev becausé é"
