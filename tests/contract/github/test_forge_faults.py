"""The forge handles refusals, limits and outages. Shell."""

from __future__ import annotations

import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from gitbot.adapters.github import GitHubForges
from gitbot.adapters.github.answers import SILENCE
from gitbot.adapters.github.session import api_url
from gitbot.errors import TransientError, UserError
from gitbot.ports.telemetry import Metric
from gitbot_sandbox.github import Fault, LocalGitHub
from tests.contract.github.github_world import REPOSITORY, ForgeWorld
from tests.contract.telemetry_world import hearing


@pytest.mark.parametrize(
    "fault",
    [
        Fault(kind="server_error", status=502, times=2),
        Fault(kind="server_error", status=503),
        Fault(kind="lost_reply"),
        Fault(kind="lost_request", times=2),
        Fault(kind="secondary_rate_limit", status=403, retry_after_s=1),
        Fault(kind="secondary_rate_limit", status=429, retry_after_s=0),
        Fault(kind="rate_limit", status=403, retry_after_s=0),
    ],
)
def test_a_passing_failure_is_waited_out(world: ForgeWorld, fault: Fault) -> None:
    forge = world.forge()
    world.hub.faults.add(fault)
    assert forge.repository().full_name == REPOSITORY
    assert world.hub.faults.active() == ()


def test_each_request_is_told_with_its_status_and_what_is_left_of_the_limit(
    world: ForgeWorld,
) -> None:
    forge = world.forge()
    forge.repository()
    with hearing() as heard:
        world.hub.faults.add(Fault(kind="server_error", status=502))
        world.hub.faults.add(Fault(kind="lost_request"))
        forge.repository()
    told = heard.of(Metric.GITHUB_REQUESTS)
    assert told.pop(("GET", "304"), 0) + told.pop(("GET", "200"), 0) == 1
    assert told == {("GET", "502"): 1, ("GET", "none"): 1}
    assert heard.values[Metric.GITHUB_LIMIT, "core"] == 5000
    assert 0 < heard.values[Metric.GITHUB_REMAINING, "core"] < 5000
    assert heard.values[Metric.GITHUB_DURATION, "GET"] > 0


def test_github_is_silent_from_the_first_of_the_calls_that_all_failed(world: ForgeWorld) -> None:
    forge = world.forge(patience_s=0.6)
    forge.repository()
    assert SILENCE.lasts_s == 0
    world.hub.faults.add(Fault(kind="server_error", status=500, times=None))
    with pytest.raises(TransientError):
        forge.repository()
    assert SILENCE.lasts_s > 0.2
    world.hub.faults.clear()
    forge.repository()
    assert SILENCE.lasts_s == 0
    with pytest.raises(UserError):
        world.forges("token", token="wrong").open(REPOSITORY)
    assert SILENCE.lasts_s > 0
    forge.repository()


def test_a_rate_limit_longer_than_the_patience_is_left_to_the_queue(
    world: ForgeWorld, way: str
) -> None:
    forge = world.forge(way, patience_s=60)
    world.hub.faults.add(Fault(kind="rate_limit", status=403, retry_after_s=900))
    began = time.monotonic()
    with pytest.raises(TransientError, match="rate limit") as limited:
        forge.repository()
    assert 800 < limited.value.retry_after_s < 1000
    assert time.monotonic() - began < 30


def test_an_outage_ends_the_patience(world: ForgeWorld) -> None:
    forge = world.forge(patience_s=0.6)
    world.hub.faults.add(Fault(kind="server_error", status=500, times=None))
    world.hub.faults.forget_calls()
    with pytest.raises(TransientError):
        forge.repository()
    assert len(world.hub.faults.calls()) == 2


def test_a_github_that_is_down_is_a_transient_error(tmp_path: Path) -> None:
    forges = GitHubForges(
        url="http://127.0.0.1:1", repositories=["a/b"], data=tmp_path, token="t", patience_s=0
    )
    with pytest.raises(TransientError):
        forges.open("a/b")


def test_a_wrong_token_is_a_user_error_that_does_not_show_the_token(world: ForgeWorld) -> None:
    with pytest.raises(UserError, match="GITBOT_GITHUB_TOKEN") as refused:
        world.forges("token", token="ghp_wrongwrong").open(REPOSITORY)
    assert "ghp_wrongwrong" not in str(refused.value)


def test_a_token_without_access_names_what_to_check(world: ForgeWorld) -> None:
    outsider = world.hub.create_user("outsider")
    with pytest.raises(UserError, match="may see it"):
        world.forges("token", token=outsider).open(REPOSITORY)


def test_an_app_that_is_not_installed_says_so(world: ForgeWorld) -> None:
    other = world.hub.create_app("elsewhere", "other")
    forges = world.forges("app", app_id=str(other.app_id), app_key=other.private_key_pem)
    with pytest.raises(UserError, match="is not installed on acme/infra"):
        forges.open(REPOSITORY)


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"app_key": "not a key"}, "GITBOT_GITHUB_APP_KEY"),
        ({"app_id": "gitbot"}, "GITBOT_GITHUB_APP_ID"),
        ({"app_id": ""}, "cannot sign in"),
    ],
)
def test_credentials_that_cannot_work_are_refused_at_the_start(
    world: ForgeWorld, changes: dict[str, str], part: str
) -> None:
    with pytest.raises(UserError, match=part):
        world.forges("app", **changes)


