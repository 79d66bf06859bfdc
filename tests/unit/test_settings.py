"""Settings are read once, and all errors in them are reported at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbot.errors import UserError
from gitbot.settings import COMMAND_LINE, Settings, load_settings, settings_table

KEY = "k" * 32


def load(
    environ: dict[str, str], file: dict[str, object] | None = None, *, server: bool = False
) -> Settings:
    return load_settings(environ, file or {}, lambda path: f"content of {path}\n", server=server)


def test_the_environment_wins_over_the_file() -> None:
    settings = load({"GITBOT_HASH_KEY": KEY, "GITBOT_SWEEP_S": "7"}, {"sweep_s": 9, "lease_s": 5})
    assert (settings.sweep_s, settings.lease_s) == (7, 5)


def test_a_secret_may_be_a_file() -> None:
    settings = load({"GITBOT_HASH_KEY": KEY, "GITBOT_WEBHOOK_SECRET_FILE": "/run/hook"})
    assert settings.webhook_secret == "content of /run/hook"


def test_lists_and_paths_are_parsed() -> None:
    settings = load(
        {"GITBOT_HASH_KEY": KEY, "GITBOT_REPOSITORIES": "a/b, c/d", "GITBOT_DATA": "/srv/x"}
    )
    assert settings.repositories == ("a/b", "c/d")
    assert settings.data == Path("/srv/x")


def test_everything_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(UserError) as caught:
        load({"GITBOT_SWEEP_S": "soon", "GITBOT_LEASE_S": "-1"}, {"webhok_secret": "x"})
    for part in ("GITBOT_HASH_KEY is not set", "'soon'", "above 0", "webhok_secret"):
        assert part in str(caught.value)


def test_a_short_hash_key_is_refused() -> None:
    with pytest.raises(UserError, match="shorter than 32"):
        load({"GITBOT_HASH_KEY": "short"})


def test_a_server_needs_a_webhook_secret_an_identity_and_a_repository() -> None:
    with pytest.raises(UserError) as caught:
        load({"GITBOT_HASH_KEY": KEY}, server=True)
    for part in ("GITBOT_WEBHOOK_SECRET", "GITBOT_GITHUB_TOKEN", "GITBOT_REPOSITORIES"):
        assert part in str(caught.value)


def test_no_secret_shows_in_the_repr() -> None:
    settings = load({"GITBOT_HASH_KEY": KEY, "GITBOT_WEBHOOK_SECRET": "hush-hush"})
    assert KEY not in repr(settings)
    assert "hush-hush" not in repr(settings)


def test_every_setting_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text()
    for variable, default, help_ in settings_table():
        assert f"| `{variable}` | {default or '(empty)'} | {help_} |" in page


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"GITBOT_REPOSITORYS": "a/b"}, "did you mean GITBOT_REPOSITORIES"),
        ({"GITBOT_WEBHOOK_SECRET": "short"}, "shorter than 16"),
        ({"GITBOT_GITHUB_APP_ID": "1"}, "GITBOT_GITHUB_APP_KEY(_FILE) is not set"),
        ({"GITBOT_LISTEN": "foo"}, "not address:port: 'foo'"),
        ({"GITBOT_CALENDAR": "/tmp/clock"}, "GITBOT_CALENDAR is for a sandbox"),
    ],
)
def test_what_a_server_cannot_start_with_is_named(environ: dict[str, str], words: str) -> None:
    with pytest.raises(UserError) as caught:
        load({"GITBOT_HASH_KEY": KEY, **environ}, server=True)
    assert words in str(caught.value)


def test_a_secret_file_that_cannot_be_read_names_its_setting() -> None:
    def read(path: str) -> str:
        raise FileNotFoundError(path)

    with pytest.raises(UserError, match="GITBOT_HASH_KEY_FILE cannot be read"):
        load_settings({"GITBOT_HASH_KEY_FILE": "/none"}, {}, read)


def test_every_setting_is_read_by_the_server() -> None:
    package = Path(__file__).parents[2] / "gitbot"
    modules = sorted((package / "bootstrap").glob("*.py"))
    code = "".join("".join(one.read_text().split()) for one in modules)
    for variable, _, _ in settings_table():
        assert f"settings.{variable.removeprefix('GITBOT_').lower()}" in code, variable


def test_the_page_of_settings_has_what_only_the_command_line_reads() -> None:
    page = (Path(__file__).parents[2] / "docs/settings.md").read_text()
    for variable in COMMAND_LINE:
        assert f"| `{variable}` |" in page


@pytest.mark.parametrize(
    ("url", "accepted"),
    [
        ("https://api.github.com", True),
        ("https://github.acme.com/api/v3", True),
        ("http://127.0.0.1:5000/api/v3", True),
        ("http://localhost:5000/api/v3", True),
        ("http://github.acme.com/api/v3", False),
        ("http://127.0.0.1.acme.com/api/v3", False),
        ("http://127.0.0.1@acme.com/api/v3", False),
        ("ftp://github.acme.com", False),
        ("github.acme.com", False),
    ],
)
def test_tokens_are_sent_only_encrypted_or_to_this_machine(url: str, accepted: bool) -> None:
    """The kind: an address that is believed to be safe because of how it looks."""
    with pytest.raises(UserError) as caught:
        load({"GITBOT_HASH_KEY": KEY, "GITBOT_GITHUB_URL": url}, server=True)
    assert ("GITBOT_GITHUB_URL" not in str(caught.value)) is accepted
