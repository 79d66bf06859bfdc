"""Find what must be gone before SageMaker deletes a domain: user profiles, spaces and apps. Shell.

An app that failed or is deleted is still listed for a while, and is in nobody's way.
https://docs.aws.amazon.com/sagemaker/latest/dg/gs-studio-delete-domain.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gitbot.providers.aws.asking import ask_pages
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

LOOKS: Final = ("list_user_profiles", "list_spaces", "list_apps")
_GONE: Final = {"list_apps": ("Deleted", "Failed")}


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One of them. ``remote_id`` is its identifier, if it is a resource of the ``type`` in a stack."""

    type: str
    remote_id: str
    words: str


def users_of(aws: Connection, domain: str) -> Sequence[User]:
    """All of them, with a call for each kind."""
    return [
        user(one)
        for call, key, user in (
            ("list_apps", "Apps", _app),
            ("list_spaces", "Spaces", _space),
            ("list_user_profiles", "UserProfiles", _profile),
        )
        for one in ask_pages(aws, SAGEMAKER, call, key, DomainIdEquals=domain)
        if one.get("Status") not in _GONE.get(call, ())
    ]


def _profile(one: Mapping[str, Any]) -> User:
    name = one["UserProfileName"]
    return User(
        type="AWS::SageMaker::UserProfile",
        remote_id=f"{name}|{one['DomainId']}",
        words=f"user profile {name}",
    )


def _space(one: Mapping[str, Any]) -> User:
    name = one["SpaceName"]
    own = f"{one['DomainId']}|{name}"
    return User(type="AWS::SageMaker::Space", remote_id=own, words=f"space {name}")


def _app(one: Mapping[str, Any]) -> User:
    kind, owner = one["AppType"], one.get("UserProfileName") or one.get("SpaceName")
    return User(
        type="AWS::SageMaker::App",
        remote_id=f"{one['AppName']}|{kind}|{one['DomainId']}|{owner}",
        words=f"app {one['AppName']} ({kind}) of {owner}",
    )
