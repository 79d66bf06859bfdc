"""The API of a server answers whom it should, and says what is wrong with a request."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gitbot.webhooks.api import Limits
from gitbot.webhooks.api.limits import Limit
from gitbot_sandbox.github.faults import Fault
from tests.contract.api_world import REPOSITORY, ROOT, SECRET, ApiWorld, api_world, ask


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    with api_world(tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture
def client(world: ApiWorld) -> FlaskClient:
    return world.client()


def assert_problem(answer: TestResponse, status: int, detail: str = "") -> None:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/problem+json"
    body = answer.get_json()
    assert body["status"] == status
    assert body["type"].startswith("urn:gitbot:problem:")
    assert body["title"]
    assert body["advice"]
    assert detail in body["detail"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_token_tells_whose_it_is(world: ApiWorld, client: FlaskClient) -> None:
    answer = ask(client, "/me", world.token("ada"))
    assert answer.status_code == 200
    body = answer.get_json()
    assert (body["login"], body["id"]) == ("ada", world.hub.hub.user("ada").id)
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic YTpi", "Bearer gbt_none", "gbt_none", "Bearer é"]
)
def test_without_a_valid_token_nothing_is_told(client: FlaskClient, header: str) -> None:
    for path in ("/me", "/repositories"):
        answer = client.get(ROOT + path, headers={"Authorization": header} if header else {})
        assert_problem(answer, 401, "token")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_token_ends(world: ApiWorld, client: FlaskClient) -> None:
    tokens = world.opened.records.tokens
    expired = world.token("ada", timedelta(seconds=-1))
    assert_problem(ask(client, "/me", expired), 401, "expired")
    tokens.forget_expired(world.opened.clock.now())
    assert_problem(ask(client, "/me", expired), 401)
    assert ask(client, "/me", world.token("ada")).status_code == 200


def test_only_what_one_may_read_on_github_now_is_listed(
    world: ApiWorld, client: FlaskClient
) -> None:
    ada, eve = world.token("ada"), world.token("eve")
    assert ask(client, "/repositories", ada).get_json() == {
        "items": [{"name": REPOSITORY, "permission": "write"}],
        "next": None,
    }
    assert ask(client, "/repositories", eve).get_json()["items"] == []
    world.hub.set_permission(REPOSITORY, "eve", "read")
    assert ask(client, "/repositories", eve).get_json()["items"] == [
        {"name": REPOSITORY, "permission": "read"}
    ]
    world.hub.set_permission(REPOSITORY, "eve", "none")
    assert ask(client, "/repositories", eve).get_json()["items"] == []


def test_a_login_that_became_anothers_gives_no_right(world: ApiWorld, client: FlaskClient) -> None:
    """The kind: who takes over a name takes over the rights of a token, or the other way round."""
    former = world.token("ada", account=999_999)
    assert ask(client, "/repositories", former).get_json()["items"] == []


def test_a_list_is_given_out_in_pages(world: ApiWorld, client: FlaskClient) -> None:
    world.hub.set_permission(SECRET, "ada", "read")
    try:
        ada = world.token("ada")
        first = ask(client, "/repositories?limit=1", ada)
        assert [one["name"] for one in first.get_json()["items"]] == [REPOSITORY]
        link = first.headers["Link"]
        assert link.endswith('>; rel="next"')
        after = first.get_json()["next"]
        second = ask(client, f"/repositories?limit=1&after={after}", ada)
        assert (
            client.get(
                link[1 : link.index(">")], headers={"Authorization": f"Bearer {ada}"}
            ).get_json()
            == second.get_json()
        )
        assert [one["name"] for one in second.get_json()["items"]] == [SECRET]
        assert second.get_json()["next"] is None
        assert "Link" not in second.headers
    finally:
        world.hub.set_permission(SECRET, "ada", "none")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "from 1 to 100"),
        ("limit=101", "from 1 to 100"),
        ("limit=x", "whole number"),
        ("limit=1&limit=2", "more than once"),
        ("after=%21", "`next`"),
        ("after=é", "`next`"),
        (f"after={'a' * 1001}", "longer"),
        ("colour=red", "colour"),
    ],
)
def test_a_wrong_parameter_is_named(
    world: ApiWorld, client: FlaskClient, query: str, said: str
) -> None:
    assert_problem(ask(client, f"/repositories?{query}", world.token("ada")), 400, said)


def test_flasks_own_refusals_are_problems_too(world: ApiWorld, client: FlaskClient) -> None:
    ada = world.token("ada")
    assert_problem(ask(client, "/nothing", ada), 404)
    assert_problem(client.get("/api"), 404)
    assert_problem(client.get("/api/v2/me"), 404)
    wrong = ask(client, "/me", ada, method="POST")
    assert_problem(wrong, 405)
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD"}
    assert_problem(ask(client, "/me", ada, method="OPTIONS"), 405)
    assert client.get("/nothing").get_json() == {
        "error": client.get("/nothing").get_json()["error"]
    }


def test_who_asks_too_often_is_told_when_to_ask_again(world: ApiWorld) -> None:
    client = world.client(Limits(accounts=Limit(size=2, per_s=0.1)))
    ada, more = world.token("ada"), world.token("ada")
    assert [ask(client, "/me", one).status_code for one in (ada, more)] == [200, 200]
    refused = ask(client, "/me", ada)
    assert_problem(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 11
    assert ask(client, "/me", world.token("eve")).status_code == 200


def test_guessing_tokens_is_limited_by_address(world: ApiWorld) -> None:
    client = world.client(Limits(addresses=Limit(size=45, per_s=0.1)))
    answers = [ask(client, "/me", "gbt_guess").status_code for _ in range(4)]
    assert answers == [401, 401, 401, 429]
    assert_problem(ask(client, "/me", world.token("ada")), 429)


def test_an_error_of_github_is_not_told_and_may_pass(world: ApiWorld, client: FlaskClient) -> None:
    world.hub.faults.add(Fault(kind="server_error", path="*/permission", times=100))
    try:
        answer = ask(client, "/repositories", world.token("ada"))
    finally:
        world.hub.faults.clear()
    assert_problem(answer, 503, "does not answer")
    assert int(answer.headers["Retry-After"]) >= 1
