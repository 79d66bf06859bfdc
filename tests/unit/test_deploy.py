"""Tests that what is deployed is what was locked, and that its secrets can be read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def pins(name: str) -> dict[str, str]:
    """The pinned versions of a lock file, by package."""
    text = (ROOT / name).read_text()
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[a-z,]+\])?==([^ ;\\]+)", text, re.MULTILINE))


def test_the_image_installs_only_what_is_locked_by_hash() -> None:
    """The kind: a second install that takes what the registry gives."""
    everything, server = pins("requirements.lock"), pins("requirements-server.lock")
    assert len(server) > 20
    assert server.items() <= everything.items()
    dockerfile = (ROOT / "deploy/Dockerfile").read_text()
    for install in re.findall(r"pip install ([^\\&\n]*)", dockerfile):
        assert "--require-hashes" in install or "--no-index" in install, install


def test_the_owner_that_compose_names_is_the_user_of_the_image() -> None:
    """The kind: advice that makes a file unreadable for the one who needs it."""
    (user,) = re.findall(r"^USER (\d+)$", (ROOT / "deploy/Dockerfile").read_text(), re.MULTILINE)
    compose = (ROOT / "deploy/compose.yaml").read_text()
    files = re.findall(r"\{file: \./([\w.]+)\}", compose)
    assert files
    assert f"chown {user} {' '.join(files)}" in compose
