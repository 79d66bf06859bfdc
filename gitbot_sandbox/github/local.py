"""A whole GitHub on a loopback port, for tests and the demo, and the ways to act in it. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from gitbot_sandbox.github.access import Actor
from gitbot_sandbox.github.actions import checks, merges, pulls, pushes, talk, world
from gitbot_sandbox.github.courier import Courier
from gitbot_sandbox.github.events import REPOSITORY_EVENTS
from gitbot_sandbox.github.faults import Faults
from gitbot_sandbox.github.gitrepo import GitRepository
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.server import HttpServer, application
from gitbot_sandbox.github.shapes import repositories as shapes
from gitbot_sandbox.github.store import ROLES, Comment, Issue, Pull, Repository

Files = Mapping[str, str | bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """What an operator gets when an App is registered and installed."""

    app_id: int
    private_key_pem: str
    installation_id: int
    webhook_secret: str
    login: str


def _encoded(files: Files) -> dict[str, bytes | None]:
    return {p: c.encode() if isinstance(c, str) else c for p, c in files.items()}


class LocalGitHub:
    """A GitHub with real bare repositories below ``root``; everything else is in memory.

    Repositories are named ``owner/name``. Methods raise ``Problem`` where GitHub would refuse
    and ``KeyError`` for users and repositories that are not there.
    """

    def __init__(self, root: Path, port: int = 0) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self.hub = Hub(root.resolve())
        app = application(self.hub)
        app.extensions["local"] = self
        self._server = HttpServer(app, self.hub, port)
        self.port = self._server.port

    def start(self) -> Self:
        """Begin to answer and to deliver."""
        self.hub.courier.start()
        self._server.start()
        return self

    def stop(self) -> None:
        """End both."""
        self._server.stop()
        self.hub.courier.stop()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def url(self) -> str:
        """Where the pages are, and the root of clone addresses."""
        return self.hub.base_url

    @property
    def api_url(self) -> str:
        """What PyGithub takes as ``base_url``."""
        return self.hub.api_url

    @property
    def faults(self) -> Faults:
        """The fault switches and the log of calls."""
        return self.hub.faults

    @property
    def courier(self) -> Courier:
        """The deliveries, their log and their switches."""
        return self.hub.courier

    # --- the world ---

    def create_user(self, login: str, name: str = "") -> str:
        """A user; the token that they call the API and git with."""
        with self.hub.store.lock:
            user = world.create_account(self.hub, login, name=name)
            return self.hub.new_token(user.login)

    def new_token(self, login: str) -> str:
        """One more token of a user."""
        with self.hub.store.lock:
            return self.hub.new_token(self.hub.user(login).login)

    def create_org(self, login: str, members: Mapping[str, str] | None = None) -> None:
        """An organization; members are login to ``admin`` or ``member``."""
        with self.hub.store.lock:
            world.create_account(self.hub, login, kind="Organization", members=members or {})

    def create_team(self, organization: str, slug: str, members: Sequence[str] = ()) -> None:
        """A team of an organization."""
        with self.hub.store.lock:
            world.create_team(self.hub, organization, slug, dict.fromkeys(members, "member"))

    def create_app(
        self,
        name: str,
        account: str,
        *,
        webhook_url: str | None = None,
        webhook_secret: str = "app-webhook-secret",
    ) -> AppCredentials:
        """An App, installed on all repositories of ``account``, with a webhook if wanted."""
        with self.hub.store.lock:
            app, key = world.create_app(self.hub, name, account)
            if webhook_url:
                world.add_hook(self.hub, webhook_url, webhook_secret, app=app)
            return AppCredentials(
                app_id=app.id,
                private_key_pem=key,
                installation_id=app.installation_id,
                webhook_secret=webhook_secret,
                login=app.bot,
            )

    def set_app_webhook(self, app_id: int, url: str, secret: str) -> int:
        """Give an App a (further) webhook; its id."""
        with self.hub.store.lock:
            app = self.hub.store.apps[app_id]
            return world.add_hook(self.hub, url, secret, app=app).id

    def create_repository(
        self,
        owner: str,
        name: str,
        *,
        private: bool = True,
        files: Files | None = None,
    ) -> Repository:
        """A repository with one commit of ``files`` on ``main``."""
        kept = {p: c for p, c in _encoded(files or {}).items() if c is not None}
        with self.hub.store.lock:
            return world.create_repository(self.hub, owner, name, private=private, files=kept)

    def repository(self, full_name: str) -> Repository:
        """A repository's entity; read it under ``hub.store.lock`` while others write."""
        with self.hub.store.lock:
            return self.hub.repository(full_name)

    def rename_repository(self, full_name: str, name: str) -> None:
        """Give a repository another name; its id stays."""
        with self.hub.store.lock:
            self.hub.repository(full_name).name = name

    def git(self, full_name: str) -> GitRepository:
        """The bare repository itself; refs changed through it send no events."""
        return self.hub.git(self.repository(full_name))

    def clone_url(self, full_name: str, token: str | None = None) -> str:
        """Where to clone from, with a token in the address if given."""
        url = shapes.clone(self.hub, self.repository(full_name))
        return url.replace("://", f"://x-access-token:{token}@", 1) if token else url

    def set_permission(self, full_name: str, login: str, permission: str) -> None:
        """One of none, read, triage, write, maintain, admin."""
        if permission not in ROLES:
            raise ValueError(f"unknown permission {permission!r}: one of {ROLES}")
        with self.hub.store.lock:
            user = self.hub.user(login)
            self.hub.repository(full_name).permissions[user.login] = permission

    def set_webhook(
        self,
        full_name: str,
        url: str,
        secret: str,
        events: Sequence[str] = REPOSITORY_EVENTS,
    ) -> int:
        """Add a webhook to a repository; its id. It is pinged at once."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            hook = world.add_hook(self.hub, url, secret, repository=repository, wanted=events)
            return hook.id

    def remove_webhook(self, hook_id: int) -> None:
        """Remove a webhook, a repository's or an App's."""
        with self.hub.store.lock:
            del self.hub.store.hooks[hook_id]

    def fork(self, full_name: str, login: str) -> Repository:
        """Fork a repository into a user's account."""
        with self.hub.store.lock:
            return world.fork(self.hub, self.hub.repository(full_name), self.hub.user(login).login)

    # --- acting as a user ---

    def push_files(
        self,
        full_name: str,
        branch: str,
        files: Files,
        author: str,
        *,
        message: str = "Change files",
        start: str | None = None,
    ) -> str:
        """Commit files (None: removed) to a branch as somebody; the hash.

        A branch that is not there begins at ``start`` or else at the default branch.
        """
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            return pushes.commit_files(
                self.hub,
                repository,
                branch,
                _encoded(files),
                login=self.hub.user(author).login,
                message=message,
                start=start,
            )

    def open_pull_request(
        self,
        full_name: str,
        *,
        author: str,
        head: str,
        title: str,
        base: str | None = None,
        body: str = "",
        draft: bool = False,
    ) -> int:
        """Open a pull request (``head``: ``branch`` or ``owner:branch``); its number."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            pull = pulls.open_pull(
                self.hub,
                repository,
                login=self.hub.user(author).login,
                title=title,
                head=head,
                base=base or repository.default_branch,
                body=body,
                draft=draft,
            )
            return pull.number

    def pull_request(self, full_name: str, number: int) -> Pull:
        """A pull request's entity."""
        with self.hub.store.lock:
            return self.hub.repository(full_name).pulls[number]

    def leave_mergeability_open(self, times: int) -> None:
        """Tell the next readers of open pull requests ``mergeable: null``, as GitHub does while
        it still works it out."""
        with self.hub.store.lock:
            self.hub.undecided = times

    def comment(self, full_name: str, number: int, author: str, body: str) -> int:
        """Comment on an issue or pull request; the comment's id."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            return talk.create_comment(self.hub, repository, number, by, body).id

    def comments(self, full_name: str, number: int) -> list[Comment]:
        """The comments of an issue or pull request, oldest first."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            return [c for c in repository.comments.values() if c.number == number]

    def create_issue(
        self, full_name: str, author: str, title: str, body: str = "", labels: Sequence[str] = ()
    ) -> Issue:
        """Open an issue."""
        with self.hub.store.lock:
            return talk.create_issue(
                self.hub,
                self.hub.repository(full_name),
                Actor(user=self.hub.user(author)),
                title=title,
                body=body,
                labels=list(labels),
            )

    def approve(self, full_name: str, number: int, author: str, body: str = "") -> int:
        """Approve a pull request; the review's id."""
        return self.review(full_name, number, author, "APPROVE", body)

    def request_changes(self, full_name: str, number: int, author: str, body: str) -> int:
        """Request changes; the review's id."""
        return self.review(full_name, number, author, "REQUEST_CHANGES", body)

    def review(self, full_name: str, number: int, author: str, event: str, body: str = "") -> int:
        """Submit a review (APPROVE, REQUEST_CHANGES or COMMENT); its id."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pull = repository.pulls[number]
            return pulls.review(self.hub, repository, pull, by, event, body=body).id

    def merge(
        self,
        full_name: str,
        number: int,
        author: str,
        *,
        method: str = "merge",
        sha: str | None = None,
    ) -> str:
        """Merge (merge, squash or rebase); the new commit of the base branch."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pull = repository.pulls[number]
            return merges.merge(self.hub, repository, pull, by, method=method, sha=sha)

    def close(self, full_name: str, number: int, author: str) -> None:
        """Close a pull request unmerged."""
        self._set_state(full_name, number, author, "closed")

    def reopen(self, full_name: str, number: int, author: str) -> None:
        """Reopen a pull request."""
        self._set_state(full_name, number, author, "open")

    def _set_state(self, full_name: str, number: int, author: str, state: str) -> None:
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pulls.set_state(self.hub, repository, repository.pulls[number], by, state)

    def mark_ready(self, full_name: str, number: int, author: str) -> None:
        """A draft becomes ready for review."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pulls.mark_ready(self.hub, repository, repository.pulls[number], by)

    def rerequest_check(self, full_name: str, check_run: int, author: str) -> None:
        """Press "Re-run" on a check run."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            run = repository.check_runs[check_run]
            checks.rerequest(self.hub, repository, run, self.hub.user(author).login)
