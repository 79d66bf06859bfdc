"""Tests for the texts that name where state is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbot.errors import UserError
from gitbot.model.places import PostgresPlace, SqlitePlace, place_of

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


def test_anything_else_names_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/ada")
    assert place_of("~/state.db") == SqlitePlace(Path("/home/ada/state.db"))
    assert place_of("state.db") == SqlitePlace(Path.cwd() / "state.db")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "has no name"),
        ("mysql://host/x", r"a store cannot be at mysql://…: give a file, or postgresql://"),
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
