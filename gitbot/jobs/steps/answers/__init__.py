"""The functions that carry out commands, one module each. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.jobs.steps.answers import (
    apply,
    cancel,
    drift_,
    expiry,
    freeze,
    help_,
    hours,
    plan,
    promote,
    unlock,
)
from gitbot.jobs.steps.answers.request import Answer, Request

ANSWERS: Mapping[str, Answer] = {
    "plan": plan.answer,
    "apply": apply.answer,
    "unlock": unlock.answer,
    "drift": drift_.answer,
    "extend": expiry.extend,
    "keep": expiry.keep,
    "destroy": expiry.destroy,
    "freeze": freeze.freeze,
    "unfreeze": freeze.unfreeze,
    "cancel": cancel.answer,
    "wake": hours.wake,
    "sleep": hours.sleep,
    "promote": promote.answer,
    "help": help_.answer,
}
"""The function for each verb of the command table (``decisions/commands/table.py``)."""

__all__ = ["ANSWERS", "Answer", "Request"]
