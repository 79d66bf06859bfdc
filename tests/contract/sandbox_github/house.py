"""Give tests a small local GitHub, and the real clients that call it."""

from __future__ import annotations

import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from github import Auth, Github, GithubIntegration
from github.Repository import Repository

from gitbot_sandbox.github import AppCredentials, LocalGitHub

REPO = "acme/infra"
FILES = {"README.md": "# Infra\n", "specs/dev/bucket.yaml": "kind: Stack\nname: one\n"}


@dataclass
class House:
    """An organization with one repository, people with different rights, and an App."""

    local: LocalGitHub
    tokens: dict[str, str]
    registered: AppCredentials | None = None

    @property
    def app(self) -> AppCredentials:
        """The App; registered when it is first needed, for its key takes a while to make."""
        if self.registered is None:
            self.registered = self.local.create_app("gitbot", "acme")
        return self.registered

    def client(self, login: str) -> Github:
        """PyGithub as a user, without its politeness pauses and its retries."""
        return Github(
            base_url=self.local.api_url,
            auth=Auth.Token(self.tokens[login]),
            seconds_between_requests=None,
            seconds_between_writes=None,
            retry=None,
        )

    def app_client(self) -> Github:
        """PyGithub as the App's installation."""
        auth = Auth.AppAuth(self.app.app_id, self.app.private_key_pem)
        installed = auth.get_installation_auth(self.app.installation_id)
        return Github(
            base_url=self.local.api_url,
            auth=installed,
            seconds_between_requests=None,
            seconds_between_writes=None,
            retry=None,
        )

    def integration(self) -> GithubIntegration:
        """PyGithub as the App itself."""
        return GithubIntegration(
            base_url=self.local.api_url,
            auth=Auth.AppAuth(self.app.app_id, self.app.private_key_pem),
            seconds_between_requests=None,
            seconds_between_writes=None,
        )

    def repo(self, login: str) -> Repository:
        """The repository as a user sees it through the API."""
        return self.client(login).get_repo(REPO)

    def change(self, branch: str, text: str, author: str = "bob", start: str | None = None) -> str:
        """Commit a new text of the bucket's spec."""
        files = {"specs/dev/bucket.yaml": text}
        return self.local.push_files(REPO, branch, files, author, start=start)

    def pull_request(self, branch: str = "feature", text: str = "kind: Stack\nname: two\n") -> int:
        """A pull request by bob that changes the bucket's spec."""
        self.change(branch, text)
        return self.local.open_pull_request(REPO, author="bob", head=branch, title="Change it")


@contextmanager
def house(root: Path) -> Iterator[House]:
    """alice administers, bob writes, carol reads, mallory has no right at all."""
    with LocalGitHub(root) as local:
        tokens = {name: local.create_user(name) for name in ("alice", "bob", "carol", "mallory")}
        local.create_org("acme", {"alice": "admin"})
        local.create_team("acme", "ml", ["bob"])
        local.create_repository("acme", "infra", files=FILES)
        local.set_permission(REPO, "bob", "write")
        local.set_permission(REPO, "carol", "read")
        yield House(local, tokens)


@dataclass
class Listener:
    """A webhook receiver that keeps what arrives and answers ``status``."""

    status: int = 202
    heard: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@contextmanager
def listener() -> Iterator[Listener]:
    """Listen on a loopback port."""
    found = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append((dict(self.headers), body))
            self.send_response(found.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def git(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """The real git command, with nobody's configuration."""
    return subprocess.run(
        ["git", "-c", "user.name=Bob", "-c", "user.email=bob@example.org", *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        check=False,
        env={
            "PATH": os.environ["PATH"],
            "HOME": "/nonexistent",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
        },
    )
