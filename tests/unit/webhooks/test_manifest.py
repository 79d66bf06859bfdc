"""Tests for what gitbot's GitHub App asks for."""

from __future__ import annotations

from gitbot.adapters.github.manifest import EVENTS, manifest
from gitbot.webhooks.parse import HEARD
from gitbot_sandbox.github.actions.manifests import check


def test_the_app_is_told_of_all_that_gitbot_acts_on_and_of_nothing_else() -> None:
    assert set(EVENTS) == HEARD


def test_each_event_has_the_permission_that_github_wants_for_it() -> None:
    check(
        manifest(
            name="gitbot-acme",
            server_url="https://gitbot.acme.example",
            redirect_url="http://127.0.0.1:1/made",
        )
    )
