"""The command line's client of a server: what it sends, to whom, how often, and what it tells."""

from __future__ import annotations

import json
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gitbot.adapters.remote.client import Client, NotThereError, SignedOutError
from gitbot.adapters.remote.signed_in import Logins, config_folder
from gitbot.cli.login import login
from gitbot.errors import RefusedError, TransientError, UserError

SECRET = "gbt_secret"
FIVES = '{"logins": [{"server": 5, "login": 5, "expires_at": 5, "kept": "file", "token": 5}]}'


@dataclass
class Server:
    """A server that answers as it is told, and keeps what it was asked."""

    url: str = ""
    answers: list[tuple[int, dict[str, str], bytes]] = field(default_factory=list)
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    before: dict[str, Callable[[], None]] = field(default_factory=dict)

    def problem(self, status: int, detail: str, **headers: str) -> None:
        body = json.dumps({"status": status, "title": "no", "detail": detail}).encode()
        self.answers.append((status, {"Content-Type": "application/problem+json", **headers}, body))

    def data(self, data: Any) -> None:
        self.answers.append((200, {"Content-Type": "application/json"}, json.dumps(data).encode()))


def serve(server: Server) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.asked.append((self.command, self.path, self.headers.get("Authorization", "")))
            server.before.pop(self.path, lambda: None)()
            status, headers, body = server.answers.pop(0)
            if status == 0:  # the connection breaks
                self.close_connection = True
                return
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = answer

        def log_message(self, format: str, *args: Any) -> None:
            """Print nothing."""

    made = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.url = f"http://127.0.0.1:{made.server_address[1]}"
    threading.Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
    return made


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    listening = serve(made)
    yield made
    listening.shutdown()
    listening.server_close()


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, SignedOutError), (403, RefusedError), (404, NotThereError), (409, UserError)],
)
def test_a_problem_becomes_an_error_in_the_servers_words(
    server: Server, status: int, error: type[Exception]
) -> None:
    server.problem(status, "why it is so")
    with pytest.raises(error, match="why it is so") as caught:
        Client(server.url, SECRET).write("POST", "/x", {})
    assert SECRET not in str(caught.value)
    assert server.asked == [("POST", "/api/v1/x", f"Bearer {SECRET}")]


def test_a_read_is_tried_again_and_a_write_never(server: Server) -> None:
    """The kind: a lost reply to an apply would have it done twice."""
    told: list[str] = []
    server.problem(503, "it restarts")
    server.answers.append((0, {}, b""))
    server.problem(429, "too often", **{"Retry-After": "0"})
    server.data({"fine": True})
    assert Client(server.url, SECRET, say=told.append).read("/x", limit=1) == {"fine": True}
    assert [path for _, path, _ in server.asked] == ["/api/v1/x?limit=1"] * 4
    assert len(told) == 1
    assert "it restarts; trying again" in told[0]
    for status in (0, 502):
        server.asked.clear()
        server.answers += [(status, {}, b""), (200, {}, b"1")]
        with pytest.raises(TransientError):
            Client(server.url, SECRET).write("POST", "/x", {})
        assert len(server.asked) == 1
        server.answers.clear()
    server.problem(503, "still")
    server.problem(503, "still")
    with pytest.raises(TransientError, match="still"):
        Client(server.url, SECRET, patience_s=0.3).read("/x")


def test_a_token_follows_no_redirect(server: Server) -> None:
    other = Server()
    listening = serve(other)
    for status in (301, 302, 307, 308):
        server.answers.append((status, {"Location": f"{other.url}/api/v1/x"}, b""))
        with pytest.raises(UserError, match="does not answer like a server of gitbot"):
            Client(server.url, SECRET).read("/x")
    listening.shutdown()
    listening.server_close()
    assert other.asked == []


def test_what_is_no_server_of_gitbot_is_told(server: Server) -> None:
    """The kind: a page of a proxy that is taken for an answer."""
    for status in (200, 403, 404):
        server.answers.append((status, {"Content-Type": "text/html"}, b"<html>"))
        with pytest.raises(UserError, match="does not answer like"):
            Client(server.url, SECRET).read("/x")


@pytest.mark.parametrize("other", [{}, [], None, 5, {"items": []}])
def test_an_answer_that_lacks_something_is_told(server: Server, other: Any) -> None:
    """The kind: a traceback where an address is that of another program, or of another version."""
    server.data(other)
    with pytest.raises(UserError, match=r"server of gitbot"):
        list(Client(server.url, SECRET).items("/x"))


