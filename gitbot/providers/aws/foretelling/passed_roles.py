"""Roles that the plan gives to services, and that whoever applies may not pass on. Shell.

https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitbot.errors import CloudError
from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.machines import INSTANCE
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.foretelling.simulating import RIGHTS, Verdicts, may_pass
from gitbot.providers.aws.types import NATIVE_TYPES
from gitbot.providers.aws.types.ec2.common import ignoring

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection

_ROLE: Final = re.compile(r"arn:[^:]+:iam::\d{12}:role/.+")
_MENTIONS: Final = ("PolicyDocument", "AssumeRolePolicyDocument", "Environment", "Tags")
"""Properties that name roles and give none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The role of each instance profile, and which roles each service may not be given."""

    profiles: Mapping[str, str]
    denied: Mapping[str, Verdicts]


def service_for(type_: str) -> str:
    """The service that objects of the type give a role to; empty: none."""
    native = NATIVE_TYPES.get(type_)
    return native.declaration.passes_role_to if native is not None else ""


def roles_in(deed: Deed) -> Sequence[str]:
    """The roles that the deed names by ARN in what it makes or changes."""
    return sorted({one for one in _texts(_given(deed)) if _ROLE.fullmatch(one)})


def _profile(deed: Deed) -> str:
    """The instance profile that the deed gives to a machine; empty: none."""
    name = _given(deed).get("IamInstanceProfile") if deed.type == INSTANCE else None
    return name if isinstance(name, str) else ""


def _given(deed: Deed) -> Mapping[str, Any]:
    if not isinstance(deed, Making):
        return {}
    wanted = deed.properties.items()
    return {key: one for key, one in wanted if deed.changed is None or key in deed.changed}


def _texts(value: Any) -> Iterator[str]:
    """The texts in it, but for those that only mention something."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            if key not in _MENTIONS:
                yield from _texts(one)
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from _texts(one)


def concerns(deed: Deed) -> bool:
    """Whether a role that is known is given to a service."""
    return bool(service_for(deed.type)) and bool(roles_in(deed) or _profile(deed))


def ask(facts: Facts, deeds: Deeds) -> Answer:
    """One call for each profile, and one simulation for each service."""
    told = facts.each("profile", {_profile(deed) for deed in deeds} - {""}, _role_of)
    profiles = {name: role for name, role in told.items() if role}
    roles: dict[str, set[str]] = {}
    for deed in deeds:
        roles.setdefault(service_for(deed.type), set()).update(_roles(deed, profiles))
    denied = {service: may_pass(facts, some, service) for service, some in roles.items()}
    return Answer(profiles=profiles, denied=denied)


def _role_of(aws: Connection, profile: str) -> str:
    """The role in the profile; empty where there is none yet.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetInstanceProfile.html
    """
    try:
        answer = aws.call("iam", "get_instance_profile", InstanceProfileName=profile)
    except CloudError as error:
        ignoring({"NoSuchEntity"}, error)
        return ""
    return next((str(one["Arn"]) for one in answer["InstanceProfile"]["Roles"]), "")


def _roles(deed: Deed, profiles: Mapping[str, str]) -> Sequence[str]:
    of_profile = profiles.get(_profile(deed))
    return [*roles_in(deed), *([of_profile] if of_profile else [])]


def say(answer: Answer, concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """A remark for each role that may not be given."""
    for deed in concerned:
        service = service_for(deed.type)
        verdicts = answer.denied[service]
        for role in _roles(deed, answer.profiles):
            if role in verdicts.denied:
                yield Objection(
                    address=deed.address,
                    why=f"it gives the role {role} to {service}, and {verdicts.who} may not do that.",
                    fix=f"Allow `iam:PassRole` on this role in its policy, to {service}.",
                    remark=True,
                )


PASSED_ROLES = Question(
    concerns=concerns,
    ask=ask,
    say=say,
    rights=RIGHTS | {"iam:GetInstanceProfile"},
    about=lambda type_: bool(service_for(type_)),
)
