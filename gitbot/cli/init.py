"""``gitbot init``: write the first files of a repository for gitbot. Shell."""

from __future__ import annotations

import os
import re
import shlex
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from gitbot.cli.common import json_option, say, show_json, tells_errors
from gitbot.cli.init_files import (
    EDITOR_CONFIG,
    HOOK,
    SCHEMA_FOLDER,
    Answers,
    editor_settings,
    environment_file,
    example_file,
    owners_file,
    workflow_file,
)
from gitbot.cli.schema import SCHEMA_FILE, schema_text
from gitbot.errors import UserError

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,38}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]+")
_OWNER = re.compile(r"@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?")
_PACKAGE = re.compile(r"[!-~]{1,400}")


@click.command()
@click.argument("folder", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.option("--project", help="A short name; buckets and machines begin with it.")
@click.option("--region", help="The AWS region of the environments.")
@click.option(
    "--environment",
    "environments",
    multiple=True,
    help="An environment; may be given several times, each promoted from the one before "
    "[default: dev].",
)
@click.option("--owner", help="Who reviews changes of the cloud: @user or @org/team.")
@click.option(
    "--package",
    default="",
    help="What `pip install` in the workflow takes to install gitbot: a name with a version, or "
    "git+https://….",
)
@click.option("--yes", is_flag=True, help="Ask nothing: take the defaults of what is not given.")
@json_option
@tells_errors
def init(
    folder: Path,
    project: str | None,
    region: str | None,
    environments: tuple[str, ...],
    owner: str | None,
    package: str,
    yes: bool,
    as_json: bool,
) -> None:
    """Write the first files of a repository for gitbot into FOLDER.

    \b
      specs/dev/environment.yaml   where dev is, and its rules; one for each --environment
      specs/dev/artifacts.yaml     an example: one bucket. Only where specs/ has nothing yet
      .github/CODEOWNERS           who must approve changes of the cloud
      .github/workflows/specs.yml  runs `gitbot validate` on every pull request
      .pre-commit-config.yaml      runs it before every commit
      .editorconfig, .vscode/settings.json, .gitbot/gitbot.schema.json
                                   indentation, completion and descriptions while you type

    Asks for the project, the region and the owner, unless they are given, --yes is, or there is no
    terminal. A file that is there already is never changed; it is listed as kept. Run it again at any
    time to get what is missing.

    \b
      gitbot init
      gitbot init infra --project acme-ml --environment dev --environment prod --yes
    """
    quiet = yes or as_json or not sys.stdin.isatty()
    answers = Answers(
        project=_asked("Project", project, _default_project(folder), quiet),
        region=_asked("Region", region, _default_region(), quiet),
        environments=environments or ("dev",),
        owner=_asked("Owner (@org/team; empty: decide later)", owner, "", quiet),
        package=package,
    )
    _check(answers)
    files = dict(_files(folder, answers, is_named=bool(environments)))
    written = [name for name, text in files.items() if _write(folder, name, text)]
    kept = [name for name in files if name not in written]
    if as_json:
        show_json({"wrote": written, "kept": kept})
        return
    for name in written:
        say("wrote", "green", f" {name}")
    for name in kept:
        say("kept", "yellow", f"  {name}, which was there already")
    if not written:
        _say_how_to_add(folder)
        return
    _say_what_next(folder, answers, kept)


def _asked(what: str, given: str | None, default: str, quiet: bool) -> str:
    if given is not None or quiet:
        return default if given is None else given
    answer: str = click.prompt(what, default=default, show_default=bool(default))
    return answer.strip()


def _default_project(folder: Path) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-")[:30].strip("-")
    return name or "ml-platform"


def _default_region() -> str:
    return os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1"


def _check(answers: Answers) -> None:
    """Refuse what would not load, before anything is written."""
    names = [("the project", answers.project)]
    names += [("an environment", one) for one in answers.environments]
    for what, name in names:
        if _NAME.fullmatch(name) is None:
            raise UserError(
                f"{what} cannot be called {name!r}: use small letters, digits and -, at most 39"
            )
    if len(set(answers.environments)) < len(answers.environments):
        raise UserError("an environment is given twice")
    if _REGION.fullmatch(answers.region) is None:
        raise UserError(f"{answers.region!r} is no AWS region: they look like us-east-1")
    if answers.owner and _OWNER.fullmatch(answers.owner) is None:
        raise UserError(f"{answers.owner!r} is neither a user (@ada) nor a team (@acme/ml)")
    if answers.package and _PACKAGE.fullmatch(answers.package) is None:
        raise UserError("--package takes one requirement of pip, without spaces")


def _files(folder: Path, answers: Answers, *, is_named: bool) -> Iterator[tuple[str, str]]:
    specs = folder / "specs"
    is_new = not specs.is_dir() or not any(specs.iterdir())
    for name in answers.environments if is_new or is_named else ():
        yield f"specs/{name}/environment.yaml", environment_file(answers, name)
    if is_new:
        yield f"specs/{answers.environments[0]}/artifacts.yaml", example_file()
    schema_file = f"{SCHEMA_FOLDER}/{SCHEMA_FILE}"
    texts: Mapping[str, str] = {
        ".github/CODEOWNERS": owners_file(answers),
        ".github/workflows/specs.yml": workflow_file(answers),
        ".pre-commit-config.yaml": HOOK,
        ".editorconfig": EDITOR_CONFIG,
        ".vscode/settings.json": editor_settings(schema_file),
        schema_file: schema_text(),
    }
    yield from texts.items()


def _write(folder: Path, name: str, text: str) -> bool:
    """Write the file unless there is something of its name; whether it was written."""
    file = folder / name
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.parent.resolve().is_relative_to(folder.resolve()):
            raise UserError(f"{file.parent} leads out of {folder}: nothing is written there")
        with file.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        return False
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}") from error
    return True


def _say_how_to_add(folder: Path) -> None:
    """What to do where everything is there already."""
    there = sorted(one.parent.name for one in (folder / "specs").glob("*/environment.yaml"))
    named = f" It has {', '.join(there)}." if there else ""
    say("Nothing is missing.", "bold", f"{named} To add another environment:")
    where = "" if folder == Path(".") else f" {shlex.quote(str(folder))}"
    say("", "", f"  gitbot init{where} --environment NAME --region {_default_region()}")
    say("To make one file anew, move it away and run this again.", "")


def _say_what_next(folder: Path, answers: Answers, kept: list[str]) -> None:
    first = answers.environments[0]
    if ".vscode/settings.json" in kept:
        line = f'"yaml.schemas": {{"./{SCHEMA_FOLDER}/{SCHEMA_FILE}": "specs/**/*.yaml"}}'
        say("Add to .vscode/settings.json:", "", f" {line}")
    if not answers.owner and ".github/CODEOWNERS" not in kept:
        say("Name the reviewers", "", " in .github/CODEOWNERS; its lines are comments until then.")
    if not answers.package and ".github/workflows/specs.yml" not in kept:
        say("Set the repository variable", "", " GITBOT_PACKAGE on GitHub for the workflow.")
    where = "" if folder == Path(".") else f"cd {folder} && "
    say("Next:", "bold", f" {where}gitbot validate; then commit, and gitbot plan {first}")
