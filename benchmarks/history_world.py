"""Give the benchmark many stacks and pull requests, and the jobs' ports on a filled database.
Shell."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from benchmarks.history_rows import REGION, RESOURCES, name_of
from gitbot.adapters.github import GitHubForges
from gitbot.adapters.queue import DurableQueue
from gitbot.bootstrap.engine import open_engine
from gitbot.bootstrap.listener import Listener
from gitbot.decisions.freshness import Touched, mark
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.wake import read_tip_facts
from gitbot.model.keys import ApplyEnvironment, JobKey, PlanPullRequest, PruneRuns
from gitbot.model.places import SqlitePlace

OWNER, AUTHOR, NAME = "acme", "bob", "acme/cloud"
TOUCHES = 5
"""Every fifth pull request touches a stack; the others touch no spec."""
_ENVIRONMENT = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {name: dev}\n"
    f"spec: {{region: {REGION}}}\n"
)


class GitHubProcess:
    """``python -m gitbot_sandbox.github``, whose processor time is not counted."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gitbot_sandbox.github", "--root", str(self._root)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        said = self._process.stdout.readline() + self._process.stdout.readline()
        found = re.findall(r"http://\S+", said)
        if len(found) != 2:
            self._end()
            raise RuntimeError(f"the local GitHub did not start: {said}")
        self._pages, self.api_url = found
        self.do("create_org", login=OWNER)
        self.do("create_user", login=AUTHOR)
        self.app = self.do("create_app", name="gitbot", account=OWNER)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=20)

    def do(self, action: str, **arguments: Any) -> Any:
        """Do what a person would do by hand; returns the action's result."""
        return self._ask("do/" + action, json.dumps(arguments).encode())["result"]

    def calls(self) -> int:
        """How many calls the API has answered so far. Requests of git are not counted."""
        found = self._ask("log/calls")
        return sum(".git/" not in call["path"] for call in found)

    def _ask(self, path: str, data: bytes | None = None) -> Any:
        request = urllib.request.Request(
            f"{self._pages}/_sandbox/{path}", data, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as reply:
            return json.loads(reply.read())


class Project:
    """The repository, with stacks of a few buckets, and pull requests on demand."""

    def __init__(self, github: GitHubProcess, stacks: int) -> None:
        self.github = github
        self.stacks = stacks
        self._open: dict[int, int | None] = {}
        files = {"README.md": "# Cloud\n", "specs/dev/environment.yaml": _ENVIRONMENT}
        files |= {spec_file(number): spec_text(number) for number in range(stacks)}
        github.do("create_repository", owner=OWNER, name="cloud", files=files)
        github.do("set_permission", full_name=NAME, login=AUTHOR, permission="write")
        self.merged = self._open_one("merged", "notes/merged.md")
        github.do("merge", full_name=NAME, number=self.merged, author=AUTHOR)

    def open_until(self, count: int) -> None:
        """Open pull requests until ``count`` are open."""
        while (number := len(self._open)) < count:
            touched = number // TOUCHES if number % TOUCHES == 0 else None
            path = f"notes/{number}.md" if touched is None else spec_file(touched)
            self._open[self._open_one(f"change-{number}", path, touched)] = touched

    def _open_one(self, branch: str, path: str, touched: int | None = None) -> int:
        self.push(path, "a note\n" if touched is None else spec_text(touched, "proposed"), branch)
        made = self.github.do(
            "open_pull_request", full_name=NAME, author=AUTHOR, head=branch, title=branch
        )
        return int(made)

    def push(self, path: str, text: str, branch: str = "main") -> None:
        """Commit one file to the branch."""
        self.github.do(
            "push_files", full_name=NAME, branch=branch, files={path: text}, author=AUTHOR
        )

    @property
    def touched(self) -> dict[int, int | None]:
        """Each open pull request with the number of the stack that it touches."""
        return dict(self._open)

    @property
    def bystander(self) -> int | None:
        """An open pull request that touches no spec."""
        return next((number for number, stack in self._open.items() if stack is None), None)


def spec_file(number: int) -> str:
    """The file of the stack with this number."""
    return f"specs/dev/{name_of(number)}.yaml"


def spec_text(number: int, word: str = "first") -> str:
    """The stack's spec; another ``word`` gives it another desired hash."""
    name = name_of(number)
    head = f"apiVersion: gitbot/v1\nkind: Stack\nmetadata: {{name: {name}}}\nspec:\n  resources:\n"
    return head + "".join(
        f"    bucket_{each}:\n      type: AWS::S3::Bucket\n"
        f"      properties: {{BucketName: bench-{name}-{each}-{word}}}\n"
        for each in range(RESOURCES)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryWorld:
    """A project, and the ports of the jobs on a database of its own."""

    project: Project
    ports: Ports
    queue: DurableQueue
    repository: str

    def settle(self, seen: Look) -> None:
        """Record that every open pull request was planned for this tip, which was applied."""
        facts = read_tip_facts(self.ports, seen)
        for each in seen.forge.open_pull_requests():
            stack = self.project.touched[each.number]
            names = () if stack is None else (name_of(stack),)
            touched = [Touched(environment="dev", stacks=names, shared=False)] if names else []
            known = mark(each, facts, touched, leave=False)
            self.ports.records.pull_requests.put_planned(self.repository, each.number, known)
        self.ports.records.journal.put_applied_tip(seen.key("dev"), seen.tip)


def open_forges(github: GitHubProcess, data: Path) -> GitHubForges:
    """The forge of the project, signed in as the App; its mirror is below ``data``."""
    return GitHubForges(
        url=github.api_url,
        repositories=[NAME],
        data=data,
        app_id=str(github.app["app_id"]),
        app_key=github.app["private_key_pem"],
    )


@contextmanager
def world(project: Project, forges: GitHubForges, data: Path) -> Iterator[HistoryWorld]:
    """The ports on the database ``data/gitbot.db``. Jobs are enqueued, but do nothing."""
    repository = forges.open(NAME).repository().id
    queue = DurableQueue(
        data / "jobs.db",
        dict.fromkeys((PlanPullRequest, ApplyEnvironment, PruneRuns), _leave),
        executor_id="benchmark",
        poll_s=600.0,
    )
    queue.start()
    try:
        with open_engine(
            SqlitePlace(data / "gitbot.db"), hash_key="0" * 32, cache=data.parent / "cache"
        ) as opened:
            records = opened.records
            listener = Listener(
                commands=records.commands,
                pull_requests=records.pull_requests,
                said=records.said,
                drift=records.drift,
                freezes=records.freezes,
                queue=queue,
                login=forges.login,
            )
            yield HistoryWorld(
                project=project,
                ports=Ports(
                    engine=opened.engine,
                    forges=forges,
                    records=records,
                    queue=queue,
                    hear=listener.hear_text,
                ),
                queue=queue,
                repository=repository,
            )
    finally:
        queue.stop(5)


def _leave(key: JobKey) -> None:
    """Do nothing: enqueueing the job is measured, not running it."""
