"""Tests for references to secrets, the patterns that list them, and how they are stored."""

from __future__ import annotations

import time

import pytest

from gitbot.model.codec import decode_value, encode_value
from gitbot.model.secret_references import (
    SecretStore,
    SecretValue,
    is_listed,
    parse_reference,
    pattern_parts,
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
ARN = "arn:aws-cn:ssm:cn-north-1:123456789012:parameter"
SECRET = "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf"
ID = "7d5b2a1e-8c3f-4e6a-9b0d-1f2e3d4c5b6a"


@pytest.mark.parametrize(
    ("text", "store", "name", "version", "key"),
    [
        ("ssm:/dev/db", SecretStore.SSM, "/dev/db", None, None),
        ("ssm:plain", SecretStore.SSM, "plain", None, None),
        ("ssm:/dev/db:3", SecretStore.SSM, "/dev/db", "3", None),
        ("ssm:/dev/db:stable_1.x", SecretStore.SSM, "/dev/db", "stable_1.x", None),
        (f"ssm:{ARN}/dev/db", SecretStore.SSM, f"{ARN}/dev/db", None, None),
        (f"ssm:{ARN}/db:3", SecretStore.SSM, f"{ARN}/db", "3", None),
        (f"ssm:{ARN}/db:stable", SecretStore.SSM, f"{ARN}/db", "stable", None),
        ("secretsmanager:dev/db", SecretStore.MANAGER, "dev/db", None, None),
        ("secretsmanager:db:AWSPREVIOUS", SecretStore.MANAGER, "db", "AWSPREVIOUS", None),
        (f"secretsmanager:a@b:{ID}#k:1", SecretStore.MANAGER, "a@b", ID, "k:1"),
        (f"{SECRET}:{ID}#k", SecretStore.MANAGER, SECRET.partition(":")[2], ID, "k"),
        ("secretsmanager:(net.Db):OLD#k", SecretStore.MANAGER, "(net.Db)", "OLD", "k"),
        ('secretsmanager:(a["x:#)"].b)', SecretStore.MANAGER, '(a["x:#)"].b)', None, None),
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
        "ssm:/a:1x",
        "ssm:/a:awsx",
        "ssm:/a:SSM",
        "ssm:/a:",
        f"ssm:/a:{'x' * 101}",
        "ssm:/a#k",
        "ssm:arn:aws:ssm:us-east-1:12:parameter/a",
        "ssm:arn:aws:s3:::parameter/a",
        "ssm:/a:1:2",
        "secretsmanager:a:b:c",
        "secretsmanager:a:",
        f"secretsmanager:a:{'x' * 65}",
        "secretsmanager:arn:aws:s3:::secret:a",
        "ssm:/a\n",
        "secretsmanager:",
        "secretsmanager:a b",
        "secretsmanager:()",
        "secretsmanager:(a",
        "secretsmanager:x(a)",
        "ssm:(a)",
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
        ("secretsmanager:db:OLD#k", ["secretsmanager:db"], True),
        ("secretsmanager:db:OLD#k", ["secretsmanager:db#k"], True),
        ("secretsmanager:db:OLD#k", ["secretsmanager:db:OLD"], True),
        ("secretsmanager:db:OLD#k", ["secretsmanager:db:NEW", "secretsmanager:db#other"], False),
        ("ssm:/dev/db:stable", ["ssm:/dev/db:3"], False),
        (f"ssm:{ARN}/dev/db", ["ssm:/dev/*"], False),
        (f"ssm:{ARN}/dev/db:3", [f"ssm:{ARN}/dev/*"], True),
        ("ssm:/prod/db", ["ssm:/dev/*"], False),
        ("ssm:/devXdb", ["ssm:/dev.db"], False),
        ("ssm:/dev/db", [], False),
        ("secretsmanager:db", ["ssm:*"], False),
        ("secretsmanager:(net.Db)#k", ["secretsmanager:(*)"], True),
        ("secretsmanager:(net.Db)#k", ["secretsmanager:(net.*)"], True),
        ("secretsmanager:(net.Db)#k", ["secretsmanager:net.Db", "secretsmanager:db"], False),
        ("secretsmanager:db", ["secretsmanager:(*)"], False),
    ],
)
def test_a_pattern_lists_what_it_names(text: str, patterns: list[str], listed: bool) -> None:
    assert is_listed(parse_reference(text), patterns) is listed


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        ("ssm:/dev/*", (SecretStore.SSM, "/dev/*", "")),
        ("ssm:/a:stable", (SecretStore.SSM, "/a", "stable")),
        (f"ssm:{ARN}/a:3", (SecretStore.SSM, f"{ARN}/a", "3")),
        ("secretsmanager:a:OLD#k:1", (SecretStore.MANAGER, "a", "OLD")),
        (f"{SECRET}#k", (SecretStore.MANAGER, SECRET.partition(":")[2], "")),
        (f"{SECRET}:OLD", (SecretStore.MANAGER, SECRET.partition(":")[2], "OLD")),
        ("secretsmanager:arn:*", (SecretStore.MANAGER, "arn:*", "")),
    ],
)
def test_a_pattern_has_a_store_a_name_and_perhaps_a_version(
    pattern: str, parts: tuple[SecretStore, str, str]
) -> None:
    assert pattern_parts(pattern) == parts


@pytest.mark.parametrize(
    ("text", "region", "account", "labelled", "by_id"),
    [
        ("ssm:/a", None, None, False, False),
        ("ssm:/a:3", None, None, False, False),
        ("ssm:/a:stable", None, None, True, False),
        (f"ssm:{ARN}/a", "cn-north-1", "123456789012", False, False),
        ("secretsmanager:a:AWSPREVIOUS", None, None, False, False),
        (f"{SECRET}:{ID}", "eu-west-1", "123456789012", False, True),
    ],
)
def test_a_reference_says_how_it_is_asked_for(
    text: str, region: str | None, account: str | None, labelled: bool, by_id: bool
) -> None:
    found = parse_reference(text)
    assert (found.region, found.account) == (region, account)
    assert (found.labelled, found.by_id) == (labelled, by_id)


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


def test_a_pattern_of_many_stars_takes_no_time() -> None:
    stars = "ssm:" + "*a" * 300 + "*c"
    before = time.process_time()
    assert not is_listed(parse_reference(f"ssm:/{'a' * 900}"), [stars] * 20)
    assert is_listed(parse_reference(f"ssm:/{'a' * 900}/c"), [stars])
    assert time.process_time() - before < 1
