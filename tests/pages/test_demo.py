"""The demo plays its story, with the command from the README."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from gitbot_sandbox.story import CHAPTERS

pytestmark = pytest.mark.full


def test_the_demo_plays_its_story_to_the_end_with_an_address_for_every_step() -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-m", "gitbot", "demo"],
        env=kept,
        capture_output=True,
        text=True,
        timeout=550,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    for number, chapter in enumerate(CHAPTERS, 1):
        assert f"{number}. {chapter.title}" in done.stdout
    assert done.stdout.count("http://127.0.0.1:") >= len(CHAPTERS)
