"""``gitbot fmt``: give specs their one format, or say which have another. Shell."""

from __future__ import annotations

import difflib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from gitbot.cli.common import EXIT_ERROR, json_option, note, say, show, show_json, tells_errors
from gitbot.cli.specs import root_of
from gitbot.errors import UserError

_LARGEST_BYTES = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What became of one file. ``problem`` says why it cannot be formatted, or is empty."""

    name: str
    before: str
    after: str
    problem: str = ""


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Write nothing: show the difference, exit 1 if any.")
@json_option
@tells_errors
def fmt(paths: tuple[Path, ...], check: bool, as_json: bool) -> None:
    """Give the specs in PATHS their one format: files or folders [default: specs/ and modules/].

    Fields stand in one order (apiVersion, kind, metadata, spec; type before properties), maps and lists
    are indented by two spaces, quotes are double where that needs no escapes, brackets have no padding,
    and there is at most one empty line. Comments go with what they are about. The keys that you chose
    stay in your order, and what a spec means never changes: a file where that cannot be promised is
    left as it is, and named.

    \b
      gitbot fmt                      write
      gitbot fmt --check              say what would change, for a hook or a workflow
      gitbot fmt -                    from standard input to standard output, for an editor

    Exit codes: 0 all have the format (now), 1 some have not (--check), or cannot be read.
    """
    if paths == (Path("-"),):
        _through()
        return
    done = [_formatted(file) for file in _files(paths)]
    other = [one for one in done if one.after != one.before]
    problems = [one for one in done if one.problem]
    if not check:
        for one in other:
            _write(Path(one.name), one.after)
    if as_json:
        show_json(
            {
                "check": check,
                "changed": [one.name for one in other],
                "left": [{"file": one.name, "why": one.problem} for one in problems],
            }
        )
    else:
        _tell(other, problems, check, len(done))
    sys.exit(EXIT_ERROR if problems or (check and other) else 0)


def _tell(other: Sequence[_Done], problems: Sequence[_Done], check: bool, number: int) -> None:
    from gitbot.render.terminal import Line

    for one in other:
        if check:
            lines = _diff(one)
            show([Line(text, _STYLES.get(text[:1], "")) for text in lines])
        else:
            say("wrote", "green", f" {one.name}")
    for one in problems:
        note(f"{one.name} was left as it is. {one.problem}")
    verb = "would change" if check else "changed"
    say(f"{len(other)} of {number} {'file' if number == 1 else 'files'} {verb}", "bold")


_STYLES = {"+": "green", "-": "red", "@": "cyan"}


def _diff(one: _Done) -> Iterator[str]:
    before, after = one.before.splitlines(), one.after.splitlines()
    return difflib.unified_diff(before, after, one.name, one.name, lineterm="")


def _files(paths: Sequence[Path]) -> Iterator[Path]:
    """The files to format, each once, sorted within a folder. Links are not followed."""
    seen = set()
    for file in _named(paths) if paths else _specs(root_of(Path())):
        if file.is_file() and not file.is_symlink() and file not in seen:
            seen.add(file)
            yield _shown(file)


def _named(paths: Sequence[Path]) -> Iterator[Path]:
    for path in paths:
        if not path.exists():
            raise UserError(f"{path} does not exist")
        yield from [path] if path.is_file() else sorted(path.rglob("*.yaml"))


def _specs(root: Path) -> Iterator[Path]:
    folders = [root / name for name in ("specs", "modules") if (root / name).is_dir()]
    if not folders:
        raise UserError("there is no folder specs/ or modules/ here: name files or folders")
    yield from sorted((root / "specs").rglob("*.yaml"))
    # Beside a module there may be YAML that is no spec, such as a template of CloudFormation.
    for pattern in ("module.yaml", "*.test.yaml"):
        yield from sorted((root / "modules").rglob(pattern))


def _shown(file: Path) -> Path:
    """The file's path from here, where it is below."""
    here = Path.cwd()
    return file.relative_to(here) if file.is_relative_to(here) else file


def _formatted(file: Path) -> _Done:
    try:
        content = file.read_bytes()
        text = content.decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError:
        return _Done(name=str(file), before="", after="", problem="It is not UTF-8.")
    if len(content) > _LARGEST_BYTES:
        return _Done(name=str(file), before="", after="", problem="It is too large for a spec.")
    return _done(str(file), content.decode(), text)


def _done(name: str, before: str, text: str) -> _Done:
    from gitbot.language.editing.pieces import EditError
    from gitbot.language.formatting.layout import formatted

    try:
        return _Done(name=name, before=before, after=formatted(text))
    except EditError as error:
        return _Done(name=name, before=before, after=before, problem=str(error))


def _through() -> None:
    done = _done("-", "", sys.stdin.read())
    if done.problem:
        raise UserError(f"the text cannot be formatted. {done.problem}")
    click.echo(done.after, nl=False)


def _write(file: Path, text: str) -> None:
    """Replace the file at once, so that nobody ever reads a half of it; its mode stays."""
    try:
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
        shutil.copymode(file, name)
        os.replace(name, file)
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
