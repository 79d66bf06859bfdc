"""Set up accounts, repositories, rights and webhooks of a local GitHub. Shell."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gitbot_sandbox.github.actions import accounts
from gitbot_sandbox.github.entities import ROLES, Repository
from gitbot_sandbox.github.gitrepo import GitRepository
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.shapes import repositories as shapes
from gitbot_sandbox.github.shapes.apps import EVENTS

Files = Mapping[str, str | bytes | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class AppCredentials:
    """What an operator gets who registers and installs an App."""

    app_id: int
    private_key_pem: str
    installation_id: int
    webhook_secret: str
    login: str
    client_id: str
    client_secret: str


def encoded(files: Files) -> dict[str, bytes | None]:
    """The files as bytes."""
    return {p: c.encode() if isinstance(c, str) else c for p, c in files.items()}


class Administration:
    """Sets up accounts and repositories; a part of ``LocalGitHub``."""

    hub: Hub

    def create_user(self, login: str, name: str = "") -> str:
        """Make a user; returns a token for the API and git."""
        with self.hub.store.lock:
            user = accounts.create_account(self.hub, login, name=name)
            return self.hub.new_token(user.login)

    def new_token(self, login: str) -> str:
        """Make one more token of a user, and return it."""
        with self.hub.store.lock:
            return self.hub.new_token(self.hub.user(login).login)

    def create_org(self, login: str, members: Mapping[str, str] | None = None) -> None:
        """Make an organization; ``members`` is login to ``admin`` or ``member``."""
        with self.hub.store.lock:
            accounts.create_account(self.hub, login, kind="Organization", members=members or {})

    def create_team(self, organization: str, slug: str, members: Sequence[str] = ()) -> None:
        """Make a team of an organization."""
        with self.hub.store.lock:
            accounts.create_team(self.hub, organization, slug, dict.fromkeys(members, "member"))

    def create_app(
        self,
        name: str,
        account: str,
        *,
        webhook_url: str | None = None,
        webhook_secret: str = "app-webhook-secret",
    ) -> AppCredentials:
        """Make an App that is installed on all repositories of ``account``, with a webhook if
        wanted."""
        with self.hub.store.lock:
            app, key = accounts.create_app(self.hub, name, account)
            if webhook_url:
                accounts.add_hook(self.hub, webhook_url, webhook_secret, app=app)
            return AppCredentials(
                app_id=app.id,
                private_key_pem=key,
                installation_id=app.installation_id,
                webhook_secret=webhook_secret,
                login=app.bot,
                client_id=app.client_id,
                client_secret=app.client_secret,
            )

    def switch_device_flow(self, app_id: int, *, on: bool) -> None:
        """Let people sign in to an App by the device flow, or not."""
        with self.hub.store.lock:
            self.hub.store.apps[app_id].device_flow = on

    def set_app_webhook(self, app_id: int, url: str, secret: str) -> int:
        """Give an App a (further) webhook; returns its id."""
        with self.hub.store.lock:
            app = self.hub.store.apps[app_id]
            return accounts.add_hook(self.hub, url, secret, app=app).id

    def create_repository(
        self,
        owner: str,
        name: str,
        *,
        private: bool = True,
        files: Files | None = None,
    ) -> Repository:
        """Make a repository with one commit of ``files`` on ``main``, and return it."""
        kept = {p: c for p, c in encoded(files or {}).items() if c is not None}
        with self.hub.store.lock:
            return accounts.create_repository(self.hub, owner, name, private=private, files=kept)

    def repository(self, full_name: str) -> Repository:
        """The entity of a repository. Read it under ``hub.store.lock`` while others write."""
        with self.hub.store.lock:
            return self.hub.repository(full_name)

    def rename_repository(self, full_name: str, name: str) -> None:
        """Give a repository another name; its id stays."""
        with self.hub.store.lock:
            self.hub.repository(full_name).name = name

    def git(self, full_name: str) -> GitRepository:
        """The bare repository. Changing refs through it sends no events."""
        return self.hub.git(self.repository(full_name))

    def clone_url(self, full_name: str, token: str | None = None) -> str:
        """The address to clone from, with the token in it if one is given."""
        url = shapes.clone(self.hub, self.repository(full_name))
        return url.replace("://", f"://x-access-token:{token}@", 1) if token else url

    def set_permission(self, full_name: str, login: str, permission: str) -> None:
        """Set a user's right: none, read, triage, write, maintain or admin."""
        if permission not in ROLES:
            raise ValueError(f"unknown permission {permission!r}: one of {ROLES}")
        with self.hub.store.lock:
            user = self.hub.user(login)
            self.hub.repository(full_name).permissions[user.login] = permission

    def switch_issues(self, full_name: str, *, on: bool) -> None:
        """Switch a repository's issues on or off."""
        with self.hub.store.lock:
            self.hub.repository(full_name).has_issues = on

    def set_webhook(
        self,
        full_name: str,
        url: str,
        secret: str,
        events: Sequence[str] = EVENTS,
    ) -> int:
        """Add a webhook to a repository and ping it; returns its id."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            hook = accounts.add_hook(self.hub, url, secret, repository=repository, wanted=events)
            return hook.id

    def remove_webhook(self, hook_id: int) -> None:
        """Remove the webhook of a repository or App."""
        with self.hub.store.lock:
            del self.hub.store.hooks[hook_id]

    def fork(self, full_name: str, login: str) -> Repository:
        """Fork a repository into a user's account, and return the fork."""
        with self.hub.store.lock:
            return accounts.fork(
                self.hub, self.hub.repository(full_name), self.hub.user(login).login
            )
