"""``/drift``: what to do about the drift that an issue shows. Shell."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.errors import UserError
from gitbot.jobs.steps.answers import drift_adopt, drift_apply, drift_ignore
from gitbot.jobs.steps.answers.request import Answer, Request

_FORMS: Mapping[str, Answer] = {
    "apply": drift_apply.answer,
    "adopt": drift_adopt.answer,
    "ignore": drift_ignore.answer,
}


def answer(request: Request) -> str | None:
    """Carry out the form of the command that was written."""
    form = _FORMS.get(request.command.form or "")
    if form is None:
        # An earlier version knew this form, and recorded the command.
        raise UserError(f"`/drift {request.command.form}` is not a command any more")
    return form(request)
