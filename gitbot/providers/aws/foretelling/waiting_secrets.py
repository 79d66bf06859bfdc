"""New secrets whose name a deleted one still has. Shell.

Secrets Manager keeps a deleted secret for 7 to 30 days, and its name with it.
https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_GONE: Final = frozenset({"ResourceNotFoundException"})


def concerns(deed: Deed) -> bool:
    """Whether a secret is made, and its name is known."""
    return bool(_name_of(deed))


def ask(facts: Facts, deeds: Deeds) -> Mapping[str, str]:
    """Until when the deleted secret of each name can be restored, with one call for each; "" where none waits."""
    return facts.each("secret's name", set(map(_name_of, deeds)), _deleted)


def _deleted(aws: Connection, name: str) -> str:
    try:
        found = aws.call("secretsmanager", "describe_secret", SecretId=name)
    except CloudError as error:
        ignoring(_GONE, error)
        return ""
    at = found.get("DeletedDate")
    return f"{at:%Y-%m-%d}" if at is not None and found["Name"] == name else ""


def say(answer: Mapping[str, str], concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """A remark on each secret whose name is still taken."""
    for deed in concerned:
        name = _name_of(deed)
        if at := answer[name]:
            yield Objection(
                address=deed.address,
                why=f"a deleted secret has the name `{name}` until some time after {at} and can be restored: Secrets Manager "
                "makes no other one of that name.",
                fix=f"To have it again: `aws secretsmanager restore-secret --secret-id {name}`, then plan again. For a "
                f"new one: `aws secretsmanager delete-secret --secret-id {name} --force-delete-without-recovery`, or "
                "another name.",
                remark=True,
            )


def _name_of(deed: Deed) -> str:
    if not isinstance(deed, Making) or deed.type != "AWS::SecretsManager::Secret":
        return ""
    name = deed.properties.get("Name")
    return name if isinstance(name, str) and deed.changed is None else ""


WAITING_SECRETS = Question(concerns=concerns, ask=ask, say=say)
