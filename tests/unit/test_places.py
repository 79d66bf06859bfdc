"""Tests for the texts that name where state is kept."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitbot.errors import UserError
from gitbot.model.places import BucketPlace, PostgresPlace, SqlitePlace, database_of, place_of

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "url", "shown"),
    [
        (
            f"postgresql://ada:{SECRET}@db.example.com:5432/gitbot",
            f"postgresql+psycopg://ada:{SECRET}@db.example.com:5432/gitbot",
            "postgresql://ada@db.example.com:5432/gitbot",
        ),
        (
            f"postgres://db/gitbot?password={SECRET}&sslmode=require",
            f"postgresql+psycopg://db/gitbot?password={SECRET}&sslmode=require",
            "postgresql://db/gitbot",
        ),
        (
            "postgresql://gitbot@/state?host=/run/postgresql",
            "postgresql+psycopg://gitbot@/state?host=/run/postgresql",
            "postgresql://gitbot@/state",
        ),
    ],
)
def test_a_url_names_a_database_and_its_password_is_never_shown(
    text: str, url: str, shown: str
) -> None:
    place = place_of(text)
    assert isinstance(place, PostgresPlace)
    assert place.where == url
    assert str(place) == shown
    assert SECRET not in f"{place!r} {place}"


def test_a_bucket_is_named_with_a_prefix_and_what_is_accepted_of_it() -> None:
    assert place_of("s3://acme-state") == BucketPlace(bucket="acme-state")
    place = place_of("s3://acme-state/team/ml?region=eu-west-1&kms=alias/state&allow=unversioned")
    assert place == BucketPlace(
        bucket="acme-state",
        prefix="team/ml/",
        region="eu-west-1",
        kms_key="alias/state",
        allowed=frozenset({"unversioned"}),
    )
    assert str(place) == "s3://acme-state/team/ml/"
    assert SECRET not in repr(BucketPlace(bucket="acme-state", key=SECRET))


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("s3://", "names no bucket"),
        ("s3://Acme/x", "names no bucket: write s3://bucket/prefix"),
        ("s3://acme/x#y", "write %23 in a prefix"),
        ("s3://acme/x?regoin=eu-west-1", "has no 'regoin': it has region, kms and allow"),
        ("s3://acme/x?allow=everything", "allow=everything is not known: write public or"),
    ],
)
def test_a_wrong_bucket_is_told(text: str, why: str) -> None:
    with pytest.raises(UserError, match=re.escape(why)):
        place_of(text)


@pytest.mark.parametrize("text", ["s3://acme/x", "gitbot.db"])
def test_a_server_has_a_database_of_postgresql_only(text: str) -> None:
    with pytest.raises(UserError, match="a server has a database of PostgreSQL"):
        database_of(text)


def test_anything_else_names_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert place_of("~/state.db") == SqlitePlace(Path("/home/ada/state.db"))
    assert place_of("state.db") == SqlitePlace(Path.cwd() / "state.db")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no name"),
        (
            "mysql://host/x",
            r"a store cannot be at mysql://…: give a file, postgresql://.*, or s3://",
        ),
        (f"postgresql://ada:{SECRET}/x@db/gitbot", "write / of a password as %2F"),
        (f"postgresql://ada:{SECRET}@db:five/gitbot", "its port is no number"),
        (f"postgresql://ada:{SECRET}@[::1/gitbot", "it cannot be read"),
        (f"postgresql://ada:{SECRET}@db", "names none: give postgresql://user@host/database"),
        (f"postgresql://ada:{SECRET}@db/", "names none"),
    ],
)
def test_a_wrong_text_is_told_without_its_password(text: str, why: str) -> None:
    with pytest.raises(UserError, match=why) as told:
        place_of(text)
    assert SECRET not in str(told.value)
