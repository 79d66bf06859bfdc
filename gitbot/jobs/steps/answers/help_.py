"""``/help``: list the commands and the environments. Shell."""

from __future__ import annotations

from gitbot.decisions.commands.table import TABLE
from gitbot.jobs.steps.answers.request import Request
from gitbot.render.comments import help_comment


def answer(request: Request) -> str:
    """The list of commands and environments."""
    lines = tuple(line for verb in TABLE for line in verb.lines)
    return help_comment(lines, tuple(sorted(request.seen.at_tip.environments)))
