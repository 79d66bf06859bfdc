"""Options, output and error handling that all commands share. Shell."""

from __future__ import annotations

import functools
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gitbot.adapters.object_store.requests import REQUESTS
from gitbot.cli.signals import ending_in_order
from gitbot.errors import GitbotError, SpecError, TransientError, UserError

if TYPE_CHECKING:
    from rich.console import Console

    from gitbot.render.terminal import Line

F = TypeVar("F", bound=Callable[..., Any])

EXIT_ERROR = 1
EXIT_CHANGES = 2
EXIT_INTERRUPTED = 130
_PRINTED_AT_ONCE = 200


_CONTROLS = dict.fromkeys((7, 8, 11, 12, 13))


def console(*, stderr: bool = False) -> Console:
    """A console that respects NO_COLOR (https://no-color.org) and does not wrap piped output."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, soft_wrap=not stream.isatty())


def show(lines: Sequence[Line], *, stderr: bool = False) -> None:
    """Print lines; on a terminal with their styles."""
    if not (sys.stderr if stderr else sys.stdout).isatty():
        # Plain text needs no styles, and a plan can have a hundred thousand lines.
        text = "".join(f"{line.text}\n" for line in lines).translate(_CONTROLS)
        click.echo(text, nl=False, err=stderr)
        return
    from rich.text import Text

    out = console(stderr=stderr)
    plain = "NO_COLOR" in os.environ
    texts = [Text(line.text, style="" if plain else line.style) for line in lines]
    for start in range(0, len(texts), _PRINTED_AT_ONCE):
        out.print(Text("\n").join(texts[start : start + _PRINTED_AT_ONCE]))


def show_json(data: Any) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(data, indent=2, sort_keys=True, ensure_ascii=False))


def tells_errors(command: F) -> F:
    """Turn the errors of gitbot into a message on stderr and exit code 1, and end in order when it is ended.

    At its end, the command also tells what its state cost in a bucket. With ``--json`` the error is also a JSON document on stdout, so that a program never reads nothing.
    """

    @functools.wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        with ending_in_order(), _telling_cost():
            try:
                return command(*args, **kwargs)
            except GitbotError as error:
                if kwargs.get("as_json"):
                    show_json(error_data(error))
                _tell(error)
            sys.exit(EXIT_ERROR)

    return wrapped  # type: ignore[return-value]


@contextmanager
def _telling_cost() -> Iterator[None]:
    """Print, at the end of the block, what its state cost, if that was in a bucket."""
    REQUESTS.forget()
    try:
        yield
    finally:
        cost = REQUESTS.cost()
        if cost.requests:
            from gitbot.render.store_cost import cost_words

            say(cost_words(cost), "dim", stderr=True)


def with_cost(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """The data of a command, with what its state has cost so far if that is in a bucket."""
    cost = REQUESTS.cost()
    return {**data, "store_cost": cost.data()} if cost.requests else data


def error_data(error: GitbotError) -> Mapping[str, Any]:
    """The error as it stands in the JSON of a command."""
    from gitbot.model.codec import to_full_data

    found = error.diagnostics if isinstance(error, SpecError) else ()
    return {"error": str(error), "diagnostics": to_full_data(found)}


def _tell(error: GitbotError) -> None:
    match error:
        case SpecError():
            from gitbot.render.terminal import diagnostic_lines

            show(diagnostic_lines(error.diagnostics), stderr=True)
        case TransientError():
            _say(f"{error}\nNothing is lost: run the same command again.")
        case _:
            _say(str(error))


def note(message: str) -> None:
    """Print a remark on stderr."""
    say(message, "yellow", stderr=True)


def _say(message: str) -> None:
    say("error: ", "bold red", message, stderr=True)


def say(words: str, style: str, rest: str = "", *, stderr: bool = False) -> None:
    """Print the words in a style of rich, and the rest without a style."""
    if not (sys.stderr if stderr else sys.stdout).isatty():
        click.echo(f"{words}{rest}".translate(_CONTROLS), err=stderr)
        return
    from rich.text import Text

    plain = "NO_COLOR" in os.environ
    text = Text(words, style="" if plain else style).append(Text(rest, style="default"))
    console(stderr=stderr).print(text)


def secret_setting(variable: str) -> str | None:
    """The secret in this variable or its file, as a server reads it; None where neither is set.

    Raises:
        UserError: the file cannot be read.
    """
    from gitbot.settings import secret_in

    try:
        return secret_in(os.environ, variable, lambda path: Path(path).read_text())
    except OSError as error:
        raise UserError(f"{variable}_FILE cannot be read: {error}") from error


def hash_key() -> str | None:
    """The key for sensitive values from GITBOT_HASH_KEY; None when it is not set.

    Raises:
        UserError: its file cannot be read.
        click.UsageError: it is too short.
    """
    key = secret_setting("GITBOT_HASH_KEY")
    if key is not None and len(key) < 32:
        raise click.UsageError(
            "GITBOT_HASH_KEY is shorter than 32 characters: make one with: openssl rand -hex 32"
        )
    return key


def folder_option(command: F) -> F:
    """Add ``--repo``: the clone to work on."""
    return click.option(
        "--repo",
        "folder",
        default=".",
        type=click.Path(exists=True, file_okay=False, path_type=Path),
        help="A folder inside the clone with specs/ [default: here].",
    )(command)


json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
