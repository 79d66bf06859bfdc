"""``gitbot test``: cases beside a module and a stack, offline and against a local AWS."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import gitbot
from gitbot_sandbox.aws import LocalAws
from tests.e2e.conftest import environment
from tests.e2e.shell import Shell
from tests.e2e.specs import bucket
from tests.warm import Warm

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
def shell(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    folder = tmp_path_factory.mktemp("cases")
    warm = Warm()
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
    yield made
    warm.close()


def run(shell: Shell, *arguments: str) -> tuple[int, dict[str, list[str]]]:
    # The person's own account is out of reach: an address where nobody listens.
    away = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9", "AWS_ACCESS_KEY_ID": "mine"}
    environ = {**away, "PATH": "/usr/bin:/bin", "HOME": str(shell.clone)}
    done = shell.warm.run(["test", *arguments, "--json"], shell.clone, environ)
    told = json.loads(done.stdout)
    assert done.returncode == int(not told.get("passed")), done.stderr
    return done.returncode, {one["name"]: one["failures"] for one in told.get("cases", ())}


def test_cases_pass_and_fail_with_words(shell: Shell) -> None:
    code, failures = run(shell)
    assert code == 1
    assert failures.pop("one private bucket") == []
    assert failures.pop("wrong days") == []
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


def test_files_and_names_choose_cases(shell: Shell) -> None:
    assert run(shell, "specs/dev/b.test.yaml", "-k", "ours") == (0, {"the name is ours": []})


def test_cases_are_no_specs(shell: Shell) -> None:
    environ = {"PATH": "/usr/bin:/bin", "HOME": str(shell.clone)}
    done = shell.warm.run(["validate"], shell.clone, environ)
    assert done.stdout == "valid: 1 environment, 1 stack, 1 resource\n"
    broken = shell.clone / "specs/dev/x.test.yaml"
    broken.write_text(HEAD.replace("Test", "Stack"))
    wrong = shell.warm.run(["test"], shell.clone, environ)
    broken.unlink()
    assert wrong.returncode == 1
    assert "unknown-kind" in wrong.stderr
    nothing = shell.warm.run(["test", "-k", "zzz"], shell.clone, environ)
    assert "no case has 'zzz' in its name" in nothing.stderr
