"""Type the commands of every example's page, and play what it tells of pull requests."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot_sandbox.aws import LocalAws
from gitbot_sandbox.sandbox import Sandbox
from gitbot_sandbox.stage import Stage
from tests.pages import console, conversation

pytestmark = [pytest.mark.full, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
PAGES = sorted((ROOT / "examples").glob("*/README.md"))
NAMES = [page.parent.name for page in PAGES]


def _begun(example: Path) -> dict[str, str]:
    """What a repository has before its first pull request: the environments."""
    found = example.glob("specs/*/environment.yaml")
    return {str(one.relative_to(example)): one.read_text() for one in found}


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    environ = {"GITBOT_SWEEP_S": "86400", "GITBOT_TURN_S": "1"}
    with Sandbox(tmp_path_factory.mktemp("examples"), environ=environ) as made:
        for page in PAGES:
            made.create_repository(page.parent.name, _begun(page.parent))
        made.start_server()
        yield made


def test_the_index_names_every_example() -> None:
    index = (ROOT / "examples" / "README.md").read_text()
    assert sorted(re.findall(r"\]\(([a-z-]+)\)", index)) == NAMES


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_command_prints_what_its_page_shows(page: Path, tmp_path: Path) -> None:
    (tmp_path / "gitbot").mkdir()
    (tmp_path / "gitbot" / "examples").symlink_to(ROOT / "examples")
    who = {f"GIT_{role}_NAME": "ada" for role in ("AUTHOR", "COMMITTER")}
    mail = {f"GIT_{role}_EMAIL": "ada@acme.example" for role in ("AUTHOR", "COMMITTER")}
    with LocalAws() as aws:
        environ = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(tmp_path),
            "GITBOT_STORE": str(tmp_path / "gitbot-state.db"),
            **aws.environment,
            **who,
            **mail,
        }
        console.check(page, tmp_path / "gitbot", environ)


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_pull_request_goes_as_its_page_tells(page: Path, sandbox: Sandbox) -> None:
    assert conversation.play(page, Stage(sandbox, f"acme/{page.parent.name}")) > 3