def test_a_key_with_escaped_line_breaks_works(world: ForgeWorld) -> None:
    key = world.credentials.private_key_pem.replace("\n", "\\n")
    assert world.forges("app", app_key=key).login == "gitbot[bot]"


@pytest.mark.parametrize("name", ["acme", "acme/infra/x", "../x/y", "acme/infra.git", "a b/c"])
def test_a_name_that_is_not_a_repository_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UserError, match="owner/name"):
        GitHubForges(url="https://x.example.com", repositories=[name], data=tmp_path, token="t")


def test_all_threads_share_one_installation_token(world: ForgeWorld) -> None:
    forge = world.forge()
    world.hub.faults.forget_calls()
    barrier = threading.Barrier(4)

    def read(_: int) -> str:
        barrier.wait()
        return forge.repository().full_name

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(read, range(4))) == {REPOSITORY}
    assert world.hub.faults.calls("POST", "*access_tokens") == ()


def test_a_token_that_expires_early_is_renewed(tmp_path: Path, world: ForgeWorld) -> None:
    forge = world.forge()
    forge.repository()
    with world.hub.hub.store.lock:
        tokens = world.hub.hub.store.tokens
        for value in [v for v, token in tokens.items() if token.app_id]:
            del tokens[value]
    world.hub.faults.forget_calls()
    assert forge.repository().full_name == REPOSITORY
    assert len(world.hub.faults.calls("POST", "*access_tokens")) == 1


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refusal_of_a_token_that_was_just_granted_is_waited_out(
    world: ForgeWorld, status: int
) -> None:
    """Kind: GitHub's lag taken for its last word."""
    forges = world.forges("app")
    world.hub.faults.add(
        Fault(kind="server_error", status=status, method="GET", path="/repos/acme/infra", times=2)
    )
    assert forges.open(REPOSITORY).repository().full_name == REPOSITORY


@pytest.mark.parametrize("status", [401, 403, 404])
def test_git_waits_too_for_a_token_that_was_just_granted(world: ForgeWorld, status: int) -> None:
    forges = world.forges("app")
    mirror = forges.mirror(REPOSITORY)
    world.hub.faults.add(
        Fault(kind="server_error", status=status, path="*.git/info/refs*", times=2)
    )
    mirror.fetch()
    assert world.hub.faults.active() == ()


def test_a_refusal_of_a_token_that_has_worked_is_believed_at_once(world: ForgeWorld) -> None:
    forge = world.forge()
    forge.repository()
    world.hub.faults.add(
        Fault(kind="server_error", status=403, method="GET", path="/repos/acme/infra")
    )
    with pytest.raises(UserError, match="403"):
        forge.repository()


def test_a_pull_request_that_was_just_announced_may_be_missing_for_a_moment(
    world: ForgeWorld, way: str
) -> None:
    number = world.pull_request(f"announced-{way}")
    forge = world.forge(way)
    world.hub.faults.add(
        Fault(kind="server_error", status=404, method="GET", path="*/pulls/*", times=2)
    )
    assert forge.pull_request(number).number == number


def test_an_app_that_was_installed_again_is_found(world: ForgeWorld) -> None:
    forge = world.forge()
    forge.repository()
    with world.hub.hub.store.lock:
        store = world.hub.hub.store
        store.apps[world.credentials.app_id].installation_id = store.new_id()
        for value in [v for v, token in store.tokens.items() if token.app_id]:
            del store.tokens[value]
    assert forge.repository().full_name == REPOSITORY
    assert forge.open_pull_requests() is not None


def test_threads_do_not_mix_up_their_calls(world: ForgeWorld) -> None:
    forge = world.forge()
    numbers = [world.pull_request(f"thread-{index}") for index in range(4)]
    with ThreadPoolExecutor(4) as pool:
        read = list(pool.map(lambda number: forge.pull_request(number).number, numbers * 5))
    assert read == numbers * 5


def test_no_token_is_logged(world: ForgeWorld, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for way in ("app", "token"):
        forges = world.forges(way)
        forges.open(REPOSITORY).repository()
        forges.mirror(REPOSITORY).fetch()
    for secret in world.hub.hub.store.tokens:
        assert secret not in caplog.text


@pytest.mark.parametrize(
    ("given", "root"),
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://github.com/", "https://api.github.com"),
        ("https://ghe.example.com", "https://ghe.example.com/api/v3"),
        ("https://ghe.example.com/api/v3/", "https://ghe.example.com/api/v3"),
        ("https://api.acme.ghe.com", "https://api.acme.ghe.com"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v3"),
    ],
)
def test_the_api_is_found_from_any_form_of_address(given: str, root: str) -> None:
    assert api_url(given) == root


def test_an_address_without_scheme_is_refused() -> None:
    with pytest.raises(UserError, match="https://"):
        api_url("github.com")


def test_a_github_that_stops_meanwhile_is_a_transient_error(tmp_path: Path) -> None:
    from tests.contract.github.github_world import build

    hub = LocalGitHub(tmp_path / "hub")
    with hub:
        forge = build(hub, tmp_path / "data").forge("token", patience_s=0)
        forge.repository()
    with pytest.raises(TransientError):
        forge.repository()


def test_an_api_that_moved_to_another_address_is_named(tmp_path: Path) -> None:
    class Moved(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(301)
            self.send_header("Location", "https://elsewhere.example.com/api/v3")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Moved)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        forges = GitHubForges(url=url, repositories=["a/b"], data=tmp_path, token="t")
        with pytest.raises(UserError, match="GITBOT_GITHUB_URL"):
            forges.open("a/b")
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
