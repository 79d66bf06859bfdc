"""Act in one repository of the sandbox, and read what gitbot says there. Shell."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitbot.model.said import Topic, TopicKind
from gitbot_sandbox.github.entities import CheckRun, Comment
from gitbot_sandbox.github.store import wall_clock
from gitbot_sandbox.sandbox import PATIENCE_S, WRITER, Sandbox, eventually

PLAN = Topic(kind=TopicKind.PLAN).marker
ANSWER = Topic(kind=TopicKind.ANSWER).opening
SECOND = timedelta(seconds=1)


def result_opening(environment: str) -> str:
    """The beginning of the marker in comments about an apply of the environment."""
    return Topic(kind=TopicKind.APPLY, subject=environment).opening


class Stage:
    """Acts in one repository, and waits for what gitbot does there."""

    def __init__(self, sandbox: Sandbox, name: str = "") -> None:
        self.sandbox = sandbox
        self.github = sandbox.github
        self.name = name
        self.pulls: dict[str, int] = {}
        self.patience_s = PATIENCE_S

    def open(self, branch: str, title: str, files: dict[str, str | None]) -> int:
        """Push a branch as bob and open a pull request; returns its number."""
        self.github.push_files(self.name, branch, files, WRITER, message=title)
        number = self.github.open_pull_request(self.name, author=WRITER, head=branch, title=title)
        self.pulls[branch] = number
        return number

    def approve(self, number: int, author: str, body: str = "") -> int:
        """Approve the plan that the comment shows, in a later second than it; the review's id.

        GitHub tells whole seconds. An approval in the second in which the plan came may have been
        given before it, so it does not count.
        """
        shown = self.plan_comment(number).updated_at
        eventually(lambda: wall_clock() >= shown.replace(microsecond=0) + SECOND, what="a second")
        return self.github.approve(self.name, number, author, body)

    def page(self, number: int) -> str:
        """The address of the pull request's page."""
        return f"{self.github.url}/{self.name}/pull/{number}"

    def head(self, number: int) -> str:
        """The pull request's newest commit."""
        return self.github.pull_request(self.name, number).head_sha

    def plan_comment(self, number: int) -> Comment:
        """The plan comment; waits until it shows the pull request's newest commit."""
        return self.comment(number, PLAN, self.head(number)[:7])

    def result(self, number: int, environment: str, *parts: str) -> Comment:
        """Gitbot's newest comment about an apply of the environment; waits until there is one."""
        return self.comment(number, result_opening(environment), *parts)

    def answer(self, number: int, command: int, *parts: str) -> Comment:
        """Gitbot's answer to the comment with the id ``command``."""
        asked = Topic(kind=TopicKind.ANSWER, subject=f"comment:{command}")
        return self.comment(number, asked.opening, *parts)

    def comment(self, number: int, *parts: str) -> Comment:
        """Gitbot's newest comment that has all the parts; waits until there is one."""

        def look() -> Comment | None:
            found = [
                comment
                for comment in self.github.comments(self.name, number)
                if comment.author == self.sandbox.app.login
                and all(part in comment.body for part in parts)
            ]
            return found[-1] if found else None

        return eventually(
            look, timeout_s=self.patience_s, what=f"a comment on #{number} with {parts}"
        )

    def check(self, number: int, name: str) -> CheckRun:
        """The completed check of that name on the newest commit."""

        def look() -> CheckRun | None:
            runs = self.github.repository(self.name).check_runs.values()
            sha = self.head(number)
            for run in list(runs):
                if run.sha == sha and run.name == name and run.conclusion:
                    return run
            return None

        return eventually(look, timeout_s=self.patience_s, what=f"the check {name} on #{number}")

    def move_time(self, by: str) -> datetime:
        """Move on the time that schedules go by, by a duration such as ``3h``; returns the new one.

        The server looks at what is due within a second.
        """
        return self.github.clock.advance(by)

    def instances(self) -> list[dict[str, object]]:
        """The instances in AWS that are not terminated."""
        found = self.sandbox.aws.client("ec2").describe_instances()
        return [
            instance
            for reservation in found["Reservations"]
            for instance in reservation["Instances"]
            if instance["State"]["Name"] != "terminated"
        ]
