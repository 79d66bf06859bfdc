"""A repository of which tests run the applies and promotions themselves."""

from __future__ import annotations

from dataclasses import replace

from gitbot.jobs.apply_environment import apply_environment
from gitbot.jobs.promote import promote
from gitbot.jobs.steps.look import Ports
from gitbot.model.keys import AnswerComment, ApplyEnvironment, PlanPullRequest, Promote
from gitbot.model.names import EnvironmentKey
from gitbot.model.promotion import PromotionRow
from gitbot_sandbox.github.entities import CheckRun, Issue
from gitbot_sandbox.sandbox import ADMIN
from tests.e2e.conftest import environment
from tests.e2e.drift_world import DriftWorld, Place


class Edge(Place):
    """Dev and staging, with the same stacks in both, applied; staging is promoted from dev."""

    def __init__(self, world: DriftWorld, stacks: dict[str, str], more: str = "") -> None:
        super().__init__(world, next(world._names))
        promotes = f"  promotesFrom: {{environment: dev{more}}}\n"
        self.push(
            {
                "specs/dev/environment.yaml": environment(self.project, "dev"),
                "specs/staging/environment.yaml": environment(self.project, "staging", promotes),
            }
        )
        self.merge_files(
            {
                f"specs/{name}/{stack}.yaml": text
                for name in ("dev", "staging")
                for stack, text in stacks.items()
            },
            "dev",
            "staging",
        )
        self.promote()

    def merge_files(self, files: dict[str, str | None], *environments: str) -> int:
        """Merge a planned pull request with these files, and apply it there."""
        number = self.open(files)
        self.merge(number, *environments)
        return number

    def dev(self, files: dict[str, str | None]) -> int:
        """Merge these files of dev, apply them, and promote."""
        number = self.merge_files(
            {f"specs/dev/{path}": text for path, text in files.items()}, "dev"
        )
        self.promote()
        return number

    def merge(self, number: int, *environments: str) -> None:
        """Merge a pull request, and apply the tip there."""
        self.github.merge(self.name, number, ADMIN)
        for name in environments:
            key = ApplyEnvironment(
                repository=self.id, environment=name, tip=self.tip, why=self.reason()
            )
            apply_environment(self.world.ports, key)

    def promote(self, ports: Ports | None = None, environment: str = "staging") -> None:
        """Run the promotion into the environment."""
        key = Promote(repository=self.id, environment=environment, reason=self.reason())
        promote(ports or self.world.ports, key)

    def planned(self, stack: str) -> None:
        """Plan what is open of the stack, and promote once more."""
        for number in self.open_numbers(stack):
            key = PlanPullRequest(repository=self.id, number=number, reason=self.reason())
            self.world.ports.queue.enqueue(key)
        self.world.run(PlanPullRequest)
        self.promote()

    def answer(self, number: int, text: str) -> str:
        """Say it on the pull request as an administrator, and promote; what gitbot answers."""
        self.hear(number, text, ADMIN, on_pull_request=True)
        self.world.run(AnswerComment)
        self.promote()
        return self.said(number)[-1]

    def open_numbers(self, stack: str) -> list[int]:
        """The open pull requests of gitbot that promote the stack, or its deletions."""
        repository = self.github.repository(self.name)
        return [
            number
            for number, pull in sorted(repository.pulls.items())
            if pull.head_ref.removesuffix("_deletions") == f"gitbot/promote/dev_to_staging/{stack}"
            and repository.issues[number].state == "open"
        ]

    def told(self, number: int) -> Issue:
        """Title, body and labels of a pull request."""
        return self.github.issue(self.name, number)

    def gates(self, number: int) -> CheckRun:
        """The check ``gitbot/promotion`` of its head."""
        head = self.github.pull_request(self.name, number).head_sha
        runs = self.github.repository(self.name).check_runs.values()
        return [run for run in runs if (run.sha, run.name) == (head, "gitbot/promotion")][-1]

    def origins(self, stack: str) -> tuple[int, ...]:
        """The pull requests of the source that the open promotion of the stack brings."""
        live = self.promotion(stack).live
        return () if live is None else live.origins

    def promotion(self, stack: str, environment: str = "staging") -> PromotionRow:
        """What is recorded of the stack."""
        key = EnvironmentKey(repository=self.id, environment=environment)
        rows = self.world.ports.records.promotions.of_target(key)
        return replace(next(row for row in rows if row.stack == stack))