def test_an_answer_that_is_cut_off_is_asked_for_again(server: Server) -> None:
    server.answers.append((200, {"Content-Length": "99"}, b'{"items": ['))
    server.data({"items": [1], "next": None})
    told: list[str] = []
    assert list(Client(server.url, SECRET, say=told.append).items("/x")) == [1]
    assert "the connection broke before the end of the answer; trying again" in told[0]


def test_what_is_not_encrypted_goes_to_no_proxy(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    proxy = Server()
    listening = serve(proxy)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, proxy.url)
    monkeypatch.delenv("no_proxy", raising=False)
    server.data({"fine": 1})
    assert Client(server.url, SECRET).read("/x") == {"fine": 1}
    listening.shutdown()
    listening.server_close()
    assert proxy.asked == []


def test_a_list_is_read_to_its_end(server: Server) -> None:
    server.data({"items": [1, 2], "next": "a=b"})
    server.data({"items": [3], "next": None})
    assert list(Client(server.url, SECRET).items("/x")) == [1, 2, 3]
    assert server.asked[1][1] == "/api/v1/x?after=a%3Db"
    server.answers += [(200, {}, b'{"items": [], "next": "again"}')] * 3
    with pytest.raises(UserError, match="does not answer like"):
        list(Client(server.url, SECRET).items("/x"))
    assert len(server.answers) == 1


def test_without_a_keyring_a_token_is_in_a_file_of_the_person_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    use_keyring()
    logins = Logins(tmp_path / "config")
    assert logins.newest() is None
    logins.keep("https://a", "gbt_a", "ada", "2026-12-01")
    logins.keep("https://b", "gbt_b", "ada", "2026-12-01")
    made = logins.keep("https://a", "gbt_new", "ada", "2026-12-02")
    assert (made.kept, logins.token(made)) == ("file", "gbt_new")
    assert stat.S_IMODE(logins.file.stat().st_mode) == 0o600
    assert stat.S_IMODE(logins.file.parent.stat().st_mode) == 0o700
    assert logins.newest() == made
    logins.forget("https://a")
    assert "gbt_new" not in logins.file.read_text()
    left = logins.newest()
    assert left is not None
    assert left.server == "https://b"
    logins.file.write_text("{")
    with pytest.raises(UserError, match="delete it"):
        logins.newest()


@pytest.mark.parametrize("text", ["{", '{"logins": [5]}', '{"logins": [{"server": 5}]}', FIVES])
def test_a_broken_file_of_logins_is_told_before_a_code_is_typed(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The kind: a token that the server gave out, that nobody has, and that counts for 30 days."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = tmp_path / "gitbot" / "logins.json"
    file.parent.mkdir()
    file.write_text(text)
    refused = CliRunner().invoke(login, [server.url])
    assert (refused.exit_code, refused.exception.__class__) == (1, SystemExit)
    assert f"{file} cannot be read" in refused.stderr
    assert server.asked == []
    assert file.read_text() == text


def test_a_token_that_cannot_be_kept_is_voided(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    use_keyring()
    folder = tmp_path / "gitbot"

    def fill() -> None:
        """What makes the file impossible to write, while the person types the code."""
        folder.rename(tmp_path / "other")
        folder.write_text("")

    server.data(
        {"handle": "h", "user_code": "A", "verification_uri": "u", "expires_in": 9, "interval": 0}
    )
    server.data({"token": SECRET, "login": "ada", "expires_at": "2026-12-01"})
    server.answers.append((204, {}, b""))
    server.before["/api/v1/login/h"] = fill
    refused = CliRunner().invoke(login, [server.url])
    assert refused.exit_code == 1
    assert "cannot be" in refused.stderr
    assert server.asked[-1] == ("DELETE", "/api/v1/login", f"Bearer {SECRET}")


def test_a_keyring_keeps_the_token_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "tests.contract.keyring_in_memory.InMemory")
    use_keyring()
    logins = Logins(tmp_path)
    made = logins.keep("https://a", "gbt_a", "ada", "2026-12-01")
    assert (made.kept, made.token, logins.token(made)) == ("keyring", "", "gbt_a")
    assert "gbt_a" not in logins.file.read_text()
    logins.forget("https://a")
    assert logins.token(made) == ""


def use_keyring() -> None:
    """Have the library choose its keyring again, by the environment."""
    import keyring.core

    keyring.core.init_backend()


def test_settings_of_a_person_are_where_the_system_has_them() -> None:
    assert config_folder({"XDG_CONFIG_HOME": "/x"}) == Path("/x/gitbot")
    for environ in ({}, {"XDG_CONFIG_HOME": ""}, {"XDG_CONFIG_HOME": "relative"}):
        assert config_folder(environ) == Path("~/.config/gitbot").expanduser()
