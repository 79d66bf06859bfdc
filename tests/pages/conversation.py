"""What a page tells of a pull request, played on the local GitHub with a running gitbot.

In a block of the kind ``github`` each line is a sentence that somebody does or that gitbot says; the table
``SENTENCES`` has all forms. In what gitbot says, ``…`` stands for any text within a line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gitbot_sandbox.github.entities import Comment, Pull
from gitbot_sandbox.sandbox import eventually
from gitbot_sandbox.stage import Stage

_BLOCK = re.compile(r"^```github\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(slots=True)
class Told:
    """The repository of an example, and the pull request and the command that the page speaks of."""

    stage: Stage
    example: Path
    number: int = 0
    command: int = 0
    titles: int = field(default=0)

    def adds(self, who: str, title: str, names: str) -> None:
        files = {name: (self.example / name).read_text() for name in names.split(" and ")}
        self._open(who, title, files)

    def changes(self, who: str, title: str, new: str, old: str, name: str) -> None:
        text = self._at_tip(name)
        assert text.count(old) == 1, f"{name} has {old} {text.count(old)} times"
        self._open(who, title, {name: text.replace(old, new)})

    def _open(self, who: str, title: str, files: dict[str, str | None]) -> None:
        github, name, self.titles = self.stage.github, self.stage.name, self.titles + 1
        branch = f"change-{self.titles}"
        github.push_files(name, branch, files, who, message=title)
        self.number = github.open_pull_request(name, author=who, head=branch, title=title)

    def _at_tip(self, name: str) -> str:
        github = self.stage.github
        git = github.hub.git(github.repository(self.stage.name))
        return git.blob(f"main:{name}").decode()

    def plans(self, said: str) -> None:
        self._heard(self.stage.plan_comment(self.number).body, said)

    def approves(self, who: str) -> None:
        self.stage.approve(self.number, who)

    def merges(self, who: str) -> None:
        # Merge what is checked, as a protected branch wants it.
        eventually(lambda: self.stage.check(self.number, "gitbot").conclusion, what="the check")
        self.stage.github.merge(self.stage.name, self.number, who)

    def applies(self, environment: str, said: str) -> None:
        def look() -> Comment | None:
            found = self.stage.result(self.number, environment)
            return found if _has(found.body, said) else None

        try:
            eventually(look, what=said)
        except TimeoutError:
            self._heard(self.stage.result(self.number, environment).body, said)

    def says(self, who: str, line: str) -> None:
        self.command = self.stage.github.comment(self.stage.name, self.number, who, line)

    def answers(self, said: str) -> None:
        self._heard(self.stage.answer(self.number, self.command).body, said)

    def proposes(self, source: str, target: str) -> None:
        def look() -> Pull | None:
            pulls = list(self.stage.github.repository(self.stage.name).pulls.values())
            head = f"gitbot/promote/{source}_to_{target}/"
            found = [pull for pull in pulls if pull.head_ref.startswith(head)]
            issues = [self.stage.github.issue(self.stage.name, pull.number) for pull in found]
            still = [p for p, issue in zip(found, issues, strict=True) if issue.state == "open"]
            return still[-1] if still else None

        self.number = eventually(look, timeout_s=90, what=f"a promotion to {target}").number

    def passes(self, time: str) -> None:
        self.stage.move_time(time)

    @staticmethod
    def _heard(body: str, said: str) -> None:
        assert _has(body, said), f"gitbot should say: {said}\nit said:\n{body}"


def _has(body: str, said: str) -> bool:
    return re.search(re.escape(said).replace("…", ".*"), body) is not None


SENTENCES: dict[str, Callable[..., None]] = {
    r'(\w+) opens "(.+)" with `(.+)` for `(.+)` in (\S+)': Told.changes,
    r'(\w+) opens "(.+)" with (\S+(?: and \S+)*)': Told.adds,
    r"gitbot plans: (.+)": Told.plans,
    r"gitbot applies (\w+): (.+)": Told.applies,
    r"gitbot answers: (.+)": Told.answers,
    r"gitbot proposes what (\w+) has to (\w+)": Told.proposes,
    r"(\w+) approves": Told.approves,
    r"(\w+) merges": Told.merges,
    r"(\w+): (/.+)": Told.says,
    r"(\w+) pass(?:es)?": Told.passes,
}


def play(page: Path, stage: Stage) -> int:
    """Play all sentences of the page; returns how many there were."""
    told, count = Told(stage, page.parent), 0
    for line in "".join(_BLOCK.findall(page.read_text())).splitlines():
        found = next((m, do) for form, do in SENTENCES.items() if (m := re.fullmatch(form, line)))
        matched, do = found
        do(told, *matched.groups())
        count += 1
    return count
