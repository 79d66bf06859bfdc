"""Compute the outputs of a stack, and which of them an apply would set, change or remove. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.desired import DesiredOutput
from gitbot.model.plan import OutputChange
from gitbot.model.recorded import RecordedOutput
from gitbot.model.values import Redactor, Unknown, Value, is_known, redact, reveal


def output_value(output: DesiredOutput, bound: Value, redactor: Redactor) -> Value:
    """The output's value as plans and state have it; a sensitive one only as its hash."""
    if output.sensitive and is_known(bound) and bound is not None:
        return redactor(reveal(bound))
    if output.sensitive and isinstance(bound, Unknown):
        return Unknown(
            template=bound.template,
            inputs=redact(bound.inputs, redactor),
            references=bound.references,
            sensitive=True,
        )
    value: Value = redact(bound, redactor)
    return value


def output_changes(
    desired: Mapping[str, DesiredOutput],
    bound: Mapping[str, Value],
    recorded: Mapping[str, RecordedOutput],
    redactor: Redactor,
) -> tuple[OutputChange, ...]:
    """The outputs that differ from the recorded ones, by name."""
    changes: list[OutputChange] = []
    for name in sorted(desired.keys() | recorded.keys()):
        was, wanted = recorded.get(name), desired.get(name)
        if wanted is None:
            before = None if was is None else was.value
            hidden = was is not None and was.sensitive
            changes.append(OutputChange(name=name, before=before, removed=True, sensitive=hidden))
            continue
        after = output_value(wanted, bound[name], redactor)
        if was is None:
            changes.append(
                OutputChange(name=name, after=after, added=True, sensitive=wanted.sensitive)
            )
        elif was.value != after or was.sensitive != wanted.sensitive:
            sensitive = wanted.sensitive or was.sensitive
            changes.append(
                OutputChange(name=name, before=was.value, after=after, sensitive=sensitive)
            )
    return tuple(changes)
