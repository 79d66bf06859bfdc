"""Register the GitHub App in the browser of whoever runs the command. Shell.

GitHub makes an App only for a person who is signed in. So the browser posts the manifest to GitHub
from a page of ours, GitHub sends it back with a code, and the code buys the App's secrets:
https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
"""

from __future__ import annotations

import html
import json
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from github import Github, GithubException
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request, Response

from gitbot.adapters.github.manifest import manifest
from gitbot.adapters.github.session import api_url
from gitbot.errors import UserError


@dataclass(frozen=True, slots=True, kw_only=True)
class NewApp:
    """An App that GitHub has just made. ``page`` is its address on GitHub."""

    id: int
    slug: str
    page: str
    client_id: str
    client_secret: str = field(repr=False)
    private_key: str = field(repr=False)
    webhook_secret: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The App to make: its name, the server's public address, and who is to own it.

    ``github`` is GitHub's address for people. An empty ``organization`` means the account that is
    signed in.
    """

    name: str
    server_url: str
    github: str = "https://github.com"
    organization: str = ""

    @property
    def form(self) -> str:
        """The address that takes the manifest."""
        base = self.github.rstrip("/")
        if self.organization:
            return f"{base}/organizations/{self.organization}/settings/apps/new"
        return f"{base}/settings/apps/new"


def register(
    wanted: Wanted, *, opened: Callable[[str], None], within_s: float, port: int = 0
) -> NewApp:
    """Serve the page on a loopback port until GitHub has sent the browser back; the App.

    ``opened`` gets the address to open. Nothing is made on GitHub before the person has agreed
    there.

    Raises:
        UserError: nobody came back in time, or GitHub refused the code.
    """
    pages = _Pages(wanted)
    server = make_server("127.0.0.1", port, pages, request_handler=_Quiet)
    pages.redirect_url = f"http://127.0.0.1:{server.port}/made"
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), daemon=True)
    thread.start()
    try:
        opened(f"http://127.0.0.1:{server.port}/")
        if not pages.done.wait(within_s):
            raise UserError(
                f"GitHub did not send the browser back within {within_s:.0f} seconds. Nothing was"
                " saved: run the command again. An App that GitHub made all the same is on the"
                " settings page of its owner, and can be deleted there."
            )
        return exchange(api_url(wanted.github), pages.code)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def exchange(api: str, code: str) -> NewApp:
    """The App that the code stands for. GitHub takes a code once, within an hour.

    Raises:
        UserError: GitHub does not know the code, or cannot be reached.
    """
    try:
        with Github(base_url=api, retry=None, timeout=20) as client:
            _, told = client.requester.requestJsonAndCheck(
                "POST", f"/app-manifests/{code}/conversions"
            )
    except (GithubException, OSError) as error:
        raise UserError(f"GitHub did not hand over the App's secrets: {error}") from error
    return NewApp(
        id=int(told["id"]),
        slug=str(told["slug"]),
        page=str(told["html_url"]),
        client_id=str(told["client_id"]),
        client_secret=str(told["client_secret"]),
        private_key=str(told["pem"]),
        webhook_secret=str(told["webhook_secret"]),
    )


class _Pages:
    """Two pages: one that posts the manifest to GitHub, and one to come back to."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        # Only the browser that got our page knows it, so no other page can hand us its own code.
        self._state = secrets.token_urlsafe(24)
        self.redirect_url = ""
        self.code = ""
        self.done = threading.Event()

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self._answer(Request(environ))(environ, start_response)

    def _answer(self, request: Request) -> Response:
        if request.host.rpartition(":")[0] not in ("127.0.0.1", "localhost"):
            return _page("This page answers to 127.0.0.1 only.", 403)
        if request.path == "/":
            return _page(self._form())
        if request.path != "/made":
            return _page("There is no such page.", 404)
        if not secrets.compare_digest(request.args.get("state", "").encode(), self._state.encode()):
            return _page("This does not come from the form of this command.", 403)
        self.code = request.args.get("code", "")
        self.done.set()
        return _page("The App is there. Go on in the terminal; you can close this page.")

    def _form(self) -> str:
        wanted = self._wanted
        sent = manifest(
            name=wanted.name, server_url=wanted.server_url, redirect_url=self.redirect_url
        )
        return (
            f'<form method="post" action="{html.escape(wanted.form)}?state={self._state}">'
            f'<input type="hidden" name="manifest" value="{html.escape(json.dumps(sent))}">'
            f"<p>GitHub asks you next whether to make the App <b>{html.escape(wanted.name)}</b>.</p>"
            "<button>Go to GitHub</button></form>"
        )


def _page(body: str, status: int = 200) -> Response:
    head = '<meta charset=utf-8><title>gitbot</title><link rel=icon href="data:,">'
    text = f"<!doctype html>{head}<body>{body}</body>"
    return Response(text, status, content_type="text/html; charset=utf-8")


class _Quiet(WSGIRequestHandler):
    """Logs nothing: the address holds the code."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Log nothing."""
