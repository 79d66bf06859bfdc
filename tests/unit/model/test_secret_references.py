"""Tests for references to secrets, the patterns that list them, and how they are stored."""

from __future__ import annotations

import pytest

from gitbot.model.codec import decode_value, encode_value
from gitbot.model.secret_references import (
    SecretStore,
    SecretValue,
    is_listed,
    parse_reference,
    secrets_of,
    with_versions,
    without_versions,
)
from gitbot.model.text_problem import TextProblemError
from gitbot.model.values import (
    Origin,
    Redacted,
    Sensitive,
    Unknown,
    has_secrets,
    redact,
    redactor,
)

REDACT = redactor(b"k" * 32, "k1")


@pytest.mark.parametrize(
    ("text", "store", "name", "version", "key"),
    [
        ("ssm:/dev/db", SecretStore.SSM, "/dev/db", None, None),
        ("ssm:plain", SecretStore.SSM, "plain", None, None),
        ("ssm:/dev/db:3", SecretStore.SSM, "/dev/db", "3", None),
        ("secretsmanager:dev/db", SecretStore.MANAGER, "dev/db", None, None),
        ("secretsmanager:dev/db#pass word", SecretStore.MANAGER, "dev/db", None, "pass word"),
        (
            "secretsmanager:arn:aws:secretsmanager:us-east-1:1:secret:db-AbCdEf#k",
            SecretStore.MANAGER,
            "arn:aws:secretsmanager:us-east-1:1:secret:db-AbCdEf",
            None,
            "k",
        ),
    ],
)
def test_a_reference_names_a_store_and_what_it_keeps(
    text: str, store: SecretStore, name: str, version: str | None, key: str | None
) -> None:
    found = parse_reference(text)
    assert (found.store, found.name, found.version, found.key) == (store, name, version, key)
    assert found.text == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "/dev/db",
        "ssm:",
        "ssm:/",
        "ssm://db",
        "ssm:/a/../b c",
        "ssm:/a:x",
        "ssm:/a:1:2",
        "ssm:/a\n",
        "secretsmanager:",
        "secretsmanager:a b",
        "secretsmanager:a#",
        "secretsmanager:a#b\x00",
        "vault:a",
        f"ssm:/{'a' * 1200}",
        f"secretsmanager:a#{'k' * 300}",
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(TextProblemError) as caught:
        parse_reference(text)
    assert caught.value.fix


@pytest.mark.parametrize(
    ("text", "patterns", "listed"),
    [
        ("ssm:/dev/db", ["ssm:/dev/db"], True),
        ("ssm:/dev/db", ["ssm:/dev/*"], True),
        ("ssm:/dev/a/b", ["ssm:/dev/*"], True),
        ("ssm:/dev/db:3", ["ssm:/dev/db"], True),
        ("ssm:/dev/db", ["ssm:/dev/db:3"], False),
        ("secretsmanager:db#k", ["secretsmanager:db"], True),
        ("secretsmanager:db#k", ["secretsmanager:db#k"], True),
        ("secretsmanager:db#other", ["secretsmanager:db#k"], False),
        ("secretsmanager:dbs", ["secretsmanager:db"], False),
        ("ssm:/prod/db", ["ssm:/dev/*"], False),
        ("ssm:/devXdb", ["ssm:/dev.db"], False),
        ("ssm:/dev/db", [], False),
        ("secretsmanager:db", ["ssm:*"], False),
    ],
)
def test_a_pattern_lists_what_it_names(text: str, patterns: list[str], listed: bool) -> None:
    assert is_listed(parse_reference(text), patterns) is listed


def test_versions_are_put_into_a_tree_and_taken_out() -> None:
    leaf = Unknown(template="t", sensitive=True, secrets={"ssm:/a": "", "ssm:/b": ""})
    tree = {"a": [leaf, 1], "b": Unknown(template="u")}
    found = with_versions(tree, {"ssm:/a": "3"})
    assert found["a"][0].secrets == {"ssm:/a": "3", "ssm:/b": ""}
    assert without_versions(found) == tree
    assert secrets_of(tree) == {"ssm:/a", "ssm:/b"}
    assert has_secrets(tree)
    plain = {"a": 1}
    assert without_versions(plain) is plain


def test_an_opened_secret_shows_its_version_alone() -> None:
    assert repr(SecretValue(value="Eisvogel", version="3")) == "SecretValue(version='3')"


def test_what_is_stored_of_a_secret_is_read_back() -> None:
    origin = Origin(secrets={"ssm:/a": "3"}, definition="d")
    hashed = redact({"a": Sensitive("Eisvogel", origin)}, REDACT)
    unknown = Unknown(template="t", sensitive=True, secrets={"ssm:/a": "3"})
    for value in (hashed, {"a": unknown}):
        back = decode_value(encode_value(value))
        assert back == value
    back = decode_value(encode_value(hashed))["a"]
    assert isinstance(back, Redacted)
    assert back.origin == origin
    assert back == REDACT("Eisvogel"), "where a value comes from makes it no other value"
    assert "Eisvogel" not in repr(encode_value(hashed))


def test_the_text_around_a_secret_is_hidden_with_it() -> None:
    inner = Unknown(template="in-${secret(1)}", sensitive=True, secrets={"ssm:/a": ""})
    outer = Unknown(template="out", inputs={"vars": {"x": inner}}, secrets={"ssm:/a": ""})
    shown = repr(redact([outer], REDACT))
    assert "in-" not in shown
    assert "'out'" not in shown
    assert "ssm:/a" in shown
