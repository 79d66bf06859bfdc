"""Register the GitHub App by hand, in a browser, with `gitbot setup github`."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from gitbot.adapters.github.session import Credentials, SignIn
from gitbot_sandbox.github import LocalGitHub

SERVER = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def github(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalGitHub]:
    with LocalGitHub(tmp_path_factory.mktemp("github")) as local:
        local.create_user("ada")
        local.create_org("acme", {"ada": "admin"})
        yield local


def _setup(github: LocalGitHub, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "gitbot", "setup", "github", "--no-browser"),
            *("--url", SERVER, "--github", github.url, "--org", "acme", "--into", str(folder)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def test_the_app_is_made_in_the_browser_and_its_secrets_are_kept_for_the_owner_alone(
    github: LocalGitHub, page: Page, tmp_path: Path
) -> None:
    folder = tmp_path / "deploy"
    with _setup(github, folder) as running:
        assert running.stdout is not None
        told = running.stdout.readline()
        found = re.search(r"http://127\.0\.0\.1:\d+/", told)
        assert found is not None, told
        page.goto(found[0])
        page.get_by_role("button", name="Go to GitHub").click()
        page.get_by_role("button", name="Create GitHub App").click()
        page.get_by_text("The App is there").wait_for()
        said = running.stdout.read()
        assert running.wait(100) == 0, said

    assert "installations/new" in said
    modes = {one.name: one.stat().st_mode & 0o777 for one in folder.iterdir()}
    kept = ("app_key.pem", "webhook_secret", "client_secret", "hash_key")
    assert {modes[name] for name in kept} == {0o600}
    lines = (folder / ".env").read_text().split()
    told_there = dict(line.split("=", 1) for line in lines)
    id_ = told_there["GITBOT_GITHUB_APP_ID"]
    app = github.hub.store.apps[int(id_)]
    assert told_there["GITBOT_CLIENT_ID"] == app.client_id
    assert (folder / "client_secret").read_text() == app.client_secret
    key = (folder / "app_key.pem").read_text()
    signed = SignIn(Credentials(url=github.url, app_id=id_, app_key=key), patience_s=60)
    assert signed.login == "gitbot-acme[bot]"
    hook = next(one for one in github.hub.store.hooks.values() if one.app_id == int(id_))
    assert hook.secret == (folder / "webhook_secret").read_text()
    assert hook.url == f"{SERVER}/webhook"


def test_secrets_that_are_there_are_never_replaced(github: LocalGitHub, tmp_path: Path) -> None:
    (tmp_path / "app_key.pem").write_text("the old one")
    with _setup(github, tmp_path) as running:
        said, _ = running.communicate(timeout=100)

    assert running.returncode == 1
    assert "has app_key.pem already" in said
    assert (tmp_path / "app_key.pem").read_text() == "the old one"
