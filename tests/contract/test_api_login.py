"""People sign in with their account on GitHub, and the server keeps nothing that lets others in."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gitbot.adapters.github.device import GitHubDeviceLogins, pages_url
from gitbot.errors import TransientError, UserError
from gitbot.model.logins import Account, Ended, Waiting, digest_of
from gitbot.webhooks.api import Limits
from gitbot.webhooks.api.limits import Limit
from gitbot_sandbox.github.entities import Token
from gitbot_sandbox.github.faults import Fault
from tests.contract.api_world import ROOT, ApiWorld, api_world, ask

APP = "/applications/*"


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiWorld]:
    with api_world(tmp_path_factory.mktemp("api")) as made:
        yield made


@pytest.fixture
def world(shared: ApiWorld) -> Iterator[ApiWorld]:
    shared.hub.hub.device_interval_s = 0
    shared.hub.faults.forget_calls()
    yield shared
    shared.hub.faults.clear()
    shared.hub.hub.device_interval_s = 5


@pytest.fixture
def client(world: ApiWorld) -> FlaskClient:
    return world.client()


def begin(client: FlaskClient) -> dict[str, Any]:
    answer = client.post(f"{ROOT}/login")
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def finish(client: FlaskClient, begun: dict[str, Any]) -> TestResponse:
    return client.post(f"{ROOT}/login/{begun['handle']}")


def test_a_person_signs_in_and_out(world: ApiWorld, client: FlaskClient) -> None:
    begun = begin(client)
    assert begun["verification_uri"] == f"{world.hub.url}/login/device"
    assert begun["expires_in"] == 900
    assert finish(client, begun).status_code == 202
    world.hub.authorize_device(begun["user_code"], "ada")
    # Any server takes the next request: nothing of a login is in a process.
    answer = finish(world.client(), begun)
    assert answer.status_code == 200
    token = answer.get_json()["token"]
    assert token.startswith("gbt_")
    assert ask(client, "/me", token).get_json()["login"] == "ada"
    assert finish(client, begun).status_code == 404
    out = ask(client, "/login", token, method="DELETE")
    assert (out.status_code, out.data, out.headers.get("Content-Type")) == (204, b"", None)
    assert ask(client, "/me", token).status_code == 401


def test_the_persons_own_token_is_void_at_once(world: ApiWorld, client: FlaskClient) -> None:
    begun = begin(client)
    world.hub.authorize_device(begun["user_code"], "ada")
    assert finish(client, begun).status_code == 200
    assert not [one for one in world.hub.hub.store.tokens if one.startswith("ghu_")]


def test_a_login_can_be_cancelled(world: ApiWorld, client: FlaskClient) -> None:
    begun = begin(client)
    world.hub.deny_device(begun["user_code"], "ada")
    assert finish(client, begun).status_code == 403
    assert finish(client, begun).status_code == 404


def test_a_login_ends_by_itself(world: ApiWorld, client: FlaskClient) -> None:
    begun = begin(client)
    for one in world.hub.hub.store.device_logins.values():
        one.expires_at -= timedelta(seconds=901)
    assert finish(client, begun).status_code == 410
    assert finish(client, begun).status_code == 404


def test_github_is_asked_no_more_often_than_it_wants(world: ApiWorld, client: FlaskClient) -> None:
    world.hub.hub.device_interval_s = 5
    begun = begin(client)
    answers = [finish(client, begun) for _ in range(3)]
    assert [one.status_code for one in answers] == [202, 202, 202]
    assert [one.get_json()["interval"] for one in answers] == [5, 5, 5]
    asked = [one for one in world.hub.faults.calls() if one.path == "/login/oauth/access_token"]
    assert len(asked) == 1


def test_a_client_that_asks_too_fast_is_slowed_down(world: ApiWorld) -> None:
    world.hub.hub.device_interval_s = 5
    begun = world.device_logins.begin()
    assert world.device_logins.ask(begun.device_code) == Waiting()
    assert world.device_logins.ask(begun.device_code) == Waiting(interval_s=10)
    assert world.device_logins.ask(begun.device_code) == Waiting(interval_s=15)


def test_each_way_in_which_github_ends_a_login_is_told_apart(world: ApiWorld) -> None:
    logins = world.device_logins
    one, two, three = (logins.begin() for _ in "123")
    world.hub.deny_device(one.user_code, "ada")
    world.hub.authorize_device(two.user_code.lower(), "ada")
    assert logins.ask(one.device_code) is Ended.DENIED
    assert logins.ask(two.device_code) == Account(id=world.hub.hub.user("ada").id, login="ada")
    assert logins.ask(two.device_code) is Ended.OVER
    world.hub.hub.store.device_logins[three.device_code].expires_at -= timedelta(seconds=901)
    assert logins.ask(three.device_code) is Ended.OVER


def test_a_token_of_another_app_signs_nobody_in(world: ApiWorld) -> None:
    """The kind: a token that its owner gave to somebody else's program."""
    other = world.hub.create_app("other", "acme")
    theirs = Token(login="ada", client_id=other.client_id)
    world.hub.hub.store.tokens["ghu_theirs"] = theirs
    with pytest.raises(UserError, match="404"):
        world.device_logins._owner("ghu_theirs")
    assert world.hub.hub.store.tokens.pop("ghu_theirs") is theirs


