"""Which lines of a text are commands, and what they ask for."""

from __future__ import annotations

import functools
import time
import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitbot.decisions.commands import grammar
from gitbot.decisions.commands.grammar import MOST_COMMANDS, ParsedCommand

LOGIN = "gitbot[bot]"


def parse_commands(body: str) -> tuple[ParsedCommand, ...]:
    return grammar.parse_commands(body, LOGIN)


def told(body: str) -> list[tuple[str, str | None, str | None]]:
    commands = parse_commands(body)
    assert [command.line for command in commands] == list(range(len(commands)))
    assert [command.problem for command in commands] == [None] * len(commands)
    return [
        (command.verb, command.arguments.get("environment"), command.arguments.get("digest"))
        for command in commands
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("/plan", [("plan", None, None)]),
        ("/plan dev", [("plan", "dev", None)]),
        ("/apply", [("apply", None, None)]),
        ("/apply prod", [("apply", "prod", None)]),
        ("/apply prod 0123ABCD89abcdef", [("apply", "prod", "0123abcd89abcdef")]),
        ("/apply 0123abcd89abcdef", [("apply", None, "0123abcd89abcdef")]),
        ("/unlock", [("unlock", None, None)]),
        ("/unlock dev", [("unlock", "dev", None)]),
        ("/help", [("help", None, None)]),
        ("/help me please", [("help", None, None)]),
        ("/gitbot", [("help", None, None)]),
        ("/gitbot apply dev", [("apply", "dev", None)]),
        ("/GitBot Apply dev", [("apply", "dev", None)]),
        ("@gitbot apply dev", [("apply", "dev", None)]),
        ("@GitBot Apply dev", [("apply", "dev", None)]),
        ("@gitbot[bot] apply dev", [("apply", "dev", None)]),
        ("@gitbot: /apply dev", [("apply", "dev", None)]),
        ("@gitbot", [("help", None, None)]),
        ("/gitbot /apply dev", [("apply", "dev", None)]),
        ("/apply 0123abcd 89ABCDEF01234567", [("apply", "0123abcd", "89abcdef01234567")]),
        ("/APPLY Dev", [("apply", "Dev", None)]),
        ("/plan dev  \t", [("plan", "dev", None)]),
        (" /plan dev", [("plan", "dev", None)]),
        ("text\n /plan dev", [("plan", "dev", None)]),
        ("/plan dev\u00a0", [("plan", "dev", None)]),
        ("/plan\u00a0dev", [("plan", "dev", None)]),
        ("/plan dev \U0001f680", [("plan", "dev", None)]),
        ("/plan dev \u2764\ufe0f \U0001f468\u200d\U0001f4bb", [("plan", "dev", None)]),
        ("/apply: dev", [("apply", "dev", None)]),
        ("/help?", [("help", None, None)]),
        ("/help!", [("help", None, None)]),
        ("/plan\tdev\r\n/help\r\n", [("plan", "dev", None), ("help", None, None)]),
        ("Looks good!\n\n/apply dev\n\nThanks", [("apply", "dev", None)]),
        ("Looks good!\n/apply dev", [("apply", "dev", None)]),
        ("/plan dev\n/plan dev", [("plan", "dev", None)] * 2),
        ("> earlier\n\n/apply dev", [("apply", "dev", None)]),
        (">\n/apply dev", [("apply", "dev", None)]),
        ("```\ncode\n```\n/plan", [("plan", None, None)]),
        ("- ```\n  code\n  ```\n\n/plan", [("plan", None, None)]),
        ("- ```\n/plan", [("plan", None, None)]),
        ("``` not `a` fence\n/plan", [("plan", None, None)]),
        ("<!-- note -->\n/plan", [("plan", None, None)]),
    ],
)
def test_a_line_that_starts_with_a_verb_is_a_command(
    body: str, expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert told(body) == expected


@pytest.mark.parametrize(
    "body",
    [
        "",
        "please /apply",
        "say `/apply`",
        "`/apply` it",
        "``/apply``",
        "`/apply dev now please`",
        "`apply`",
        "/lan",
        "/plain",
        "/plane",
        "/planb",
        "/held",
        "/helm upgrade",
        "/hell",
        "/heap",
        "/replan",
        "/unlocked",
        "/applies",
        "- /apply",
        "  /apply",
        "- x\n /apply",
        "\t/apply",
        "    /apply",
        "> /apply",
        ">/apply",
        "> quoted\n/apply",
        "```\n/apply\n```",
        "```sh\n/apply",
        "~~~\n/apply\n~~~",
        "````\n```\n/apply\n````",
        "   ```\n/apply\n   ```",
        "<!--\n/apply\n-->",
        "text <!-- and\n/apply\n-->",
        "<pre>\n/apply\n</pre>",
        "\u200b/apply",
        "/\u200bapply",
        "\uff0fapply",
        "/\u0430pply",
        "/unloc\u212a",
        "x\u2028/apply",
        "x\u0085/apply",
        "x\x0b/apply",
        "//apply",
        "/etc/passwd",
        "/shrug",
        "/lgtm",
        "/assign @ada",
        "/hold",
        "/demolish",
        "/apple pies are what I like",
        "/tmp is full",
        "/plan/dev",
        "/plan:dev",
        "/plané",
        "/lgtm é",
        "/",
        "\\",
        "/ plan dev now",
        "/ tmp is full",
        "\\alpha",
        "@ada apply dev",
        "apply dev",
        "gitbot apply dev",
        "@gitbot what is this good for",
        "@gitbott apply dev",
    ],
)
def test_what_is_not_plainly_a_command_is_none(body: str) -> None:
    assert parse_commands(body) == ()


@pytest.mark.parametrize(
    ("body", "verb", "part"),
    [
        ("/aply dev", "aply", "did you mean `/apply`?"),
        ("/plans", "plans", "did you mean `/plan`?"),
        ("/ apply", "apply", "did you mean `/apply`?"),
        ("\\Apply dev", "apply", "did you mean `/apply`?"),
        ("@gitbot aply dev", "aply", "did you mean `/apply`?"),
        ("@gitbot demolish dev", "demolish", "`/help` lists"),
        ("/gitbot " + "x" * 50, "x" * 40, "`/help` lists"),
        ("/apply\u200b", "apply", "not plain ASCII"),
        ("/apply dev\u200b", "apply", "not plain ASCII"),
        ("/plan\U0001f680", "plan", "not plain ASCII"),
        ("`/apply dev`", "apply", "write the line without them"),
        ("/apply?", "apply", "did you mean `/apply`?"),
        ("/hlep", "hlep", "did you mean `/help`?"),
        ("/hepl", "hepl", "did you mean `/help`?"),
        ("/pplan", "pplan", "did you mean `/plan`?"),
        ("/pln", "pln", "did you mean `/plan`?"),
        ("/applay", "applay", "did you mean `/apply`?"),
        ("/unlick dev", "unlick", "did you mean `/unlock`?"),
        ("/apply dev\u202eved", "apply", "not plain ASCII"),
        ("/apply dev\x00", "apply", "not plain ASCII"),
        ("/apply dev/", "apply", "`dev/` cannot be"),
        ("/apply /trainer", "apply", "`/trainer` cannot be"),
        ("/apply dev/a/b", "apply", "`dev/a/b` cannot be"),
        ("/plan dev/trainer", "plan", "cannot be an environment"),
        ("/gitbot demolish dev", "demolish", "`/help` lists"),
        ("/gitbot @everyone|", "@everyone|", "there is no such command"),
        ("/plan dev now", "plan", "`now` is one word too many: the command is `/plan"),
        ("/unlock dev now", "unlock", "`/unlock [environment[/stack]]`"),
        ("/apply dev abc", "apply", "`abc` is not a digest"),
        ("/apply dev 0123abcd89abcdef please", "apply", "one word too many"),
        ("/apply dev 0123abcd", "apply", "copy all 16 digits that stand beside the plan"),
        ("/apply 1a2b3c4", "apply", "`1a2b3c4` is too short for a digest"),
        ("/apply dev prod", "apply", "one command is for one environment"),
        ("/plan ../../prod", "plan", "cannot be an environment"),
        ("/apply dev; rm -rf /", "apply", "`dev;` cannot be"),
        ("/plan a|<!--@a\\b&>", "plan", "`a??!--?a?b??` cannot be"),
        ("/apply " + "a" * 3_000, "apply", "its line has 3,007 characters"),
        ("@gitbot apply " + "a" * 3_000, "apply", "a command has at most 1,000"),
        ("/plan -x", "plan", "cannot be an environment"),
    ],
)
def test_a_slip_is_answered_with_what_to_write(body: str, verb: str, part: str) -> None:
    (command,) = parse_commands(body)
    assert command.verb == verb
    assert command.problem is not None
    assert part in command.problem


def test_a_command_can_be_addressed_to_a_stack() -> None:
    (command,) = parse_commands("/apply staging/gpu-trainer 0123ABCD89abcdef")
    assert command == ParsedCommand(
        line=0,
        verb="apply",
        arguments={"environment": "staging", "stack": "gpu-trainer", "digest": "0123abcd89abcdef"},
    )


def test_a_comment_holds_ten_commands_at_most() -> None:
    assert len(parse_commands("/plan\n" * 10_000)) == MOST_COMMANDS == 10


def test_a_long_line_that_begins_as_no_command_is_none() -> None:
    assert parse_commands("/home/me/" + "a" * 3_000 + "\nwords " * 3_000) == ()


def test_lines_are_counted_among_commands_only() -> None:
    assert parse_commands("hello\n/plan a\n\ntext\n/plan b")[1] == ParsedCommand(
        line=1, verb="plan", arguments={"environment": "b"}
    )


SLOW = {
    "spaces before what is no letter": lambda size: "/plan" + " " * size + "é",
    "gaps between list markers": lambda size: "-  " * (size // 3) + "x",
    "nested quotations": lambda size: ">" * size,
    "a quotation on each line": lambda size: ">\n" * (size // 2),
    "blank lines in nested lists": lambda size: "- " * 16 + "x" + "\n" * size,
    "backticks apart": lambda size: "` " * (size // 2),
    "a tag of many attributes": lambda size: "<a" + " b=c" * (size // 4),
    "a tag of spaces": lambda size: "<a" + " " * size + "x",
    "tags that do not end": lambda size: "<a" * (size // 2),
    "brackets": lambda size: "[" * size,
    "one long paragraph": lambda size: "x\n" * (size // 2),
    "words that are no verbs": lambda size: "/shrug\n" * (size // 7),
    "a long word": lambda size: "/" + "plan" * (size // 4),
    "many words": lambda size: "@gitbot " + "x " * (size // 2),
    "tabs": lambda size: "\t" * size,
    "rules": lambda size: "* " * (size // 2) + "x",
}


@pytest.mark.parametrize("shape", SLOW)
def test_ten_times_the_text_takes_about_ten_times_as_long(shape: str) -> None:
    seconds = [
        min(
            timeit.repeat(
                functools.partial(parse_commands, SLOW[shape](size)),
                timer=time.process_time,  # other processes do not count
                number=1,
                repeat=3,
            )
        )
        for size in (6_500, 65_000)
    ]
    # Far from both: linear is 10, quadratic 100. What takes no time is measured too badly.
    assert seconds[1] < max(0.1, 40 * seconds[0])


@given(st.text(alphabet="/apln dev`~>-<!\n\r\t 019é", max_size=80))
def test_any_text_is_read_and_problems_hold_no_markup(body: str) -> None:
    for command in parse_commands(body):
        assert command.problem is None or "@" not in command.problem
        assert any(
            line.lower().lstrip(" `").startswith((f"/{command.verb}", "/gitbot", "/ "))
            for line in body.replace("\r", "\n").split("\n")
        )


@given(st.sampled_from(["```", "~~~~"]), st.text(max_size=30).filter(lambda text: "`" not in text))
def test_nothing_after_a_fence_that_stays_open_is_a_command(mark: str, info: str) -> None:
    line = info.replace("\r", " ").replace("\n", " ")
    assert parse_commands(f"{mark}{line}\n/apply\n/plan") == ()
