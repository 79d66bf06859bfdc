"""What each command does: one module a command, named in the table of answers. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.jobs.steps.answers import apply, help_, plan, unlock
from gitbot.jobs.steps.answers.request import Answer, Request

ANSWERS: Mapping[str, Answer] = {
    "plan": plan.answer,
    "apply": apply.answer,
    "unlock": unlock.answer,
    "help": help_.answer,
}
"""The function that answers each verb of the command table (``decisions/commands``)."""

__all__ = ["ANSWERS", "Answer", "Request"]
