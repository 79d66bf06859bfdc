"""Writes the state of stacks as one document, reads it back, and decides whether it may be pushed. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import cattrs

from gitbot.decisions.state_migration import as_it_was
from gitbot.errors import RefusedError, UserError
from gitbot.model.codec import as_stored, from_data, to_data
from gitbot.model.names import ADDRESS_PATTERN, EnvironmentKey
from gitbot.model.recorded import RecordedResource, RecordedStack
from gitbot.reconciler.leases import refuse_moved

KIND = "gitbot state"
FORMAT = 1
_LARGEST = 2**53
"""Also JSON of other programs keeps whole numbers below this (RFC 8259, section 6)."""
_UNSAID = ("serial", "done", "moved", "resources")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """The states of an environment, or of one of its stacks."""

    environment: EnvironmentKey
    stacks: tuple[RecordedStack, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What a push makes of the state of one stack.

    ``differences`` say so in words. ``overrides`` are the checks that were switched off and said no.
    """

    before: RecordedStack
    after: RecordedStack
    differences: tuple[str, ...]
    overrides: tuple[str, ...] = ()


def document_of(environment: EnvironmentKey, states: Iterable[RecordedStack]) -> Mapping[str, Any]:
    """The document. A copy of what another store has is in it as it was when it was moved."""
    return {
        "kind": KIND,
        "format": FORMAT,
        "repository": environment.repository,
        "environment": environment.environment,
        "stacks": [to_data(replace(as_it_was(state), done=None)) for state in states],
    }