def test_wrong_settings_are_told_to_the_operator_alone(
    world: ApiWorld, caplog: pytest.LogCaptureFixture
) -> None:
    for wrong in (
        GitHubDeviceLogins(url=world.hub.api_url, client_id="Iv1.no", client_secret="x"),
        GitHubDeviceLogins(
            url=world.hub.api_url, client_id=world.credentials.client_id, client_secret="x"
        ),
    ):
        client = replace(world, device_logins=wrong).client()
        begun = client.post(f"{ROOT}/login")
        if begun.status_code == 201:
            world.hub.authorize_device(begun.get_json()["user_code"], "ada")
            begun = finish(client, begun.get_json())
        assert begun.status_code == 503
        assert "GITBOT" not in begun.text
        assert "GITBOT_CLIENT" in caplog.text
        caplog.clear()
    assert world.app(login=False).test_client().post(f"{ROOT}/login").status_code == 404


def test_an_app_without_the_device_flow_is_refused(world: ApiWorld) -> None:
    app = world.hub.create_app("flowless", "acme")
    logins = GitHubDeviceLogins(
        url=world.hub.api_url, client_id=app.client_id, client_secret=app.client_secret
    )
    with pytest.raises(UserError, match="device_flow_disabled"):
        logins.begin()


@pytest.mark.parametrize(("path", "status"), [("/login/oauth/access_token", 503), (APP, 503)])
def test_github_may_fail_in_between(
    world: ApiWorld, client: FlaskClient, path: str, status: int
) -> None:
    begun = begin(client)
    world.hub.authorize_device(begun["user_code"], "ada")
    world.hub.faults.add(Fault(kind="server_error", path=path, times=None))
    answer = finish(client, begun)
    assert answer.status_code == status
    assert answer.headers["Retry-After"]


def test_whose_a_token_is_is_asked_again(world: ApiWorld, client: FlaskClient) -> None:
    """GitHub gives a token once, so one error after that would end the login."""
    begun = begin(client)
    world.hub.authorize_device(begun["user_code"], "ada")
    world.hub.faults.add(Fault(kind="server_error", method="POST", path=APP, times=2))
    assert finish(client, begun).status_code == 200


def test_a_lost_question_can_be_asked_again(world: ApiWorld, client: FlaskClient) -> None:
    begun = begin(client)
    world.hub.authorize_device(begun["user_code"], "ada")
    world.hub.faults.add(Fault(kind="lost_request", path="/login/oauth/access_token"))
    assert finish(client, begun).status_code == 503
    assert finish(client, begun).status_code == 200


def test_who_begins_many_logins_is_stopped(world: ApiWorld) -> None:
    client = world.client(Limits(rare=Limit(size=2, per_s=0.1)))
    assert [client.post(f"{ROOT}/login").status_code for _ in range(3)] == [201, 201, 429]


def test_neither_store_nor_log_lets_anybody_in(
    world: ApiWorld, client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    """The kind: a secret of a login that is kept, logged or shown in an error."""
    caplog.set_level(logging.DEBUG)
    begun = begin(client)
    (device_code,) = (
        code
        for code, one in world.hub.hub.store.device_logins.items()
        if one.user_code == begun["user_code"]
    )
    world.hub.faults.add(Fault(kind="server_error", path="/login/oauth/access_token"))
    assert finish(client, begun).status_code == 503
    waiting = world.database()
    assert digest_of(begun["handle"]).encode() in waiting
    world.hub.authorize_device(begun["user_code"], "ada")
    world.hub.faults.add(Fault(kind="server_error", method="DELETE", path=APP, times=3))
    token = finish(client, begun).get_json()["token"]
    assert "was not deleted" in caplog.text
    theirs = [one for one in world.hub.hub.store.tokens if one.startswith("ghu_")][-1]
    for where in (waiting, world.database(), caplog.text.encode()):
        for secret in (
            begun["handle"],
            device_code,
            token,
            theirs,
            world.credentials.client_secret,
        ):
            assert secret.encode() not in where
    del world.hub.hub.store.tokens[theirs]


def test_no_secret_is_in_an_error(world: ApiWorld) -> None:
    nowhere = GitHubDeviceLogins(
        url="http://127.0.0.1:9/api/v3", client_id="Iv1.x", client_secret="Kanaria-secret"
    )
    with pytest.raises(TransientError) as caught:
        nowhere.ask("Kanaria-device")
    assert "Kanaria" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert "Kanaria" not in repr(nowhere)
    begun = world.device_logins.begin()
    assert begun.device_code not in repr(begun)


@pytest.mark.parametrize(
    ("api", "pages"),
    [
        ("https://api.github.com", "https://github.com"),
        ("https://ghe.acme.com/api/v3", "https://ghe.acme.com"),
        ("https://api.acme.ghe.com", "https://acme.ghe.com"),
        ("http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080"),
    ],
)
def test_the_pages_of_github_are_found_from_its_api(api: str, pages: str) -> None:
    assert pages_url(api) == pages


def test_the_page_of_the_local_github_takes_a_code(world: ApiWorld, client: FlaskClient) -> None:
    begun = begin(client)
    page = requests.get(begun["verification_uri"], timeout=10)
    assert "user_code" in page.text
    form = {"user_code": begun["user_code"], "login": "eve", "action": "authorize"}
    assert requests.post(begun["verification_uri"], data=form, timeout=10).status_code == 200
    assert requests.post(begun["verification_uri"], data=form, timeout=10).status_code == 404
    assert finish(client, begun).get_json()["login"] == "eve"
