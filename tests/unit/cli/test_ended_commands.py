"""What ends a command ends it, whatever it does just then."""

from __future__ import annotations

import os
import signal
import sys
import time

import pytest

from gitbot.cli.signals import ending_in_order


class Slow:
    """Ends the process while Python deletes it."""

    def __del__(self) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.01)


def _delete_and_wait() -> None:
    Slow()
    time.sleep(20)


def test_a_signal_that_comes_while_an_object_is_deleted_ends_the_command_too(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """The kind: Python swallows what a destructor raises, and the command went on and succeeded."""
    began = time.monotonic()
    with pytest.raises(SystemExit) as caught, ending_in_order(sys.exit):
        _delete_and_wait()
    assert caught.value.code == 128 + signal.SIGTERM
    assert time.monotonic() - began < 10
    assert capfd.readouterr().err == "ended by SIGTERM\n"
