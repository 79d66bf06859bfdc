"""Commands take keys from variables or from files, as a server does: beside it both have one environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbot.cli.common import hash_key
from gitbot.cli.stores import StoreType, store_key
from gitbot.errors import UserError
from gitbot.model.state_keys import state_keys
from gitbot.settings import load_settings

KEY = "0123456789abcdef" * 2
SEALING = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "key"
    for variable in ("GITBOT_HASH_KEY", "GITBOT_STATE_KEY", "GITBOT_STORE_KEY"):
        monkeypatch.delenv(variable, raising=False)
        monkeypatch.setenv(f"{variable}_FILE", str(found))
    return found


def test_a_key_in_a_file_is_read_without_the_end_of_its_line(file: Path) -> None:
    file.write_text(f"{KEY}\n")
    assert hash_key() == store_key() == KEY


def test_the_store_is_opened_with_the_key_in_the_file(file: Path) -> None:
    file.write_text(f"{SEALING}\n")
    assert StoreType().convert("state.db", None, None).keys == state_keys(SEALING)


def test_the_variable_counts_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text(KEY)
    monkeypatch.setenv("GITBOT_HASH_KEY", KEY[::-1])
    assert hash_key() == KEY[::-1]


def test_a_file_that_is_not_there_is_named_by_its_variable(file: Path) -> None:
    with pytest.raises(UserError, match=r"GITBOT_HASH_KEY_FILE cannot be read: .*key"):
        hash_key()


def test_a_server_minds_no_variable_of_the_command_line_beside_it() -> None:
    environ = {"GITBOT_HASH_KEY": KEY, "GITBOT_STORE_KEY_FILE": "/none"}
    assert load_settings(environ, {}, Path.read_text, server=False).hash_key == KEY
