"""Answer a lookup: list what fits by the row of its type, and read it with the type's handler. Shell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.lookups import (
    MOST_FOUND,
    Answer,
    LookupRule,
    Pick,
    Question,
    Unanswered,
    holds_secrets,
    lists,
)
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.schema import Route
from gitbot.providers.aws.lookup_table import ROWS, TAGS, Row

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

Read = Callable[[Sequence[ReadRequest]], Mapping[Address, Observation]]
Objects = Mapping[str, Mapping[str, Any]]
"""Objects by identifier."""


def answer(
    aws: Connection, read: Read, rules: Collection[LookupRule], question: Question
) -> Answer:
    """What the cloud says to the question. Only objects that the rules list count as found.

    Raises:
        CloudError: nothing was found, or too much, or it is not shown; or AWS refused.
        TransientError: AWS did not answer.
    """
    row = ROWS.get(question.type)
    ids = [question.identifier] if question.identifier is not None else None
    found: Objects = {}
    if row is not None and (ids is None or row.shows):
        found = _listed(aws, read, rules, row, question, ids)
        ids = list(found)
    allowed = [one for one in ids or () if lists(rules, question.type, one, question.attributes)]
    chosen = _chosen(question, row, found, allowed)
    shown = [found[one] for one in chosen] if row is not None and row.shows else []
    if row is None or not row.shows:
        shown = _read(read, question, chosen)
    return _answer(question, chosen, shown)


def _listed(
    aws: Connection,
    read: Read,
    rules: Collection[LookupRule],
    row: Row,
    question: Question,
    ids: list[str] | None,
) -> Objects:
    """The objects that fit, by identifier."""
    parameters: dict[str, Any] = {name: value for name, value in row.fixed.items()}
    filters = dict(question.filter)
    for name, (type_, attribute) in row.through.items():
        if name in filters:
            ids = [_through(aws, read, rules, question, type_, attribute, str(filters.pop(name)))]
    if ids is not None:
        parameters[row.by_id] = ids if row.listed else ids[0]
    domains = {name: _domains(filters.pop(name)) for name in row.domains & filters.keys()}
    ec2 = list(parameters.get("Filters", ()))
    for name, value in sorted(filters.items()):
        ec2 += _filter(row, parameters, name, value)
    if ec2:
        parameters["Filters"] = ec2
    try:
        elements = _elements(aws, row, parameters)
    except CloudError as error:
        if error.code in row.absent or error.code.endswith(".NotFound"):
            return {}
        raise
    found = {
        str(one[row.identifier]).removeprefix(row.before): one
        for one in elements
        if all(_domains(one[name]) <= wanted for name, wanted in domains.items())
    }
    for name, value in row.never.items():
        if any(one.get(name) == value for one in found.values()):
            raise CloudError(
                f"{question.type} {', '.join(sorted(found))} is a {value}, which no lookup reads.",
                code=Unanswered.SECRET,
            )
    return found


def _through(
    aws: Connection,
    read: Read,
    rules: Collection[LookupRule],
    question: Question,
    type_: str,
    attribute: str,
    identifier: str,
) -> str:
    """The identifier that an attribute of another object gives."""
    asked = Question(
        address=question.address, type=type_, identifier=identifier, attributes=(attribute,)
    )
    return str(answer(aws, read, rules, asked).attributes[attribute])


def _filter(row: Row, parameters: dict[str, Any], name: str, value: Any) -> list[dict[str, Any]]:
    """Put the filter into the parameters, or return it as filters of EC2."""
    if name == TAGS:
        return [
            {"Name": f"tag:{key}", "Values": _texts(wanted)}
            for key, wanted in sorted(value.items())
        ]
    place = row.filters[name]
    if place.startswith("filter:"):
        return [{"Name": place.removeprefix("filter:"), "Values": _texts(value)}]
    parameters[place] = _texts(value)
    return []


def _texts(value: Any) -> list[str]:
    values = value if isinstance(value, (list, tuple)) else [value]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in values]


def _domains(value: Any) -> set[str]:
    """The domains as they are compared: in small letters, without the dot at the end."""
    return {one.lower().removesuffix(".") for one in _texts(value)}


def _elements(aws: Connection, row: Row, parameters: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    service, operation = row.call
    if row.paged:
        return list(aws.pages(service, operation, row.under, **parameters))
    told = aws.call(service, operation, **parameters)
    under = told.get(row.under, ()) if row.under else told
    return [under] if isinstance(under, Mapping) else list(under)


def _chosen(question: Question, row: Row | None, found: Objects, ids: Sequence[str]) -> list[str]:
    """The identifiers that the lookup takes, of those that fit and are listed."""
    if not ids:
        raise CloudError(
            f"there is no {question.type} that fits and that the environment lists.",
            code=Unanswered.NOT_FOUND,
        )
    if question.pick is Pick.NEWEST and row is not None and row.dated:
        return [max(ids, key=lambda one: (str(found[one].get(row.dated, "")), one))]
    if question.pick is Pick.ONE and len(ids) > 1:
        some = ", ".join(sorted(ids)[:5])
        raise CloudError(
            f"{len(ids)} objects of {question.type} fit: {some}{', …' if len(ids) > 5 else ''}.",
            code=Unanswered.AMBIGUOUS,
        )
    if len(ids) > MOST_FOUND:
        raise CloudError(
            f"{len(ids)} objects of {question.type} fit; at most {MOST_FOUND} can be taken.",
            code=Unanswered.AMBIGUOUS,
        )
    return sorted(ids)


def _read(read: Read, question: Question, ids: Sequence[str]) -> list[Mapping[str, Any]]:
    """The objects as the handler of their type shows them."""
    requests = [
        ReadRequest(
            address=Address(f"{question.address}/{number}"),
            type=question.type,
            remote_id=RemoteId(one),
            route=Route.NATIVE,
            surfaces=frozenset(question.attributes),
        )
        for number, one in enumerate(ids)
    ]
    seen = read(requests)
    found = []
    for request in requests:
        one = seen[request.address]
        if not isinstance(one, Present):
            raise CloudError(
                f"there is no {question.type} {request.remote_id}.",
                code=Unanswered.NOT_FOUND,
            )
        found.append(one.properties)
    return found


def _answer(question: Question, ids: Sequence[str], shown: Sequence[Mapping[str, Any]]) -> Answer:
    each = [{name: one.get(name) for name in question.attributes} for one in shown]
    secret = sorted(
        {name for one in each for name, value in one.items() if holds_secrets({name: value})}
    )
    if secret:
        raise CloudError(
            f"{', '.join(secret)} of {question.type} holds what no lookup reads.",
            code=Unanswered.SECRET,
        )
    attributes: dict[str, Any] = each[0]
    if question.pick is Pick.ALL:
        attributes = {name: [one[name] for one in each] for name in question.attributes}
    return Answer(identifiers=tuple(ids), attributes=attributes)
