"""Give a test a repository on a sandbox with a running server, or a person with a command line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.sandbox import Sandbox
from gitbot_sandbox.stage import Stage
from tests.e2e.shell import Shell
from tests.idleness import wait_until_swept
from tests.warm import Warm

ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {{name: {name}}}
spec:
  region: us-east-1
  variables: {{project: {project}}}
  tags: {{env: {name}}}
{more}"""

PROD = """\
  requirements: [no-conflict, approved]
  permissions:
    apply: {permission: admin}
"""


def environment(project: str, name: str, more: str = "") -> str:
    """The text of an environment file."""
    return ENVIRONMENT.format(name=name, project=project, more=more)


def base_files(project: str) -> dict[str, str]:
    """A repository with dev (merge and comment, no approval) and prod (approval, admins)."""
    return {
        "README.md": f"# {project}\n",
        "specs/dev/environment.yaml": environment(project, "dev"),
        "specs/prod/environment.yaml": environment(project, "prod", PROD),
    }


@pytest.fixture(scope="module")
def more_settings() -> dict[str, str]:
    """Further settings of the module's server; a module that has some gives a fixture of its own."""
    return {}


@pytest.fixture(scope="module")
def sandbox(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    more_settings: dict[str, str],
) -> Iterator[Sandbox]:
    """As many repositories as the module's tests need: a server looks at each when it starts."""
    root: Path = tmp_path_factory.mktemp("world")
    environ = {"GITBOT_SWEEP_S": "86400", "GITBOT_TURN_S": "1", **more_settings}
    here = [item for item in request.session.items if item.path == request.path]
    needed = sum("stage" in getattr(item, "fixturenames", ()) for item in here)
    with Sandbox(root, environ=environ) as made:
        for number in range(needed):
            made.create_repository(f"r{number:02}", base_files(f"r{number:02}"))
        made.start_server()
        wait_until_swept(made)
        yield made


@pytest.fixture(scope="module")
def _unused(sandbox: Sandbox) -> Iterator[str]:
    return itertools.chain(sandbox.repositories)


@pytest.fixture
def stage(sandbox: Sandbox, _unused: Iterator[str]) -> Stage:
    """A repository that no other test touches."""
    return Stage(sandbox, next(_unused))


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """A local AWS for the command lines of the module."""
    with LocalAws() as made:
        yield made


@pytest.fixture(scope="module")
def warm() -> Iterator[Warm]:
    """What the command lines of the module are forked from."""
    with closing(Warm()) as made:
        yield made


@pytest.fixture
def shell(aws: LocalAws, warm: Warm, tmp_path: Path) -> Shell:
    """A person's clone with an environment ``dev``, on an empty AWS."""
    aws.reset()
    made = Shell(aws, warm, tmp_path / "infra", tmp_path / "state.db")
    made.clone.mkdir()
    made.git("init", "--quiet", "--initial-branch", "main")
    made.write({"specs/dev/environment.yaml": environment("cli", "dev")})
    return made
