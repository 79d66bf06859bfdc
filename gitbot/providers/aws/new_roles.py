"""Tell whether a refusal can come of a role or policy that IAM has not spread yet. Shell.

https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from gitbot.errors import CloudError, TransientError, UserError
from gitbot.model.cloud import Operation
from gitbot.providers.aws.connection import Connection

_ROLE: Final = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/(?:[^\s\"/]+/)*([\w+=,.@-]+)")


def may_lag(aws: Connection, operation: Operation, error: CloudError, within_s: float) -> bool:
    """Whether gitbot changed something of IAM's so shortly ago, or somebody made a role that the operation names.

    True also where nobody can tell: no role is named, it is another account's, or IAM may not be asked.
    """
    since = aws.clock.now() - timedelta(seconds=within_s)
    if aws.iam_changes.since(aws.account, since):
        return True
    roles = {
        found
        for text in _texts([operation.properties, str(error)], aws.account)
        for found in _named(text)
    }
    return not roles or any(
        account != aws.account or _is_new(aws, name, since) for account, name in roles
    )


def _is_new(aws: Connection, name: str, since: datetime) -> bool:
    try:
        made: datetime = aws.call("iam", "get_role", RoleName=name)["Role"]["CreateDate"]
    except CloudError as error:
        return error.code != "NoSuchEntity"
    except (TransientError, UserError):
        return True
    return made >= since


def _named(text: str) -> Iterator[tuple[str, str]]:
    return ((found[1], found[2].rstrip(".,")) for found in _ROLE.finditer(text))


def _texts(value: Any, account: str) -> Iterator[str]:
    """The texts in the value. A role that a property of that name has without its ARN is given the ARN."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from _texts(item, account)
            if name.endswith("Role") and isinstance(item, str) and not item.startswith("arn:"):
                yield f"arn:aws:iam::{account}:role/{item}"
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from _texts(item, account)
