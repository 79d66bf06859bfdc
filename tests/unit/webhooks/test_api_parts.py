"""The parts of the API that need no server: checks, pages and limits."""

from __future__ import annotations

from typing import Any

import pytest

from gitbot.webhooks.api.checking import faults
from gitbot.webhooks.api.limits import Limit
from gitbot.webhooks.api.pages import after, page
from gitbot.webhooks.api.problems import KINDS, SCHEMA, ApiError, body_of
from gitbot.webhooks.api.routes import Call

BODY = {
    "type": "object",
    "required": ["commit"],
    "additionalProperties": False,
    "properties": {
        "commit": {"type": "string", "pattern": "^[0-9a-f]{4}$"},
        "stacks": {"type": "array", "maxItems": 2, "items": {"type": "string", "maxLength": 3}},
        "number": {"type": "integer", "minimum": 1, "maximum": 9},
    },
}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"commit": "00af"}, ""),
        ({"commit": "00af", "stacks": ["a", "b"], "number": 9}, ""),
        ([], "the body must be an object"),
        ({}, "the body has no commit"),
        ({"commit": 4}, "commit must be a text"),
        ({"commit": "00af\n"}, "commit must fit"),
        ({"commit": "x00af"}, "commit must fit"),
        ({"commit": "00af", "stacks": "a"}, "stacks must be a list"),
        ({"commit": "00af", "stacks": ["a"] * 3}, "more than 2 items"),
        ({"commit": "00af", "stacks": ["aaaa"]}, "longer than 3"),
        ({"commit": "00af", "number": True}, "number must be a whole number"),
        ({"commit": "00af", "number": 1.0}, "number must be a whole number"),
        ({"commit": "00af", "number": 10}, "from 1 to 9"),
        ({"commit": "00af", "more": 1}, "'more', which is not known"),
    ],
)
def test_what_comes_in_is_checked_by_the_schema(value: Any, said: str) -> None:
    found = "; ".join(faults(BODY, value, "the body"))
    assert said in found
    assert bool(said) == bool(found)


def test_a_schema_that_is_not_checked_whole_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="enum"):
        faults({"type": "string", "enum": ["a"]}, "a", "it")


def test_pages_follow_each_other_and_read_no_further() -> None:
    read: list[int] = []

    def items(key: str) -> Any:
        for number in range(5):
            if str(number) > key:
                read.append(number)
                yield str(number), number

    call, seen = Call(path={}, query={"limit": 2}, address="/x"), list[Any]()
    while True:
        body: Any = page(call, items(after(call))).body
        seen += body["items"]
        if body["next"] is None:
            break
        call = Call(path={}, query={"limit": 2, "after": body["next"]}, address="/x")
    assert seen == [0, 1, 2, 3, 4]
    assert read == [0, 1, 2, 2, 3, 4, 4]


@pytest.mark.parametrize("cursor", ["!", "a", "/w==", "é"])
def test_a_cursor_of_others_is_refused(cursor: str) -> None:
    with pytest.raises(ApiError):
        after(Call(path={}, query={"after": cursor}))


def test_a_bucket_fills_again_with_time() -> None:
    now = [0.0]
    limit = Limit(size=2, per_s=0.5, now=lambda: now[0])
    assert [limit.take("a"), limit.take("a")] == [0, 0]
    assert limit.take("a") == 2.0
    assert limit.take("b") == 0
    now[0] = 1.0
    assert limit.take("a") == 1.0
    now[0] = 2.0
    assert limit.take("a") == 0
    limit.charge("a", 5)
    assert limit.take("a") == 2.0
    now[0] = 1_000.0
    assert [limit.take("a"), limit.take("a"), limit.take("a")] == [0, 0, 2.0]


def test_the_oldest_buckets_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitbot.webhooks.api.limits.MOST_KEYS", 2)
    limit = Limit(size=1, per_s=1, now=lambda: 0.0)
    assert [limit.take(key) for key in "abc"] == [0, 0, 0]
    assert limit.take("c") == 1.0
    assert limit.take("a") == 0


def test_every_kind_of_problem_has_a_status_and_advice_of_its_own() -> None:
    for status, kind in KINDS.items():
        body = body_of(kind, "why")
        assert set(body) == set(SCHEMA["required"])  # type: ignore[arg-type]
        assert body["status"] == status
        assert str(body["advice"]).endswith(".")
    assert len({kind.uri for kind in KINDS.values()}) == len(KINDS)
