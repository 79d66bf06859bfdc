"""A command imports only the modules that it needs, so that it starts fast."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
import pytest

from gitbot.cli.main import COMMANDS, main
from gitbot_sandbox.aws import LocalAws
from tests.contract.git_world import git

ROOT = Path(__file__).parents[2]
SERVER = {"flask", "waitress", "dbos", "apscheduler", "github", "cryptography", "alembic"}
CLOUD = {"boto3", "botocore", "s3transfer", "urllib3"}
DATABASE = {"sqlalchemy", "alembic"}
LANGUAGE = {"cel", "regex", "yaml"}
GIT = {"git", "gitdb"}
TERMINAL = {"rich", "typer", "prompt_toolkit", "pygments"}
DEVELOPMENT = {"jsonschema", "moto", "gitbot_sandbox", "pytest"}
TELEMETRY = {"prometheus_client", "opentelemetry"}
NEVER = SERVER | TERMINAL | DEVELOPMENT | GIT | TELEMETRY

REPORT = """
import sys
try:
    {run}
finally:
    print(" ".join(sorted(sys.modules)), file=sys.stderr)
"""


def imported(
    run: str, *arguments: str, cwd: Path = ROOT, environ: Mapping[str, str] | None = None
) -> set[str]:
    """The modules that a fresh interpreter has imported at the end of ``run``."""
    code = REPORT.format(run=run)
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=cwd,
        env={**os.environ, **(environ or {})},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


TYPES = "gitbot.providers.aws.types."
LISTED_APART = {"apigatewayv2", "lambda_", "route53"}
"""Whose objects are listed in ways of their own, also where no spec has one."""


def services_in(modules: set[str]) -> set[str]:
    """The services of AWS of which modules with types are among these."""
    return {name.removeprefix(TYPES).split(".")[0] for name in modules if name.startswith(TYPES)}


MAIN = "from gitbot.cli.main import main; main()"


def of_command(*arguments: str) -> set[str]:
    return imported(MAIN, *arguments)


@pytest.mark.parametrize(
    ("arguments", "forbidden"),
    [
        (["--help"], NEVER | CLOUD | DATABASE | LANGUAGE | {"cattrs", "sqlite3", "json"}),
        (["--version"], NEVER | CLOUD | DATABASE | LANGUAGE | {"cattrs", "sqlite3"}),
        (["validate"], NEVER | CLOUD | DATABASE | LANGUAGE | {"sqlite3"}),
        (["schema", "Stack"], NEVER | CLOUD | DATABASE | LANGUAGE),
        (["schema", "AWS::S3::Bucket"], NEVER | CLOUD | DATABASE | LANGUAGE),
        (["login", "--help"], NEVER | CLOUD | DATABASE | LANGUAGE | {"keyring", "sqlite3"}),
        (["plan", "--help"], NEVER | CLOUD | DATABASE | LANGUAGE),
        (["serve", "--help"], NEVER | CLOUD | DATABASE),
    ],
    ids=lambda given: " ".join(given) if isinstance(given, list) else "",
)
def test_a_command_imports_nothing_that_it_does_not_use(
    arguments: Sequence[str], forbidden: set[str]
) -> None:
    assert of_command(*arguments) & forbidden == set()


def test_the_loaders_child_imports_only_the_language() -> None:
    found = imported("import gitbot.bootstrap.loader_child")
    assert found & (NEVER | CLOUD | DATABASE | {"subprocess", "asyncio"}) == set()
    assert found >= LANGUAGE


WATCHING = """
import os
from gitbot.bootstrap import server, telemetry
from gitbot.cli.serve import read_settings
with telemetry.receiving(read_settings(None)):
    pass
"""


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_SDK_DISABLED": "true"},
            set(),
            marks=pytest.mark.story,
        ),
        ({"GITBOT_METRICS_LISTEN": "127.0.0.1:0"}, {"prometheus_client"}),
        pytest.param(
            {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1"},
            {"opentelemetry"},
            marks=pytest.mark.story,
        ),
    ],
)
def test_a_server_imports_what_receives_figures_and_spans_only_when_asked(
    environ: dict[str, str], expected: set[str]
) -> None:
    needed = {"HASH_KEY": "k" * 32, "WEBHOOK_SECRET": "s" * 32, "GITHUB_TOKEN": "t"}
    needed |= {"REPOSITORIES": "acme/infra"}
    given = {f"GITBOT_{name}": value for name, value in needed.items()}
    run = f"exec({WATCHING!r})"
    assert imported(run, environ=given | environ) & TELEMETRY == expected


def test_a_plan_of_what_is_applied_imports_neither_migrations_nor_the_language(
    tmp_path: Path,
) -> None:
    shutil.copytree(ROOT / "specs/dev", tmp_path / "clone/specs/dev")
    for arguments in (["init", "-q"], ["add", "--all"], ["commit", "-qm", "Specs"]):
        git(tmp_path / "clone", *arguments)
    store = ("dev", "--store", str(tmp_path / "state.db"))
    with LocalAws() as aws:
        environ = {**aws.environment, "GITBOT_HASH_KEY": "k" * 32}

        def of(*arguments: str) -> set[str]:
            return imported(MAIN, *arguments, cwd=tmp_path / "clone", environ=environ)

        # The store is made here, and migrated with Alembic.
        assert "alembic" in of("apply", *store, "--yes", "--new-store")
        found = of("plan", *store, "--detailed-exitcode")
    assert found & (NEVER - GIT | LANGUAGE - {"yaml"}) == set()
    assert found >= CLOUD | DATABASE - {"alembic"}
    assert services_in(found) - LISTED_APART == {"ec2", "s3"}, "the services of the specs"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists_and_is_listed_with_its_line(name: str) -> None:
    context = click.Context(main)
    command = main.get_command(context, name)
    assert command is not None
    assert command.name == name
    assert f"{name}" in main.get_help(context)
    assert COMMANDS[name].help in " ".join(main.get_help(context).split())
