"""Make accounts, repositories, Apps and webhooks. Shell."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from gitbot_sandbox.github import events
from gitbot_sandbox.github.entities import App, Hook, Repository, Team, User
from gitbot_sandbox.github.gitrepo import EMPTY_TREE
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import invalid
from gitbot_sandbox.github.shapes.apps import EVENTS


def create_account(
    hub: Hub, login: str, *, kind: str = "User", name: str = "", members: Mapping[str, str] = {}
) -> User:
    """Make and return a user, bot or organization. Raises ValueError for a login that is taken."""
    if hub.store.user(login) is not None:
        raise ValueError(f"the login {login!r} is taken")
    id_ = hub.store.new_id()
    plain = login.replace("[bot]", "-bot")
    user = hub.store.users[login.lower()] = User(
        id=id_,
        login=login,
        kind=kind,
        name=name or login,
        email=f"{id_}+{plain}@users.noreply.github.example",
        created_at=hub.now(),
        members=dict(members),
    )
    return user


def create_team(hub: Hub, organization: str, slug: str, members: Mapping[str, str]) -> Team:
    """Make and return a team; its members (login to role) become members of the organization."""
    owner = hub.user(organization)
    for login in members:
        owner.members.setdefault(hub.user(login).login, "member")
    team = Team(id=hub.store.new_id(), organization=owner.login, slug=slug, members=dict(members))
    hub.store.teams[owner.login.lower(), slug] = team
    return team


def create_repository(
    hub: Hub, owner: str, name: str, *, private: bool, files: Mapping[str, bytes]
) -> Repository:
    """Make and return a repository with one commit of these files on ``main``.

    Without files the repository is empty.
    """
    account = hub.user(owner)
    if hub.store.repository(owner, name) is not None:
        raise ValueError(f"{owner}/{name} is there already")
    repository = Repository(
        id=hub.store.new_id(),
        owner=account.login,
        name=name,
        private=private,
        created_at=hub.now(),
        pushed_at=hub.now(),
    )
    git = hub.git(repository)
    git.create(repository.default_branch)
    if files:
        tree = git.write_files(EMPTY_TREE, files)
        author = hub.person(owner)
        sha = git.write_commit(tree=tree, parents=[], message="Initial commit", author=author)
        git.update_ref(f"refs/heads/{repository.default_branch}", sha)
    hub.store.repositories[repository.id] = repository
    return repository


def fork(hub: Hub, parent: Repository, login: str) -> Repository:
    """The user's fork of a repository; made if the user has none."""
    for candidate in hub.store.repositories.values():
        if candidate.parent == parent.id and candidate.owner.lower() == login.lower():
            return candidate
    name = parent.name
    while hub.store.repository(login, name) is not None:
        name += "-1"
    made = Repository(
        id=hub.store.new_id(),
        owner=hub.user(login).login,
        name=name,
        private=parent.private,
        default_branch=parent.default_branch,
        parent=parent.id,
        created_at=hub.now(),
        pushed_at=hub.now(),
    )
    hub.git(made).create_fork(hub.git(parent))
    hub.store.repositories[made.id] = made
    return made


def create_app(hub: Hub, name: str, account: str) -> tuple[App, str]:
    """Make an App that is installed on all repositories of an account.

    Returns the App and its private key (PEM).
    """
    owner = hub.user(account)
    slug = name.lower().replace(" ", "-")
    bot = create_account(hub, f"{slug}[bot]", kind="Bot")
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = App(
        id=hub.store.new_id(),
        slug=slug,
        name=name,
        bot=bot.login,
        account=owner.login,
        installation_id=hub.store.new_id(),
        public_key_pem=public,
        created_at=hub.now(),
        client_secret=secrets.token_hex(20),
    )
    hub.store.apps[app.id] = app
    return app, private.decode()


def add_hook(
    hub: Hub,
    url: str,
    secret: str | None,
    *,
    repository: Repository | None = None,
    app: App | None = None,
    wanted: Sequence[str] = EVENTS,
) -> Hook:
    """Make a webhook of a repository or an App, ping it, and return it."""
    hook = Hook(
        id=hub.store.new_id(),
        url=url,
        secret=secrets.token_hex(20) if secret is None else secret,
        events=tuple(wanted),
        repository=repository.id if repository else None,
        app_id=app.id if app else None,
        created_at=hub.now(),
    )
    hub.store.hooks[hook.id] = hook
    events.ping(hub, hook)
    return hook


def refuse_known_label(repository: Repository, name: str) -> None:
    """Refuse a label that exists already. Raises Problem 422."""
    if name.lower() in {n.lower() for n in repository.labels}:
        raise invalid("Label", "name", "already_exists")