def read_document(text: str) -> Document:
    """The document that the text is.

    Raises:
        UserError: it is none, or one of a newer gitbot, or does not fit together.
    """
    try:
        data = json.loads(text)
        json.dumps(data, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise UserError(f"this is no JSON that state can be made of: {error}") from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise UserError(
            f'this is no state: a document that `gitbot state pull` wrote has kind "{KIND}"'
        )
    if not isinstance(data.get("format"), int) or data["format"] < 1:
        raise UserError(f"the document says no format; this gitbot writes format {FORMAT}")
    if data["format"] > FORMAT:
        raise UserError(
            f"a newer gitbot wrote the document (format {data['format']}, this one knows {FORMAT}): use that one"
        )
    try:
        key = EnvironmentKey(
            repository=str(data["repository"]), environment=str(data["environment"])
        )
        stacks = tuple(_state(one) for one in _list(data["stacks"]))
    except TypeError as error:
        raise UserError(f"the document has something that state never keeps: {error}") from error
    except (KeyError, cattrs.BaseValidationError) as error:
        raise UserError(f"the document is damaged: {_first(error)}") from error
    _check_stacks(key, stacks)
    return Document(environment=key, stacks=stacks)


def _state(data: Any) -> RecordedStack:
    """The state, as a store keeps it. Raises TypeError when it has a sensitive value."""
    state = as_stored(from_data(data, RecordedStack))
    return replace(state, resources=dict(sorted(state.resources.items())))


def _list(stacks: Any) -> list[Any]:
    """The stacks as they are written. Raises UserError where a value is of another kind, which would be turned into a text."""
    if not isinstance(stacks, list):
        raise UserError("the document is damaged: stacks is no list")
    for stack in stacks:
        if not isinstance(stack, dict) or not isinstance(stack.get("resources"), dict):
            raise UserError("the document is damaged: a stack has no map of resources")
        serial = stack.get("serial")
        if type(serial) is int and not 0 <= serial < _LARGEST:
            raise UserError(f"the document is damaged: {serial} is no serial")
        for at, one in stack["resources"].items():
            for name in ("type", "remote_id", "account", "region"):
                value = one.get(name) if isinstance(one, dict) else None
                if not isinstance(value, str) or not value:
                    raise UserError(f"the document is damaged: {name} of {at!r} is no text")
    return stacks


def _first(error: Exception) -> str:
    """The first thing that is wrong, and where."""
    if isinstance(error, KeyError):
        return f"it has no {error.args[0]!r}"
    return cattrs.transform_error(error)[0]


def _check_stacks(key: EnvironmentKey, stacks: Sequence[RecordedStack]) -> None:
    names = [one.id for one in stacks]
    for state in stacks:
        label = state.id.label
        if state.id.environment_key != key:
            raise UserError(
                f"the document is of {key.environment} and has a stack {label} of {state.id}"
            )
        if names.count(state.id) > 1:
            raise UserError(f"the document has {label} twice")
        for at, resource in state.resources.items():
            if at != resource.address or not re.fullmatch(ADDRESS_PATTERN, at):
                raise UserError(
                    f"the document has {resource.address!r} at the address {at!r} of {label}"
                )


def push_of(wanted: RecordedStack, found: RecordedStack, *, force: bool) -> Push | None:
    """What a push makes of ``found``, the state in the store; None if both are the same.

    ``force`` switches off the checks of serial and lineage, as in Terraform, and no other. A store that
    never had the stack takes the document as it is, also with what an apply left open.

    Raises:
        UserError: an apply of the stack was cut off, or another store has its state.
        RefusedError: the lineage is another one, or the serial is not higher.
    """
    label = found.id.label
    refuse_moved(found)
    wanted = replace(wanted, id=found.id, moved=None, done=found.done)
    differences = tuple(_differences(found, wanted))
    if found.serial == 0:
        return Push(before=found, after=wanted, differences=differences)
    if not differences and wanted.serial == found.serial:
        return None
    for state, where in ((found, "the store"), (wanted, "the document")):
        if state.intents:
            raise UserError(
                f"an apply of {label} was cut off in the middle of a change of {state.intents[0].address}, says "
                f"{where}: nothing is known of its result. Apply the stack first, then pull it again"
            )
    said = tuple(_refusals(wanted, found))
    if said and not force:
        raise RefusedError(f"{label} is not pushed: {'; '.join(said)}")
    after = replace(
        wanted,
        complete=False,
        edited=found.edited or found.complete,
    )
    return Push(before=found, after=after, differences=differences, overrides=said)


def _refusals(wanted: RecordedStack, found: RecordedStack) -> Iterator[str]:
    if wanted.lineage != found.lineage:
        yield (
            f"the document is of lineage {wanted.lineage}, and the store has lineage {found.lineage}: "
            "objects that carry the one do not belong to the other"
        )
    if wanted.serial < found.serial:
        yield (
            f"the document has serial {wanted.serial}, and the store serial {found.serial}: it was changed "
            "since you pulled it. Pull it again"
        )
    if wanted.serial == found.serial:
        yield (
            f"the document and the store have both serial {found.serial}, and differ: if you changed what you "
            f"pulled, give it serial {found.serial + 1}"
        )


def _differences(before: RecordedStack, after: RecordedStack) -> Iterator[str]:
    """In words: resources that come, go and change, and other fields."""
    for at in sorted(before.resources.keys() | after.resources.keys()):
        one, other = before.resources.get(at), after.resources.get(at)
        if one is None and other is not None:
            yield f"+ {at}  {other.type}  {other.remote_id}"
        elif other is None and one is not None:
            yield f"- {at}  {one.type}  {one.remote_id}"
        elif one is not None and other is not None and one != other:
            yield f"~ {at}  {', '.join(_fields(one, other))}"
    yield from (f"~ {name}" for name in _fields(before, after) if name not in _UNSAID)


def _fields(
    one: RecordedStack | RecordedResource, other: RecordedStack | RecordedResource
) -> Sequence[str]:
    names = [field.name for field in fields(one)]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def refuse_repository(document: Document, repository: str) -> None:
    """Return when the document can be of this repository, as a store knows it.

    A store of command lines knows it by its first commit, one of a server by GitHub's id. Two ids of one
    kind can be compared.

    Raises:
        UserError: it is of another one.
    """
    theirs = document.environment.repository
    kinds = {one.startswith("commit:") for one in (theirs, repository)}
    if theirs != repository and len(kinds) == 1:
        raise UserError(
            f"the document is of another repository ({theirs}; this clone is {repository}): go to a clone of it"
        )
