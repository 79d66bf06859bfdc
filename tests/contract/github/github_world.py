"""Give tests a local GitHub with one repository, and both ways to sign in. Shell."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from gitbot.adapters.github import GitHubForge, GitHubForges
from gitbot_sandbox.github import AppCredentials, LocalGitHub

REPOSITORY = "acme/infra"
FILES = {"specs/dev/a.yaml": "a: 1\n", "README.md": "hello\n"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgeWorld:
    """Who signs in as the App writes as ``gitbot[bot]``, with the token as ``robot``."""

    hub: LocalGitHub
    data: Path
    credentials: AppCredentials
    robot_token: str
    opened: dict[tuple[str, float], GitHubForge] = field(default_factory=dict)

    def forges(self, way: str, *, patience_s: float = 3.0, **changes: str) -> GitHubForges:
        """Fresh forges for ``app`` or ``token``; ``changes`` replace credentials."""
        given = (
            {
                "app_id": str(self.credentials.app_id),
                "app_key": self.credentials.private_key_pem,
            }
            if way == "app"
            else {"token": self.robot_token}
        )
        return GitHubForges(
            url=self.hub.url,
            repositories=[REPOSITORY],
            data=self.data,
            patience_s=patience_s,
            **(given | changes),
        )

    def forge(self, way: str = "app", *, patience_s: float = 3.0) -> GitHubForge:
        """The repository's forge, which the module's tests share as jobs do."""
        if (way, patience_s) not in self.opened:
            self.opened[way, patience_s] = self.forges(way, patience_s=patience_s).open(REPOSITORY)
        return self.opened[way, patience_s]

    def pull_request(self, branch: str, author: str = "ada") -> int:
        """A pull request that adds a file; its number."""
        self.push(branch, f"branch: {branch}\n", author)
        return self.hub.open_pull_request(
            REPOSITORY, author=author, head=branch, title=f"Add {branch}"
        )

    def push(self, branch: str, content: str = "x: 1\n", author: str = "ada") -> str:
        """Commit a file of the branch's name to it; the commit."""
        files = {f"specs/dev/{branch}.yaml": content}
        return self.hub.push_files(REPOSITORY, branch, files, author)


def build(hub: LocalGitHub, data: Path) -> ForgeWorld:
    """People, rights, a team, the repository, the App and the robot."""
    for login in ("ada", "bob", "eve", "mia", "tom"):
        hub.create_user(login)
    robot_token = hub.create_user("robot")
    hub.create_org("acme", {"ada": "member", "robot": "admin"})
    hub.create_org("other", {"robot": "admin"})
    hub.create_team("acme", "platform", ["bob"])
    hub.create_team("other", "platform", ["eve"])
    hub.create_repository("acme", "infra", files=FILES)
    for login, role in (
        ("ada", "write"),
        ("bob", "admin"),
        ("mia", "maintain"),
        ("tom", "triage"),
        ("robot", "admin"),
    ):
        hub.set_permission(REPOSITORY, login, role)
    credentials = hub.create_app("gitbot", "acme")
    return ForgeWorld(hub=hub, data=data, credentials=credentials, robot_token=robot_token)
