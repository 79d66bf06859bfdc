"""Try expressions against a stack: before and after an apply, in a terminal and from a program."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell
from tests.e2e.specs import stack
from tests.warm import Warm

SPEC = stack(
    "g",
    """ssh:
  type: AWS::EC2::SecurityGroup
  properties: {GroupDescription: "${vars.word} for ${env.name}"}
""",
).replace(
    "spec:\n",
    """spec:
  variables:
    word: {type: string, default: open}
    secret: {type: string, sensitive: true, default: hidden-word}
  locals:
    both: ${vars.word + "-" + stack.name}
""",
    1,
)


@pytest.fixture(scope="module")
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("console")
    warm = Warm()
    with LocalAws() as aws:
        made = Shell(aws, warm, folder / "infra", folder / "state.db")
        made.clone.mkdir()
        made.git("init", "--quiet", "--initial-branch", "main")
        made.write({"specs/dev/environment.yaml": environment("cli", "dev")})
        made.write({"specs/dev/g.yaml": SPEC})
        yield made
    warm.close()


def tried(shell: Shell, *expressions: str) -> list[dict[str, object]]:
    given = [part for one in expressions for part in ("-e", one)]
    done = shell.gitbot("console", "dev", "g", *given, "--json", GITBOT_HASH_KEY="k" * 32)
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    assert done.returncode == int(any("error" in one for one in results)), done.stderr
    return results


def test_expressions_before_and_after_an_apply(shell: Shell) -> None:
    before = tried(shell, "locals.both", "ssh.GroupId", "${env.name}!", "vars.secret", "env.nme")
    assert [one.get("value") for one in before] == ["open-g", None, "dev!", None, None]
    assert [one.get("known") for one in before] == [True, False, True, True, None]
    assert before[3]["sensitive"] is True
    assert "hidden-word" not in json.dumps(before)
    assert before[4]["error"] == 'There is no env.nme. Did you mean "name"?'

    done = shell.gitbot("apply", "dev", "--yes", "--new-store", GITBOT_HASH_KEY="k" * 32)
    assert done.returncode == 0, done.stderr
    group, text = tried(shell, "ssh.GroupId", "${ssh.GroupId} ${ssh.GroupDescription}")
    assert str(group["value"]).startswith("sg-")
    assert text["value"] == f"{group['value']} open for dev"


def test_a_person_talks_to_it(shell: Shell) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gitbot", "console", "dev", "g"]
    process = subprocess.Popen(
        command,
        cwd=shell.clone,
        env=shell.environ(NO_COLOR="1", TERM="dumb"),
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    os.close(theirs)
    os.write(ours, b"?\nvars.word\n1 +\nvars.word + '2'\n\x04")
    said = process.communicate(timeout=60)[0].decode()
    os.close(ours)
    assert process.returncode == 0, said
    assert "dev/g, " in said
    for line in ("env.project", "vars.secret", "locals.both", "ssh", '"open"', '"open2"'):
        assert line in said
    assert "is not a CEL expression" in said


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("dev", "x"), "dev has no stack 'x'; it has: g"),
        (("lab", "g"), "there is no environment 'lab'"),
    ],
)
def test_what_is_not_there(shell: Shell, arguments: tuple[str, str], says: str) -> None:
    done = shell.gitbot("console", *arguments, "-e", "1")
    assert done.returncode == 1
    assert says in done.stderr


def test_a_stack_with_errors_says_so(shell: Shell, tmp_path: Path) -> None:
    shell.write({"specs/dev/g.yaml": SPEC.replace("${vars.word}", "${vars.wrd}")}, commit=False)
    done = shell.gitbot("console", "dev", "g", "-e", "1", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["diagnostics"][0]["code"] == "unknown-name"
    shell.write({"specs/dev/g.yaml": SPEC}, commit=False)
