"""Tokens and logins of the API are kept so that the database lets nobody in."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy.engine import Engine

from gitbot.adapters.stores.database import writing
from gitbot.adapters.stores.records import sql_records
from gitbot.adapters.stores.tables.logins import api_logins
from gitbot.model.logins import ApiToken, PendingLogin, digest_of
from gitbot.ports.records import Records
from tests.contract.records_world import DAY, NOON, SECOND

TOKEN = ApiToken(digest="d" * 64, account=7, login="ada", made_at=NOON, expires_at=NOON + DAY)
LOGIN = PendingLogin(device_code="code", interval_s=5, expires_at=NOON + 900 * SECOND)


def test_a_token_is_found_by_its_digest_until_it_is_voided(records: Records) -> None:
    tokens = records.tokens
    assert tokens.find(TOKEN.digest) is None
    tokens.put(TOKEN)
    tokens.put(replace(TOKEN, digest="e" * 64, login="bob"))
    assert tokens.find(TOKEN.digest) == TOKEN
    tokens.note_use(TOKEN.digest, NOON + SECOND)
    assert tokens.find(TOKEN.digest) == replace(TOKEN, used_at=NOON + SECOND)
    tokens.void(TOKEN.digest)
    tokens.void(TOKEN.digest)
    assert tokens.find(TOKEN.digest) is None
    assert tokens.find("e" * 64) is not None


def test_tokens_whose_time_is_over_are_forgotten(records: Records) -> None:
    records.tokens.put(TOKEN)
    records.tokens.put(replace(TOKEN, digest="e" * 64, expires_at=NOON + 2 * DAY))
    records.tokens.forget_expired(NOON + DAY)
    assert records.tokens.find(TOKEN.digest) is None
    assert records.tokens.find("e" * 64) is not None


def test_a_login_is_opened_by_its_handle_alone(records: Records, engine: Engine) -> None:
    logins = records.logins
    logins.begin("handle", LOGIN, NOON)
    assert logins.find("handle") == LOGIN
    assert logins.find("another") is None
    # Whoever writes the table cannot pass one login off as another.
    with writing(engine) as connection:
        connection.execute(api_logins.update().values(digest=digest_of("another")))
    with pytest.raises(InvalidTag):
        logins.find("another")


def test_github_is_asked_once_in_each_interval(records: Records) -> None:
    logins = records.logins
    logins.begin("handle", LOGIN, NOON)
    assert logins.take_turn("handle", NOON)
    assert not logins.take_turn("handle", NOON + 4 * SECOND)
    assert logins.take_turn("handle", NOON + 5 * SECOND)
    logins.slow_down("handle", 10)
    assert logins.take_turn("handle", NOON + 10 * SECOND)
    assert not logins.take_turn("handle", NOON + 19 * SECOND)
    assert logins.take_turn("handle", NOON + 20 * SECOND)
    assert not logins.take_turn("another", NOON)


def test_of_several_servers_one_has_the_turn(engine: Engine) -> None:
    sql_records(engine).logins.begin("handle", LOGIN, NOON)
    with ThreadPoolExecutor(4) as threads:
        each = [sql_records(engine).logins for _ in range(4)]
        turns = list(threads.map(lambda one: one.take_turn("handle", NOON), each))
    assert sorted(turns) == [False, False, False, True]


def test_logins_end_and_old_ones_are_forgotten(records: Records) -> None:
    logins = records.logins
    for name in ("one", "two"):
        logins.begin(name, LOGIN, NOON)
    assert logins.open_until(NOON) == 2
    logins.end("one")
    assert logins.open_until(NOON) == 1
    assert logins.open_until(LOGIN.expires_at) == 0
    assert logins.find("two") == LOGIN
    later = LOGIN.expires_at + DAY
    logins.begin("three", replace(LOGIN, expires_at=later + DAY), later)
    assert logins.find("two") is None
    assert logins.open_until(later) == 1
