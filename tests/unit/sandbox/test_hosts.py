"""Tests for which hosts the local services answer to."""

from __future__ import annotations

import pytest

from gitbot_sandbox.hosts import is_local


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.0.0.1:5000", True),
        ("localhost:80", True),
        ("LOCALHOST", True),
        ("[::1]:5000", True),
        ("bucket.s3.localhost:5000", True),
        (None, False),
        ("", False),
        ("evil.example", False),
        ("127.0.0.1.evil.example", False),
        ("evil.example:127.0.0.1", False),
        ("localhost.evil.example", False),
        ("evillocalhost", False),
        ("127.0.0.1@evil.example", False),
        ("127.0.0.1:5000:80", False),
        ("localhost\n", False),
        ("a." * 200 + "localhost", False),
    ],
)
def test_only_names_of_this_machine_are_local(host: str | None, local: bool) -> None:
    """The kind: a service on loopback that a web page reaches by DNS rebinding."""
    assert is_local(host) is local
