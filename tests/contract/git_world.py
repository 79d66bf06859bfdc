"""Give tests a repository that honest and hostile people push to. Shell."""

from __future__ import annotations

import base64
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from gitbot.adapters.git.mirror import GitMirror
from gitbot.model.names import Sha

TOKEN = "ghs_secretsecretsecret"


def git(folder: Path, *args: str, stdin: bytes | None = None) -> str:
    """Run git as a person would, with a fixed identity."""
    env = {
        **os.environ,
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_AUTHOR_NAME": "Ada",
        "GIT_AUTHOR_EMAIL": "ada@example.com",
        "GIT_COMMITTER_NAME": "Ada",
        "GIT_COMMITTER_EMAIL": "ada@example.com",
    }
    done = subprocess.run(
        ["git", *args], cwd=folder, env=env, input=stdin, capture_output=True, check=True
    )
    return done.stdout.decode().strip()


class Origin:
    """A bare repository and a clone that pushes to it."""

    def __init__(self, folder: Path) -> None:
        self.bare = folder / "origin.git"
        self.work = folder / "work"
        git(folder, "init", "--bare", "-q", "-b", "main", str(self.bare))
        git(folder, "clone", "-q", str(self.bare), str(self.work))
        git(self.work, "checkout", "-q", "-b", "main")

    def commit(self, files: dict[str, bytes | None], push: str = "main") -> Sha:
        for name, content in files.items():
            file = self.work / name
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
        git(self.work, "add", "-A")
        git(self.work, "commit", "-q", "--allow-empty", "-m", "change")
        git(self.work, "push", "-q", "-f", "origin", f"HEAD:{push}")
        return self.head()

    def head(self) -> Sha:
        return Sha(git(self.work, "rev-parse", "HEAD"))

    def branch(self, name: str, start: Sha) -> None:
        git(self.work, "checkout", "-q", "-B", name, start)

    def mirror(self, folder: Path, branch: str | None = "main") -> GitMirror:
        return GitMirror(folder / "mirror.git", str(self.bare), None, branch, local=True)


def bomb(origin: Origin) -> str:
    """A tree of a few kilobytes that unfolds to a billion files."""
    level, kind, mode = (
        git(origin.work, "hash-object", "-w", "--stdin", stdin=b"x\n"),
        "blob",
        100644,
    )
    for _ in range(9):
        lines = "".join(f"{mode} {kind} {level}\tf{number}\n" for number in range(10))
        level, kind, mode = git(origin.work, "mktree", stdin=lines.encode()), "tree", 40000
    return level


class HttpOrigin:
    """``git http-backend`` behind HTTP basic auth; ``fault`` answers that status instead."""

    def __init__(self, root: Path) -> None:
        outer = self
        self.fault: int | None = None
        self.delay_s = 0.0
        self.redirect: str | None = None
        self.seen: list[str | None] = []

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.answer(self, root)

            do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}/origin.git"

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler, root: Path) -> None:
        length = int(request.headers.get("Content-Length") or 0)
        body = request.rfile.read(length)
        auth = request.headers.get("Authorization")
        self.seen.append(auth)
        time.sleep(self.delay_s)
        expected = base64.b64encode(f"x-access-token:{TOKEN}".encode()).decode()
        if self.redirect:
            request.send_response(302)
            request.send_header("Location", self.redirect + request.path)
            request.end_headers()
            return
        if self.fault or auth != f"Basic {expected}":
            request.send_response(self.fault or 401)
            request.send_header("WWW-Authenticate", 'Basic realm="git"')
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        path, _, query = request.path.partition("?")
        env = {
            **os.environ,
            "GIT_PROJECT_ROOT": str(root),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": request.command,
            "CONTENT_TYPE": request.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": request.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            ["git", "http-backend"], input=body, env=env, capture_output=True, check=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        request.send_response(200)
        for line in head.decode().split("\r\n"):
            name, _, value = line.partition(": ")
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)
