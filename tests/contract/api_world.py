"""Give tests the API of a server, beside a local GitHub. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gitbot.adapters.github import GitHubForges
from gitbot.adapters.github.device import GitHubDeviceLogins
from gitbot.adapters.queue import DurableQueue
from gitbot.bootstrap.engine import Opened, open_engine
from gitbot.bootstrap.jobs import JOBS
from gitbot.jobs.steps.look import Ports
from gitbot.model.events import TextWritten
from gitbot.model.expiry import Life
from gitbot.model.logins import TOKEN_LIFE, ApiToken, digest_of, new_token
from gitbot.model.names import EnvironmentKey, Sha, StackId
from gitbot.model.places import SqlitePlace
from gitbot.model.recorded import RecordedOutput
from gitbot.model.time import At, Missed, Schedule, Work
from gitbot.model.values import Redacted
from gitbot.webhooks.api import ROUTES, Api, Limits, blueprint
from gitbot.webhooks.app import create_app
from gitbot_sandbox.github import AppCredentials, LocalGitHub
from tests.contract.state_world import NOON, resource

REPOSITORY, SECRET = "acme/infra", "acme/secret"
ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec: {region: us-east-1, timezone: Europe/Berlin}
"""
ROOT = "/api/v1"
COMMIT = Sha("c" * 40)
DIGEST = "d1" * 32


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiWorld:
    """``ada`` may write ``acme/infra`` and read nothing else; ``eve`` may read nothing."""

    hub: LocalGitHub
    opened: Opened
    ports: Ports
    device_logins: GitHubDeviceLogins
    credentials: AppCredentials
    folder: Path
    heard: list[TextWritten] = field(default_factory=list)

    def app(self, limits: Limits | None = None, *, login: bool = True) -> Flask:
        """A server that has heard of nobody yet."""
        api = Api(
            ports=self.ports,
            repositories=[REPOSITORY, SECRET],
            device_logins=self.device_logins if login else None,
        )
        made = create_app(secrets=["s" * 16], hear=lambda _: None)
        made.register_blueprint(blueprint(api, ROUTES, limits))
        return made

    def client(self, limits: Limits | None = None) -> FlaskClient:
        """A client of such a server."""
        return self.app(limits).test_client()

    def database(self) -> bytes:
        """Everything that the server has written to its database."""
        return b"".join(file.read_bytes() for file in self.folder.glob("gitbot.db*"))

    def token(self, login: str, life: timedelta = TOKEN_LIFE, account: int | None = None) -> str:
        """A new token of the person."""
        made, now = new_token(), self.opened.clock.now()
        self.opened.records.tokens.put(
            ApiToken(
                digest=digest_of(made),
                account=account or self.hub.hub.user(login).id,
                login=login,
                made_at=now,
                expires_at=now + life,
            )
        )
        return made


@contextmanager
def api_world(folder: Path) -> Iterator[ApiWorld]:
    """The world, with what a server makes when it starts."""
    with (
        LocalGitHub(folder / "hub") as hub,
        open_engine(SqlitePlace(folder / "gitbot.db"), hash_key="k" * 32) as opened,
    ):
        for login in ("ada", "eve"):
            hub.create_user(login)
        hub.create_org("acme", {})
        files = {"specs/dev/environment.yaml": ENVIRONMENT}
        for name in (REPOSITORY, SECRET):
            hub.create_repository(*name.split("/"), files=files)
        hub.set_permission(REPOSITORY, "ada", "write")
        app = hub.create_app("gitbot", "acme")
        heard = list[TextWritten]()
        forges = GitHubForges(
            url=hub.url,
            repositories=[REPOSITORY, SECRET],
            data=folder,
            app_id=str(app.app_id),
            app_key=app.private_key_pem,
            patience_s=1.0,
        )
        for name in (REPOSITORY, SECRET):
            found = forges.open(name).repository()
            opened.records.journal.note_repository(found.id, found.full_name)
            _fill(opened, EnvironmentKey(repository=found.id, environment="dev"))
        queue = DurableQueue(
            folder / "jobs.db", dict.fromkeys(JOBS, lambda _: None), executor_id="one"
        )
        ports = Ports(
            engine=opened.engine,
            forges=forges,
            records=opened.records,
            queue=queue,
            hear=heard.append,
        )
        queue.start()
        try:
            hub.switch_device_flow(app.app_id, on=True)
            logins = GitHubDeviceLogins(
                url=hub.api_url, client_id=app.client_id, client_secret=app.client_secret
            )
            yield ApiWorld(
                hub=hub,
                opened=opened,
                ports=ports,
                heard=heard,
                device_logins=logins,
                credentials=app,
                folder=folder,
            )
        finally:
            queue.stop(drain_s=5)


def _fill(opened: Opened, dev: EnvironmentKey) -> None:
    """Two stacks in one region, one in two, and a scan that waits for its time."""
    state = opened.engine.state
    lease = state.acquire(dev, "me", timedelta(minutes=1))
    hidden = Redacted(digest=DIGEST, key_id="k")
    outputs = {
        "arn": RecordedOutput(value="arn:aws:s3:::b"),
        "password": RecordedOutput(value=hidden, sensitive=True),
    }
    for name, region in (
        ("bucket", "us-east-1"),
        ("trainer", "us-east-1"),
        ("web", "eu-west-1"),
        ("web", "us-east-1"),
    ):
        stack = StackId(
            repository=dev.repository, environment=dev.environment, name=name, region=region
        )
        made = resource(
            remote_id=f"{name}-{region}", region=region, properties={"Secret": hidden, "Size": 3}
        )
        lineage = state.read(stack).lineage
        state.put(lease, stack, lineage, made)
        state.complete(lease, stack, lineage, outputs, "h" * 64, COMMIT, Life(at=NOON))
    state.release(lease)
    scan = Schedule(
        name="scan",
        environment=dev,
        work=Work.DRIFT,
        when=At(instant=NOON),
        why="look for drift",
        missed=Missed.ONCE,
    )
    opened.records.schedules.replace(dev, Work.DRIFT, [scan], at=NOON - timedelta(days=1))


def ask(client: FlaskClient, path: str, token: str = "", **more: Any) -> TestResponse:
    """The answer to a GET below the API's root."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return client.open(ROOT + path, **{"method": "GET", "headers": headers, **more})
