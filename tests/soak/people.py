"""Play people who work in one repository at random, and remember what must have come of it."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import timedelta

from gitbot_sandbox.github.store import wall_clock
from gitbot_sandbox.sandbox import ADMIN, WRITER
from gitbot_sandbox.stage import PLAN, Stage
from tests.e2e.specs import group
from tests.fault.server_world import trainer

_READ = timedelta(seconds=2)
"""GitHub tells whole seconds: whoever acts in the second of the plan may not have seen it."""


@dataclass(slots=True)
class Work:
    """A pull request that adds a stack."""

    number: int
    name: str
    applied: bool = False


class People:
    """Open, change, apply, merge and close pull requests, each with a stack of its own."""

    def __init__(self, stage: Stage, random_: random.Random) -> None:
        self.stage = stage
        self.open: list[Work] = []
        self.merged: list[Work] = []
        self.commands: list[tuple[int, int]] = []
        self.acts = 0
        self._random = random_
        self._made = 0

    def act(self) -> None:
        """Do one thing."""
        acts = [
            self._open,
            self._push,
            self._apply,
            self._merge,
            self._merge,
            self._ask,
            self._close,
        ]
        self._random.choice(acts if len(self.open) < 6 else acts[1:])()
        self.acts += 1

    def finish(self) -> None:
        """Merge what is open, each when its plan is shown."""
        for work in tuple(self.open):
            self.stage.plan_comment(work.number)
            self._merge_one(work)

    def _open(self) -> None:
        self._made += 1
        name = f"s{self._made:03}"
        text = trainer(name) if self._made % 3 == 0 else group(name)
        number = self.stage.open(name, name, {f"specs/dev/{name}.yaml": text})
        self.open.append(Work(number=number, name=name))

    def _push(self) -> None:
        if new := [work for work in self.open if not work.applied and not self._is_machine(work)]:
            work = self._random.choice(new)
            text = group(work.name, f"198.51.100.{self._random.randrange(1, 250)}/32")
            files: dict[str, str | bytes | None] = {f"specs/dev/{work.name}.yaml": text}
            self.stage.github.push_files(
                self.stage.name, work.name, files, WRITER, message="Another address"
            )

    def _apply(self) -> None:
        if (work := self._planned()) is not None and not work.applied:
            self._say(work, "/apply dev")
            work.applied = True

    def _merge(self) -> None:
        if (work := self._planned()) is not None:
            self._merge_one(work)

    def _merge_one(self, work: Work) -> None:
        self.stage.github.merge(self.stage.name, work.number, ADMIN)
        self.open.remove(work)
        self.merged.append(work)

    def _ask(self) -> None:
        if self.open:
            self._say(self._random.choice(self.open), "/help")

    def _close(self) -> None:
        new = [work for work in self.open if not work.applied]
        if len(new) > 3:
            work = self._random.choice(new)
            self.stage.github.close(self.stage.name, work.number, WRITER)
            self.open.remove(work)

    def _say(self, work: Work, body: str) -> None:
        id_ = self.stage.github.comment(self.stage.name, work.number, WRITER, body)
        self.commands.append((work.number, id_))

    def _planned(self) -> Work | None:
        """One whose plan of its newest commit is shown, and was read."""
        shown = [work for work in self.open if self._is_shown(work)]
        return self._random.choice(shown) if shown else None

    def _is_shown(self, work: Work) -> bool:
        head = self.stage.head(work.number)[:7]
        read = wall_clock() - _READ
        return any(
            comment.author == self.stage.sandbox.app.login
            and PLAN in comment.body
            and head in comment.body
            and comment.updated_at < read
            for comment in self.stage.github.comments(self.stage.name, work.number)
        )

    def _is_machine(self, work: Work) -> bool:
        return int(work.name[1:]) % 3 == 0
