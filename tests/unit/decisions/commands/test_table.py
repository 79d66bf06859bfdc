"""The table of commands, and all that is made from it or must agree with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from gitbot.decisions.commands.arguments import (
    AnyWords,
    Argument,
    BadArgumentError,
    DigestArgument,
    DurationArgument,
    EnvironmentArgument,
    PathArgument,
    ResourceArgument,
    TargetArgument,
)
from gitbot.decisions.commands.grammar import parse_commands
from gitbot.decisions.commands.phrases import BecauseArgument, UntilArgument
from gitbot.decisions.commands.table import EVERYWHERE, ON_PULL_REQUESTS, TABLE, VERBS, Verb
from gitbot.language.json_schemas import json_schema
from gitbot.language.time.instants import read_moment
from gitbot.model.commands import Command, CommandRef, Source
from gitbot.model.desired import Grant, Permission
from gitbot.model.durations import read_duration
from gitbot.render.comments import help_comment
from tests.unit.language.specs_by_hand import ENVIRONMENT, load_files

DOCS = Path(__file__).parents[4] / "docs"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
EXAMPLES: dict[type[Argument], str] = {
    EnvironmentArgument: "dev",
    TargetArgument: "dev/trainer",
    DigestArgument: "1a2b3c4d5e6f7a8b",
    DurationArgument: "3h",
    ResourceArgument: "trainer",
    PathArgument: "/Tags/owner",
    UntilArgument: "until 2026-12-24T18:00+01:00",
    BecauseArgument: "because the team hands it over",
    AnyWords: "whatever else",
}
NAMES = (
    "form",
    "environment",
    "stack",
    "digest",
    "duration",
    "resource",
    "path",
    "until",
    "because",
)
RESTRICTED = [verb.name for verb in TABLE if verb.needs_right]


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_every_command_can_be_written_with_all_of_its_arguments(verb: Verb) -> None:
    for form in verb.forms:
        words = [EXAMPLES[type(argument)] for argument in form.arguments]
        line = " ".join(filter(None, [verb.name, form.word, *words]))
        (parsed,) = parse_commands(f"/{line}", "gitbot[bot]")
        assert (parsed.verb, parsed.problem) == (verb.name, None)
        command = command_of(parsed.verb, parsed.arguments)
        # Whoever answers reads the values by these names alone.
        named = {name: getattr(command, name) for name in NAMES}
        assert parsed.arguments == {key: value for key, value in named.items() if value is not None}
        if AnyWords not in map(type, form.arguments):
            assert command.line == line


def command_of(verb: str, arguments: Mapping[str, str]) -> Command:
    return Command(
        ref=CommandRef(source=Source.COMMENT, comment=1, text_at=NOW, line=0),
        repository="42",
        number=7,
        author="ada",
        verb=verb,
        arguments=arguments,
        written_at=NOW,
    )


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_arguments_with_a_word_of_their_own_come_last(verb: Verb) -> None:
    for form in verb.forms:
        own = [bool(argument.keyword) for argument in form.arguments]
        assert own == sorted(own)


@pytest.mark.parametrize("verb", TABLE, ids=lambda verb: verb.name)
def test_a_verb_has_one_form_or_several_with_words(verb: Verb) -> None:
    assert bool(verb.help) != bool(verb.several)
    assert all(form.help for form in verb.forms)
    words = [form.word for form in verb.several]
    assert len(set(words)) == len(words), "two forms read the same"
    assert not (verb.several and verb.arguments)


def test_no_verb_stands_in_the_table_twice() -> None:
    assert tuple(VERBS.values()) == TABLE


def test_the_help_lists_every_command_and_the_environments() -> None:
    lines = [line for verb in TABLE for line in verb.lines]
    text = help_comment(lines, ("dev", "prod"))
    assert [line for line in text.split("\n") if line.startswith("- ")] == [
        f"- `{usage}`: {what}" for usage, what in lines
    ]
    assert text.endswith("Environments: `dev`, `prod`.")


def test_the_page_of_commands_is_the_table() -> None:
    page = (DOCS / "commands.md").read_text().split("\n")
    assert [line for line in page if line.startswith("| `/")] == [
        f"| `{usage}` | {what} | {heard(verb)} | {right(verb)} |"
        for verb in TABLE
        for usage, what in verb.lines
    ]


def heard(verb: Verb) -> str:
    words = {EVERYWHERE: "pull requests and issues", ON_PULL_REQUESTS: "pull requests"}
    return words.get(verb.heard, "issues")


def right(verb: Verb) -> str:
    return f"`permissions.{verb.name}`" if verb.needs_right else "none"


def test_the_reference_of_specs_names_every_command_that_takes_a_right() -> None:
    (row,) = [
        line
        for line in (DOCS / "specs.md").read_text().split("\n")
        if line.startswith("| `permissions`")
    ]
    assert [name for name in RESTRICTED if f"`{name}`" not in row] == []


@pytest.mark.parametrize("name", [*VERBS, "destroy"])
def test_permissions_and_their_schema_take_the_verbs_that_need_a_right(name: str) -> None:
    entry = f"  permissions:\n    {name}: {{permission: admin}}\n"
    loaded = load_files({"specs/dev/environment.yaml": ENVIRONMENT + entry})
    document = {
        "apiVersion": "gitbot/v1",
        "kind": "Environment",
        "metadata": {"name": "dev"},
        "spec": {"region": "us-east-1", "permissions": {name: {"permission": "admin"}}},
    }
    by_schema = jsonschema.Draft202012Validator(json_schema("Environment")).is_valid(document)
    assert by_schema == (loaded.diagnostics == ()) == (name in RESTRICTED)
    if name in RESTRICTED:
        grants = loaded.environments["dev"].grants
        assert grants == {name: Grant(permission=Permission.ADMIN)}


@pytest.mark.parametrize(
    ("argument", "word", "values"),
    [
        (EnvironmentArgument(), "dev", {"environment": "dev"}),
        (TargetArgument(), "dev", {"environment": "dev"}),
        (TargetArgument(), "dev/a.b-c", {"environment": "dev", "stack": "a.b-c"}),
        (DigestArgument(), "0123ABCD89abcdef", {"digest": "0123abcd89abcdef"}),
        (DigestArgument(), "a" * 64, {"digest": "a" * 64}),
        (DurationArgument(), "3H", {"duration": "3h"}),
        (DurationArgument(), "90m", {"duration": "1h30m"}),
        (DurationArgument(), "1d12h", {"duration": "1d12h"}),
        (ResourceArgument(), "datasets.bucket", {"resource": "datasets.bucket"}),
        (ResourceArgument(), 'bucket["eu"]', {"resource": 'bucket["eu"]'}),
        (PathArgument(), "/Tags/a~1b", {"path": "/Tags/a~1b"}),
    ],
)
def test_an_argument_gives_its_values_and_leaves_the_other_words(
    argument: Argument, word: str, values: dict[str, str]
) -> None:
    assert argument.read((word, "next")) == (values, ("next",))


@pytest.mark.parametrize("word", ["3h", "90M", "2d", "1d12h", "1d2h3m", "3650d", "01h", "90s"])
def test_every_duration_of_a_command_is_one_as_specs_have_it(word: str) -> None:
    (read, _) = DurationArgument().read((word,))
    assert read_duration(read["duration"]) == read_duration(word.lower())


@pytest.mark.parametrize("words", ["2026-12-24", "2026-12-24 18:00", "2026-12-24T18:00:30 +01:00"])
def test_every_moment_of_a_command_is_one_as_specs_have_it(words: str) -> None:
    (read, _) = UntilArgument().read(("until", *words.split()))
    assert read_moment(read["until"]).year == 2026


@pytest.mark.parametrize(
    ("argument", "word"),
    [
        (EnvironmentArgument(), "-dev"),
        (EnvironmentArgument(), "dev/a"),
        (EnvironmentArgument(), "d" * 64),
        (TargetArgument(), "/a"),
        (TargetArgument(), "dev/"),
        (TargetArgument(), "dev/a/b"),
        (DigestArgument(), "0123abcd89abcde"),
        (DigestArgument(), "a" * 65),
        (DigestArgument(), "0123abcg"),
        (DurationArgument(), "3"),
        (DurationArgument(), "0h"),
        (DurationArgument(), "0d00m"),
        (DurationArgument(), "1w"),
        (DurationArgument(), "2h1d"),
        (DurationArgument(), "1.5h"),
        (DurationArgument(), "3y"),
        (ResourceArgument(), "-x"),
        (PathArgument(), "Tags"),
        (PathArgument(), "/Tags/"),
    ],
)
def test_a_word_that_does_not_fit_is_named(argument: Argument, word: str) -> None:
    with pytest.raises(BadArgumentError, match=f"`{word[:40]}`"):
        argument.read((word,))
