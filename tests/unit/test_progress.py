"""Progress of walks, as people read it. Stands for the kind of message that does not say what it is
about."""

from __future__ import annotations

import logging

import pytest

from gitbot.bootstrap.server import log_progress
from gitbot.cli.changes import PrintedProgress
from gitbot.model.names import Address, StackId

WEST = StackId(repository="1", environment="dev", name="web@eu-west-1", region="eu-west-1")


def test_a_printed_step_names_its_stack(capsys: pytest.CaptureFixture[str]) -> None:
    PrintedProgress(quiet=False)(WEST, Address("net.gateway"), "create", "start", "")
    assert capsys.readouterr().err == "  dev/web@eu-west-1 net.gateway: create …\n"
    PrintedProgress(quiet=True)(WEST, Address("net.gateway"), "create", "start", "")
    assert capsys.readouterr().err == ""


def test_a_step_in_the_log_of_the_server_names_its_stack(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        log_progress(WEST, Address("gate"), "create", "done", "")
    assert caplog.messages == ["dev/web@eu-west-1 gate create done "]
