"""Compute the outputs of a stack, and which of them an apply would set, change or remove. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from gitbot.model.codec import encode_value
from gitbot.model.desired import DesiredOutput
from gitbot.model.plan import OutputChange
from gitbot.model.recorded import RecordedOutput
from gitbot.model.secret_references import without_versions
from gitbot.model.values import (
    Redactor,
    Unknown,
    Value,
    canonical_json,
    is_known,
    redact,
    reveal,
    sha256_hex,
)


def output_value(output: DesiredOutput, bound: Value, redactor: Redactor) -> Value:
    """The output's value as plans and state have it; a sensitive one only as its hash."""
    if output.sensitive and is_known(bound) and bound is not None:
        return redactor(reveal(bound))
    if isinstance(bound, Unknown) and bound.secrets:
        # Nothing needs its value, so it is never opened: what it is made of stands for it.
        made = encode_value(redact(without_versions(bound), redactor))
        return redactor(made)
    if output.sensitive and isinstance(bound, Unknown):
        # The text of a sensitive output may be the secret itself.
        return Unknown(
            template=redactor(bound.template).digest,
            inputs=redact(bound.inputs, redactor),
            references=bound.references,
            sensitive=True,
        )
    value: Value = redact(bound, redactor)
    return value


def definition_hash(output: DesiredOutput, redactor: Redactor) -> str:
    """The SHA-256 of what the spec says of the output, whatever value that gives now."""
    said = output_value(output, output.value, redactor)
    return sha256_hex(canonical_json(encode_value(said)))


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
        if was is None or was.value != after or was.sensitive != wanted.sensitive:
            changes.append(_changed(name, wanted, after, was, redactor))
    return tuple(changes)


def _changed(
    name: str, wanted: DesiredOutput, after: Value, was: RecordedOutput | None, redactor: Redactor
) -> OutputChange:
    definition = output_value(wanted, wanted.value, redactor)
    if was is None:
        return OutputChange(
            name=name, after=after, added=True, sensitive=wanted.sensitive, definition=definition
        )
    same = was.definition == definition_hash(wanted, redactor)
    return OutputChange(
        name=name,
        before=was.value,
        after=after,
        sensitive=wanted.sensitive or was.sensitive,
        definition=definition,
        moved=same and was.sensitive == wanted.sensitive,
    )
