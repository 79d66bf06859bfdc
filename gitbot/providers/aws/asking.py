"""Make the calls of a service in CloudFormation's spelling. Shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gitbot.providers.aws.renaming import from_api, to_api

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection
    from gitbot.providers.aws.dialect import Dialect


def ask(
    aws: Connection, dialect: Dialect, call: str, /, *, once: bool = False, **parameters: Any
) -> Any:
    """Make one call; ``once``: it must not be served twice. Returns the answer.

    Where the dialect renames, parameters and answer have CloudFormation's names. Raises the errors of
    ``Connection.call``.
    """
    make = aws.call_once if once else aws.call
    if not dialect.renames:
        return make(dialect.service, call, **parameters)
    model = aws.model(dialect.service, call)
    answer = make(dialect.service, call, **to_api(model.input_shape, parameters))
    return from_api(model.output_shape, answer)


def ask_pages(
    aws: Connection, dialect: Dialect, call: str, key: str, /, **parameters: Any
) -> list[Any]:
    """The elements under ``key`` of all pages, with names as in ``ask``.

    Raises the errors of ``Connection.pages``.
    """
    if not dialect.renames:
        return list(aws.pages(dialect.service, call, key, **parameters))
    model = aws.model(dialect.service, call)
    own = {name.lower(): name for name in model.output_shape.members}[key.lower()]
    elements = aws.pages(dialect.service, call, own, **to_api(model.input_shape, parameters))
    return list(from_api(model.output_shape.members[own], list(elements)))


def inside(answer: Any, path: str) -> Any:
    """What an answer has at the path, such as ``Tags`` or ``Sets/0/Tags``; None for nothing."""
    for step in path.split("/"):
        if not answer:
            return None
        answer = answer[int(step)] if step.isdigit() else answer.get(step)
    return answer
