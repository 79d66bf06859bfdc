"""Tests for the text of ``GITBOT_STATE_KEY``."""

from __future__ import annotations

import base64

import pytest

from gitbot.errors import UserError
from gitbot.model.state_keys import KmsKey, LocalKey, NoKey, StateKeys, state_keys

KEY = base64.b64encode(b"k" * 32).decode()
ARN = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab"


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("", ()),
        (" ", ()),
        (KEY, (LocalKey(b"k" * 32),)),
        (f"plain, {KEY}", (NoKey(), LocalKey(b"k" * 32))),
        (f"kms:{ARN}#2,kms:{ARN}", (KmsKey(f"{ARN}#2"), KmsKey(ARN))),
    ],
)
def test_keys_are_read_in_their_order(text: str, given: tuple[object, ...]) -> None:
    assert state_keys(text).given == given


def test_the_first_key_writes_and_plain_is_never_refused_where_it_is_named() -> None:
    assert StateKeys().writes == NoKey()
    assert state_keys(f"{KEY},plain").writes == LocalKey(b"k" * 32)
    assert state_keys(f"{KEY},plain").takes_plain
    assert not state_keys(KEY).takes_plain


def test_a_key_of_kms_tells_what_to_ask_and_where() -> None:
    key = KmsKey(f"{ARN}#2")
    assert (key.arn, key.region) == (ARN, "eu-west-1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("not base64!", "key 1 of GITBOT_STATE_KEY is not base64"),
        (f"{KEY},YWJj", "key 2 of GITBOT_STATE_KEY has 3 bytes and must have 32"),
        (f"{KEY},", "key 2 of GITBOT_STATE_KEY has 0 bytes"),
        ("kms:alias/mine", "names no key of KMS"),
        (f"{KEY},{KEY}", "twice"),
        ("plain", "only the word plain"),
    ],
)
def test_what_is_wrong_is_said_without_the_key(text: str, words: str) -> None:
    with pytest.raises(UserError, match=words) as caught:
        state_keys(text)
    assert KEY not in str(caught.value)


def test_no_key_shows_in_the_repr() -> None:
    assert "k" * 8 not in repr(state_keys(KEY))
