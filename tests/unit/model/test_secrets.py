"""Tests for hiding sensitive values in texts."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse

import pytest

from gitbot.model.secrets import Secrets, _needles, secret_texts

PASSWORD = "hun\"ter2 <&> 'x' \\ é"


def secrets(*texts: str) -> Secrets:
    return Secrets(texts=frozenset(texts))


@pytest.mark.parametrize(
    "written",
    [
        PASSWORD,
        json.dumps(PASSWORD),
        json.dumps(PASSWORD, ensure_ascii=False),
        repr(PASSWORD),
        html.escape(PASSWORD),
        html.escape(PASSWORD, quote=False),
        urllib.parse.quote(PASSWORD, safe=""),
        urllib.parse.quote_plus(PASSWORD),
        base64.b64encode(PASSWORD.encode()).decode(),
        "'" + PASSWORD.replace("'", "''") + "'",
    ],
)
def test_a_secret_is_hidden_however_it_is_written(written: str) -> None:
    """The kind: a secret that gets out because it is spelt in another language."""
    hidden = secrets(PASSWORD).hide(f"AWS says: {written}!")
    assert "ter2" not in hidden
    assert "(sensitive)" in hidden
    assert hidden.startswith("AWS says: ")


@pytest.mark.parametrize(
    ("secret", "text", "hidden"),
    [
        ("0742", "the pin 0742.", "the pin (sensitive)."),
        ("0742", "digest 907421aa", "digest 907421aa"),
        ("train", "constraint of train-1", "constraint of (sensitive)-1"),
        ("longer-secret", "xlonger-secrety", "x(sensitive)y"),
        ("line one\nline two", "at 3: line two", "at 3: (sensitive)"),
        ("line one\nline two", "line one line two", "(sensitive)"),
        ("a secret", "and a  secret", "and a  secret"),
    ],
)
def test_short_secrets_are_hidden_as_words_and_long_ones_anywhere(
    secret: str, text: str, hidden: str
) -> None:
    assert secrets(secret).hide(text) == hidden


def test_the_shown_beginning_of_a_long_secret_is_hidden() -> None:
    """The kind: a text that is shortened before it is filtered."""
    key = "".join(chr(ord("a") + at % 26) + str(at) for at in range(200))
    hidden = secrets(key).hide(f'"{key[:80]}…" is wrong')
    assert key[:16] not in hidden
    assert key[48:64] not in hidden


def test_the_longer_of_two_secrets_is_hidden_whole() -> None:
    assert secrets("password", "password-2").hide("password-2") == "(sensitive)"


def test_what_the_specs_write_in_plain_is_no_secret() -> None:
    """The kind: a value declared as sensitive in order to hide it from reviewers."""
    one = secrets("0.0.0.0/0", "hunter2222").without(["CidrIp 0.0.0.0/0", "x"])
    assert one.texts == {"hunter2222"}
    assert Secrets().without(["x"]) == Secrets()


def test_the_texts_of_a_tree_are_its_leaves() -> None:
    tree = {"key-word": ["abcd", "abc", 12345, True, None, {"x": 1.25}], "b": ("    ",)}
    assert set(secret_texts(tree)) == {"abcd", "12345", "1.25"}


def test_nothing_is_hidden_without_secrets() -> None:
    assert Secrets().hide("text") == "text"
    assert (secrets("first-one") | secrets("second-one")).texts == {"first-one", "second-one"}


def test_brief_secrets_are_hidden_and_kept_in_no_cache() -> None:
    brief = Secrets(texts=frozenset(["Eisvogel-1"]), brief=True)
    before = _needles.cache_info().currsize
    assert brief.hide("an Eisvogel-1 flies") == "an (sensitive) flies"
    assert _needles.cache_info().currsize == before
