"""The API of a server answers whom it should, and says what is wrong with a request."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from threading import BoundedSemaphore
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gitbot.model.asked_plans import PlanAnswer
from gitbot.model.commands import CommandStatus, Source
from gitbot.model.names import StackId
from gitbot.model.runs import Claim
from gitbot.model.said import ShownDigest
from gitbot.ports.telemetry import Metric
from gitbot.webhooks.api import Limits
from gitbot.webhooks.api.limits import Limit
from gitbot_sandbox.github.faults import Fault
from tests.contract.api_world import (
    COMMIT,
    DIGEST,
    ENVIRONMENT,
    REPOSITORY,
    ROOT,
    SECRET,
    ApiWorld,
    api_world,
    ask,
)
from tests.contract.records_world import plan, run
from tests.contract.state_world import NOON
from tests.contract.telemetry_world import hearing


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


def test_each_request_is_told_by_its_route_and_status_and_never_by_its_address(
    world: ApiWorld, client: FlaskClient
) -> None:
    with hearing() as heard:
        ask(client, "/me", world.token("ada"))
        client.get(f"{ROOT}/me")
        ask(client, "/repositories/acme/none/environments", world.token("ada"))
        client.get(f"{ROOT}/nothing/here")
    told = heard.of(Metric.API_REQUESTS)
    assert {status for _, status in told} == {"200", "401", "404"}
    assert told["none", "404"] == 1
    assert sum(told.values()) == 4
    assert not any("/" in route or "acme" in route for route, _ in told)


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


def test_requests_that_wait_leave_threads_to_deliveries(world: ApiWorld) -> None:
    limits = Limits(at_once=BoundedSemaphore(1))
    client = world.client(limits)
    with limits.at_once:
        refused = ask(client, "/me", world.token("ada"))
    assert_problem(refused, 503, "as many")
    assert refused.headers["Retry-After"] == "1"
    assert ask(client, "/me", world.token("ada")).status_code == 200
    assert ask(client, "/me", "gbt_none").status_code == 401
    assert ask(client, "/me", world.token("ada")).status_code == 200


def test_where_a_damaged_database_lies_is_told_to_nobody(
    world: ApiWorld, client: FlaskClient
) -> None:
    change = "UPDATE stacks SET born_at = {} WHERE name = 'trainer'"
    with closing(sqlite3.connect(world.folder / "gitbot.db", timeout=10)) as database:
        ((before,),) = database.execute(
            "SELECT DISTINCT born_at FROM stacks WHERE name = 'trainer'"
        )
        try:
            with database:
                database.execute(change.format("'x'"))
            answer = ask(client, f"{DEV}/stacks/trainer", world.token("ada"))
        finally:
            with database:
                database.execute(change.format("?"), (before,))
    assert_problem(answer, 500, "gitbot failed on this request")
    assert str(world.folder) not in answer.text


def test_an_error_of_github_is_not_told_and_may_pass(world: ApiWorld, client: FlaskClient) -> None:
    world.hub.faults.add(Fault(kind="server_error", path="*/permission", times=100))
    try:
        answer = ask(client, "/repositories", world.token("ada"))
    finally:
        world.hub.faults.clear()
    assert_problem(answer, 503, "does not answer")
    assert int(answer.headers["Retry-After"]) >= 1


DEV = f"/repositories/{REPOSITORY}/environments/dev"


def test_environments_are_those_of_the_tip_and_of_state(
    world: ApiWorld, client: FlaskClient
) -> None:
    ada = world.token("ada")
    dev = {
        "name": "dev",
        "in_specs": True,
        "region": "us-east-1",
        "timezone": "Europe/Berlin",
        "applied": None,
    }
    path = f"/repositories/{REPOSITORY}/environments"
    assert ask(client, path, ada).get_json() == {"items": [dev], "next": None}
    staging = ENVIRONMENT.replace("name: dev", "name: staging")
    world.hub.push_files(REPOSITORY, "main", {"specs/staging/environment.yaml": staging}, "ada")
    found = ask(client, path, ada).get_json()["items"]
    assert [one["name"] for one in found] == ["dev", "staging"]
    stacks = ask(client, f"{path}/staging/stacks", ada)
    assert stacks.get_json() == {"items": [], "next": None}
    assert ask(client, f"{path}/staging/schedule", ada).get_json() == {"schedules": []}


def test_stacks_are_listed_in_pages(world: ApiWorld, client: FlaskClient) -> None:
    ada, seen, query = world.token("ada"), [], "?limit=3"
    while query:
        page = ask(client, f"{DEV}/stacks{query}", ada).get_json()
        seen += page["items"]
        query = f"?limit=3&after={page['next']}" if page["next"] else ""
    assert [(one["name"], one["region"]) for one in seen] == [
        ("bucket", "us-east-1"),
        ("trainer", "us-east-1"),
        ("web", "eu-west-1"),
        ("web", "us-east-1"),
    ]
    assert seen[0] == {
        "name": "bucket",
        "region": "us-east-1",
        "serial": 2,
        "commit": COMMIT,
        "complete": True,
        "edited": False,
        "empty": False,
        "moved_to": None,
        "resources": {"bucket": "bucket-us-east-1"},
        "types": {"bucket": "AWS::S3::Bucket"},
    }


def test_state_is_shown_with_hashes_for_what_is_sensitive(
    world: ApiWorld, client: FlaskClient
) -> None:
    found = ask(client, f"{DEV}/stacks/trainer", world.token("ada")).get_json()
    bucket = found["resources"]["bucket"]
    assert (bucket["type"], bucket["remote_id"]) == ("AWS::S3::Bucket", "trainer-us-east-1")
    assert bucket["properties"]["Size"] == 3
    assert bucket["properties"]["Secret"]["$gitbot"] == "redacted"


def test_sensitive_outputs_have_no_value(world: ApiWorld, client: FlaskClient) -> None:
    answer = ask(client, f"{DEV}/stacks/trainer/outputs", world.token("ada"))
    assert answer.get_json() == {
        "outputs": {
            "arn": {"value": "arn:aws:s3:::b", "sensitive": False},
            "password": {"value": None, "sensitive": True},
        }
    }
    assert DIGEST not in answer.text


def test_a_stack_of_several_regions_is_named_with_one(world: ApiWorld, client: FlaskClient) -> None:
    ada = world.token("ada")
    assert_problem(ask(client, f"{DEV}/stacks/web", ada), 400, "eu-west-1, us-east-1")
    found = ask(client, f"{DEV}/stacks/web?region=eu-west-1", ada).get_json()
    assert found["id"]["region"] == "eu-west-1"
    nowhere = ask(client, f"{DEV}/stacks/web?region=ap-south-1", ada)
    assert_problem(nowhere, 404, "it has: bucket, trainer, web")


def test_the_schedule_is_that_of_the_command_line(world: ApiWorld, client: FlaskClient) -> None:
    (scan,) = ask(client, f"{DEV}/schedule", world.token("ada")).get_json()["schedules"]
    assert scan["local"] == "2026-05-01T14:00:00+02:00"
    assert (scan["work"], scan["why"], scan["timezone"]) == (
        "drift",
        "look for drift",
        "Europe/Berlin",
    )


@pytest.mark.parametrize("rest", ["", "/dev/stacks", "/dev/stacks/trainer", "/none/stacks"])
def test_no_access_looks_as_if_there_were_nothing(
    world: ApiWorld, client: FlaskClient, rest: str
) -> None:
    """The kind: an answer that tells a stranger which repositories there are."""
    ada = world.token("ada")
    answers = [
        ask(client, f"/repositories/{name}/environments{rest}?x=1", ada)
        for name in (SECRET, "acme/nothing", "a..b/c", "acme/..")
    ]
    for answer in answers:
        assert_problem(answer, 404)
    assert len({answer.text for answer in answers}) == 1


def test_what_is_not_there_is_named_to_whom_may_read(world: ApiWorld, client: FlaskClient) -> None:
    ada = world.token("ada")
    path = f"/repositories/{REPOSITORY}/environments"
    assert_problem(ask(client, f"{path}/prod/stacks", ada), 404, "`dev`")
    assert_problem(ask(client, f"{path}/prod/schedule", ada), 404, "`dev`")
    assert_problem(ask(client, f"{DEV}/stacks/none", ada), 404, "it has: bucket, trainer, web")
    assert_problem(ask(client, f"{path}/Dev/stacks", ada), 404)


def test_a_large_body_is_refused(world: ApiWorld, client: FlaskClient) -> None:
    ada, plans = world.token("ada"), f"{DEV}/plans"
    headers = {"Authorization": f"Bearer {ada}", "Content-Type": "application/json"}
    large = b'{"commit": "' + b"a" * 70_000 + b'"}'
    assert_problem(client.post(ROOT + plans, headers=headers, data=large), 413)
    deep = b'{"commit": ' + b"[" * 30_000
    assert_problem(client.post(ROOT + plans, headers=headers, data=deep), 400)
    for broken in (b"", b"{", b'{"commit": "\xff"}'):
        problem = client.post(ROOT + plans, headers=headers, data=broken)
        assert_problem(problem, 400, "the body is not JSON")
    plain = {**headers, "Content-Type": "text/plain"}
    assert_problem(client.post(ROOT + plans, headers=plain, data=b"{}"), 415)


def test_a_plan_is_asked_for_with_the_right_to_plan_and_told_to_who_asked(
    world: ApiWorld, client: FlaskClient
) -> None:
    ada, eve = world.token("ada"), world.token("eve")
    asked = post(client, f"{DEV}/plans", ada, {"commit": COMMIT})
    assert asked.status_code == 202
    assert asked.headers["Location"] == f"{ROOT}{DEV}/plans/{asked.get_json()['id']}"
    path = asked.headers["Location"].removeprefix(ROOT)
    first = ask(client, path, ada).get_json()
    assert (first["status"], first["commit"], first["digest"]) == ("waiting", COMMIT, None)
    done = PlanAnswer(text="dev/g", styles=("bold",), changes=True, digests={"dev/g": DIGEST})
    world.ports.records.asked_plans.end(path.rpartition("/")[2], done)
    told = ask(client, path, ada).get_json()
    assert (told["status"], told["text"], told["digest"]) == ("done", "dev/g", DIGEST)
    assert_problem(ask(client, path.replace("/dev/", "/prod/"), ada), 404)
    world.hub.set_permission(REPOSITORY, "eve", "read")
    try:
        assert_problem(ask(client, path, eve), 404, "no such plan")
        refused = post(client, f"{DEV}/plans", eve, {"commit": COMMIT})
        assert_problem(refused, 403, "eve may not `plan` in dev")
    finally:
        world.hub.set_permission(REPOSITORY, "eve", "none")
    assert_problem(post(client, f"{DEV}/plans", eve, {"commit": COMMIT}), 404, "nothing here")
    elsewhere = DEV.replace("/dev", "/prod")
    assert_problem(post(client, f"{elsewhere}/plans", ada, {"commit": COMMIT}), 404, "`dev`")
    for body in ({"commit": "main"}, {"commit": COMMIT, "stacks": ["--x"]}, {}):
        assert_problem(post(client, f"{DEV}/plans", ada, body), 400)


def test_an_apply_is_the_command_of_a_person_about_what_is_shown(
    world: ApiWorld, client: FlaskClient
) -> None:
    ada, eve, records = world.token("ada"), world.token("eve"), world.ports.records
    stack = show_plan(world, 5)
    body = {"pull_request": 5, "digest": DIGEST[:16]}
    world.hub.set_permission(REPOSITORY, "eve", "read")
    try:
        assert_problem(post(client, f"{DEV}/applies", eve, body), 403, "eve may not `apply`")
    finally:
        world.hub.set_permission(REPOSITORY, "eve", "none")
    stale = {"pull_request": 5, "digest": "0" * 16}
    assert_problem(post(client, f"{DEV}/applies", ada, stale), 409, "no plan shown on #5")
    assert_problem(post(client, f"{DEV}/applies", ada, {**body, "pull_request": 9}), 404, "#9")
    taken = Claim(
        stack=stack, pull_request=6, claimed_by="bob", claimed_at=NOON, head=COMMIT, closed=False
    )
    records.claims.claim([taken])
    assert_problem(post(client, f"{DEV}/applies", ada, body), 409, "#6")
    records.claims.release([stack])

    asked = post(client, f"{DEV}/applies", ada, body)
    assert asked.status_code == 202, asked.text
    # The kind: who asks again because the reply was lost has it done twice.
    assert post(client, f"{DEV}/applies", ada, body).get_json() == asked.get_json()
    (command,) = records.commands.of_comment(Source.API, int(asked.get_json()["id"]))
    assert (command.author, command.author_id) == ("ada", world.hub.hub.user("ada").id)
    assert command.line == f"apply dev {DIGEST[:16]}"
    path = asked.headers["Location"].removeprefix(ROOT)
    assert ask(client, path, ada).get_json()["status"] == "waiting"
    records.commands.close(command.ref, CommandStatus.REFUSED, "prod is frozen")
    told = ask(client, path, ada).get_json()
    assert (told["status"], told["why"], told["actor"]) == ("refused", "prod is frozen", "ada")
    for none in ("1", str(2**62), str(2**63), "9" * 19, "9" * 40):
        assert_problem(ask(client, f"{DEV}/applies/{none}", ada), 404)
    assert post(client, f"{DEV}/applies", ada, body).get_json() != asked.get_json()


def show_plan(world: ApiWorld, number: int) -> StackId:
    """Show a plan of a stack of dev on the pull request."""
    records = world.ports.records
    repository = records.journal.repository_id(REPOSITORY)
    assert repository is not None
    stack = StackId(repository=repository, environment="dev", name="g", region="us-east-1")
    shown = run("shown", stack=stack, pull_request=number, digest=DIGEST)
    records.runs.add(shown, plan(stack=stack, digest=DIGEST))
    records.runs.mark_shown(["shown"], NOON)
    digest = ShownDigest(stack=stack, digest=DIGEST, shown_at=NOON)
    records.pull_requests.note_shown(number, [digest])
    return stack


def post(client: FlaskClient, path: str, token: str, body: dict[str, Any]) -> TestResponse:
    """The answer to a POST below the API's root."""
    return ask(client, path, token, method="POST", json=body)
