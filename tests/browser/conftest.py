"""Give all tests of a process one sandbox and one Chromium, and each test a page of its own."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from gitbot_sandbox.sandbox import Sandbox, example_files
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story.review import BUCKET

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
LONGEST_WAIT_S = 60


@dataclass
class Visit:
    """A browser tab and all that the browser complained of while it was open."""

    page: Page
    complaints: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def sandbox(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    # After the browser: where there is none, nothing is started.
    with Sandbox(tmp_path_factory.mktemp("browser"), environ={"GITBOT_SWEEP_S": "86400"}) as made:
        environments = {p: t for p, t in example_files().items() if p.endswith("environment.yaml")}
        made.create_repository("ml-platform", {"README.md": "# Clicked\n", **environments})
        made.create_repository("broken", {"README.md": "# Mistyped\n", **environments})
        made.create_repository("edited", {"README.md": "# Edited\n", **example_files()})
        made.create_repository("quiet", {"README.md": "# Talk only\n"})
        made.start_server()
        yield made


@pytest.fixture
def visit(browser: Browser) -> Iterator[Visit]:
    """A tab; the test fails when the page logs an error or breaks its content security policy."""
    context = browser.new_context(viewport={"width": 1200, "height": 900})
    context.set_default_timeout(LONGEST_WAIT_S * 1000)
    made = Visit(context.new_page())
    made.page.on("console", lambda said: said.type == "error" and made.complaints.append(said.text))
    made.page.on("pageerror", lambda error: made.complaints.append(str(error)))
    made.page.on("dialog", lambda dialog: (made.complaints.append(dialog.message), dialog.accept()))
    yield made
    context.close()
    assert made.complaints == []


@pytest.fixture
def page(visit: Visit) -> Page:
    return visit.page


@pytest.fixture(scope="session")
def clicked(sandbox: Sandbox) -> Stage:
    """The repository whose pull request is followed by hand: the artifact bucket."""
    stage = Stage(sandbox, "acme/ml-platform")
    stage.open("artifacts", "Add the artifact bucket", {BUCKET: example_files()[BUCKET]})
    return stage
