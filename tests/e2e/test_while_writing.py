"""Try expressions against a stack, and run cases beside modules and stacks, offline and on a local AWS."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import gitbot
from gitbot_sandbox.aws import LocalAws
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell
from tests.e2e.specs import bucket, stack
from tests.warm import Warm

pytestmark = pytest.mark.story

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
def shell(tmp_path_factory: pytest.TempPathFactory, aws: LocalAws, warm: Warm) -> Shell:
    folder = tmp_path_factory.mktemp("console")
    made = Shell(aws, warm, folder / "infra", folder / "state.db")
    made.clone.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write({"specs/dev/environment.yaml": environment("cli", "dev")})
    made.write({"specs/dev/g.yaml": SPEC})
    return made


def tried(shell: Shell, *expressions: str) -> list[dict[str, object]]:
    given = [part for one in expressions for part in ("-e", one)]
    done = shell.gitbot("console", "dev", "g", *given, "--json", GITBOT_HASH_KEY="k" * 32)
    results: list[dict[str, object]] = json.loads(done.stdout)["results"]
    assert done.returncode == int(any("error" in one for one in results)), done.stderr
    return results


def test_expressions_before_and_after_an_apply(shell: Shell) -> None:
    before = tried(
        shell, "locals.both", "ssh.GroupId", "${env.name}!", "vars.secret", "env.nme", "?"
    )
    assert [one.get("value") for one in before] == ["open-g", None, "dev!", None, None, None]
    assert [one.get("known") for one in before] == [True, False, True, True, None, None]
    assert before[3]["sensitive"] is True
    assert "hidden-word" not in json.dumps(before)
    assert before[4]["error"] == 'There is no env.nme. Did you mean "name"?'
    assert {"locals.both", "ssh"} <= {*before[5]["names"]}  # type: ignore[misc]

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


HEAD = "apiVersion: gitbot/v1\nkind: Test\nmetadata: {name: cases}\nspec:\n  cases:\n"
OF_MODULE = f"""{HEAD}    one private bucket:
      values: {{name: acme-dev-x}}
      environment: {{name: lab, region: eu-west-1}}
      asserts:
        - plan.create == 1 && plan.update == 0 && plan.changes["bucket"].action == "create"
        - that: ${{resources["bucket"].properties.BucketName == "acme-dev-x"}}
        - '!("bucket_arn" in outputs)'
    wrong days:
      values: {{name: acme-dev-x, noncurrent_days: 3}}
      diagnostics: [{{code: variable-value, says: STANDARD_IA}}]
    untrue:
      values: {{name: acme-dev-x}}
      asserts: [{{that: plan.create == 2, says: two of them}}, nope, '1 + 1']
    unexpected:
      values: {{nme: acme-dev-x}}
      asserts: ["true"]
    missing:
      values: {{name: acme-dev-x}}
      diagnostics: [variable-value]
    refused by the plan:
      module: gitbot/gpu-trainer
      values: {{name: m-1, ami: ami-0a, vpc: vpc-1}}
      diagnostics: [{{code: precondition-failed, says: both vpc and subnet}}]
    for real:
      apply: true
      values: {{name: acme-dev-x}}
      asserts:
        - applied["bucket"].Arn == outputs.arn
        - outputs.arn == "no"
"""
OF_STACK = f"""{HEAD}    the name is ours:
      stack: b
      asserts: ['resources["bucket"].type == "AWS::S3::Bucket"']
    nothing of that name:
      stack: c
"""


@pytest.fixture(scope="module")
def tested(tmp_path_factory: pytest.TempPathFactory, warm: Warm) -> Shell:
    """A clone with cases. Nobody serves its AWS: ``gitbot test`` starts one of its own."""
    folder = tmp_path_factory.mktemp("cases")
    made = Shell(LocalAws(), warm, folder / "infra", folder / "state.db")
    module = folder / "infra/modules/ml-bucket"
    shutil.copytree(Path(gitbot.__file__).parent / "modules/ml-bucket", module)
    files: dict[str, str | None] = {
        "modules/ml-bucket/ml-bucket.test.yaml": OF_MODULE,
        "specs/dev/environment.yaml": environment("cases", "dev"),
        "specs/dev/b.yaml": bucket("b"),
        "specs/dev/b.test.yaml": OF_STACK,
    }
    made.write(files, commit=False)
    return made


def run(tested: Shell, *arguments: str) -> tuple[int, dict[str, list[str]]]:
    # The person's own account is out of reach: an address where nobody listens.
    away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "mine"}
    environ = {**away, "PATH": "/usr/bin:/bin", "HOME": str(tested.clone)}
    done = tested.warm.run(["test", *arguments, "--json"], tested.clone, environ)
    told = json.loads(done.stdout)
    assert done.returncode == int(not told.get("passed")), done.stderr
    return done.returncode, {one["name"]: one["failures"] for one in told.get("cases", ())}


def test_cases_pass_and_fail_with_words(tested: Shell) -> None:
    code, failures = run(tested)
    assert code == 1
    assert failures.pop("one private bucket") == []
    assert failures.pop("wrong days") == []
    assert failures.pop("refused by the plan") == []
    assert failures.pop("the name is ours") == []
    assert failures.pop("untrue") == [
        "plan.create == 2: two of them",
        'nope: ${nope}: "nope" is not one of applied, outputs, plan, resources',
        "1 + 1: ${1 + 1} gives a number, not true or false",
    ]
    assert failures.pop("unexpected") == [
        'missing-variable: The variable "name" has no default, and values does not give it. Add name '
        "to values.",
        'unknown-variable: values gives "nme", which spec.variables does not declare. Did you mean '
        '"name"?',
        "there is no plan for true",
    ]
    assert failures.pop("missing") == ["the diagnostic variable-value does not come"]
    assert failures.pop("nothing of that name") == ['specs/dev/ has no stack "c"']
    # It was applied, read back, planned again and destroyed: what is false is said, and nothing else.
    assert failures.pop("for real") == ['outputs.arn == "no": it is false']
    assert failures == {}


def test_files_and_names_choose_cases(tested: Shell) -> None:
    assert run(tested, "specs/dev/b.test.yaml", "-k", "ours") == (0, {"the name is ours": []})


def test_cases_are_no_specs(tested: Shell) -> None:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(tested.clone)}
    done = tested.warm.run(["validate"], tested.clone, environ)
    assert done.stdout == "valid: 1 environment, 1 stack, 1 resource\n"
    broken = tested.clone / "specs/dev/x.test.yaml"
    broken.write_text(HEAD.replace("Test", "Stack"))
    wrong = tested.warm.run(["test"], tested.clone, environ)
    broken.unlink()
    assert wrong.returncode == 1
    assert "unknown-kind" in wrong.stderr
    nothing = tested.warm.run(["test", "-k", "zzz"], tested.clone, environ)
    assert "no case has 'zzz' in its name" in nothing.stderr
    broken.write_text(HEAD.replace("  cases:\n", "  cases: {}\n"))
    empty = tested.warm.run(["test", "specs/dev/x.test.yaml"], tested.clone, environ)
    broken.unlink()
    assert "the files have no cases" in empty.stderr, (empty.stdout, empty.stderr)
