"""What ``gitbot init`` writes loads, is never written over, and its hook and workflow do what they say."""

from __future__ import annotations

import json
import os
import pty
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result

from gitbot.cli.main import main


def run(*arguments: str, given: str | None = None) -> Result:
    return CliRunner().invoke(main, list(arguments), input=given)


def files_in(folder: Path) -> dict[str, str]:
    return {
        str(one.relative_to(folder)): one.read_text() for one in folder.rglob("*") if one.is_file()
    }


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("init") / "Acme ML"
    more = ("--environment", "dev", "--environment", "prod", "--owner", "@acme/ml")
    done = run("init", str(folder), "--yes", *more)
    assert done.exit_code == 0, done.output
    said = {line.split(" ", 1)[1] for line in done.output.splitlines() if line.startswith("wrote ")}
    assert said == set(files_in(folder)), "it does not say exactly what it wrote"
    return folder


def test_a_new_repository_is_valid(repository: Path) -> None:
    done = run("validate", str(repository), "--json")
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["stacks"] == ["dev/artifacts"]
    prod = yaml.safe_load((repository / "specs/prod/environment.yaml").read_text())
    assert prod["spec"]["promotesFrom"] == {"environment": "dev", "how": "pr"}
    assert prod["spec"]["variables"] == {"project": "acme-ml"}


def test_what_is_written_has_the_format(repository: Path) -> None:
    done = run("fmt", "--check", str(repository / "specs"))
    assert (done.exit_code, done.output) == (0, "0 of 3 files would change\n")


def test_owners_are_written_and_the_schema_is_where_the_editor_looks(repository: Path) -> None:
    assert "\n/specs/      @acme/ml\n" in (repository / ".github/CODEOWNERS").read_text()
    settings = json.loads((repository / ".vscode/settings.json").read_text())
    (schema,) = settings["yaml.schemas"]
    assert json.loads((repository / schema).read_text())["title"] == "gitbot spec"


def test_it_runs_twice_and_changes_nothing(repository: Path) -> None:
    (repository / ".editorconfig").write_text("mine\n")
    before = files_in(repository)
    done = run("init", str(repository), "--json")
    assert json.loads(done.output) == {
        "wrote": [],
        "kept": [name for name in json.loads(done.output)["kept"] if name in before],
    }
    assert ".editorconfig" in json.loads(done.output)["kept"]
    again = run("init", str(repository), "--yes")
    assert again.exit_code == 0
    assert "Nothing is missing. It has dev, prod. To add another environment:" in again.output
    assert f"gitbot init {shlex.quote(str(repository))} --environment NAME" in again.output
    assert "Next:" not in again.output
    assert files_in(repository) == before


def test_an_environment_is_added_only_when_it_is_named(repository: Path) -> None:
    done = run("init", str(repository), "--json", "--environment", "lab")
    assert json.loads(done.output)["wrote"] == ["specs/lab/environment.yaml"]
    (repository / "specs/lab/environment.yaml").unlink()
    (repository / "specs/lab").rmdir()


def _steps_of_the_workflow(folder: Path) -> list[dict[str, Any]]:
    text = (folder / ".github/workflows/specs.yml").read_text()
    steps: list[dict[str, Any]] = yaml.safe_load(text)["jobs"]["validate"]["steps"]
    return steps


def test_hook_and_workflow_refuse_a_broken_spec(repository: Path) -> None:
    config = yaml.safe_load((repository / ".pre-commit-config.yaml").read_text())
    hooks = [hook["entry"] for one in config["repos"] for hook in one["hooks"]]
    assert hooks == ["gitbot validate", "gitbot fmt"]
    lines = [step["run"] for step in _steps_of_the_workflow(repository)[3:]]
    example = repository / "specs/dev/artifacts.yaml"
    text = example.read_text()
    for line in {hooks[0], *lines}:
        program = line.replace("gitbot", f"{sys.executable} -m gitbot", 1)

        def exit_code(program: str = program) -> int:
            return subprocess.run(
                program, shell=True, cwd=repository, capture_output=True
            ).returncode

        assert exit_code() == 0, line
        example.write_text(text.replace("BucketName", "BucketNam"))
        assert exit_code() == 1, line
        example.write_text(text)


def test_the_workflow_says_what_is_missing_when_nothing_names_the_package(
    repository: Path,
) -> None:
    install = _steps_of_the_workflow(repository)[2]
    assert install["env"] == {"GITBOT_PACKAGE": "${{ vars.GITBOT_PACKAGE }}"}
    done = subprocess.run(
        install["run"], shell=True, env={"GITBOT_PACKAGE": ""}, capture_output=True, text=True
    )
    assert done.returncode != 0
    assert "set the repository variable GITBOT_PACKAGE" in done.stderr


@pytest.mark.parametrize(
    ("option", "value", "says"),
    [
        ("--project", "My Project", "cannot be called 'My Project'"),
        ("--region", "mars", "'mars' is no AWS region"),
        ("--environment", "../x", "cannot be called '../x'"),
        ("--owner", "acme", "neither a user"),
        ("--package", "a b", "one requirement of pip"),
    ],
)
def test_wrong_answers_write_nothing(tmp_path: Path, option: str, value: str, says: str) -> None:
    done = run("init", str(tmp_path), "--yes", option, value)
    assert done.exit_code == 1
    assert says in done.output
    assert files_in(tmp_path) == {}


def test_no_link_leads_the_files_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "here").mkdir()
    (tmp_path / "here/.github").symlink_to(tmp_path / "outside")
    (tmp_path / "here/.editorconfig").symlink_to(tmp_path / "outside/editorconfig")
    done = run("init", str(tmp_path / "here"), "--yes")
    assert done.exit_code == 1
    assert "leads out of" in done.output
    assert files_in(tmp_path / "outside") == {}


def test_it_asks_little_in_a_terminal(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "gitbot", "init", "acme"],
        cwd=tmp_path,
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    os.write(ours, b"\neu-west-1\n@acme/ml\n")
    said = process.communicate(timeout=60)[0].decode()
    os.close(ours)
    assert process.returncode == 0, said
    assert [said.count(one) for one in ("Project [acme]:", "Region [", "Owner (")] == [1, 1, 1]
    written = yaml.safe_load((tmp_path / "acme/specs/dev/environment.yaml").read_text())
    assert written["spec"]["region"] == "eu-west-1"
    assert "@acme/ml" in (tmp_path / "acme/.github/CODEOWNERS").read_text()
