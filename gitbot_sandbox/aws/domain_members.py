"""Keep the user profiles, spaces and apps of SageMaker's domains, which moto lacks. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ListUserProfiles.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteUserProfile.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound
from moto.sagemaker.utils import arn_formatter

Member = dict[str, Any]
RUNNING: Final = ("InService", "Pending", "Deleting")
"""The states of an app that runs, or is on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind: ``create_…``, ``list_…s`` and ``delete_…``. ``names`` are the parameters that name an object."""

    call: str
    listed: str
    names: tuple[str, ...]
    arn: str

    def calls(self) -> Mapping[str, Callable[[Any], Any]]:
        """The calls, by the names of moto's responses, which take functions alone."""
        made = {"create_{}": self._create, "list_{}s": self._list, "delete_{}": self._delete}
        return {name.format(self.call): _function(call) for name, call in made.items()}

    def of(self, backend: Any, domain: str) -> list[Member]:
        """Those of the domain."""
        return [one for one in self.kept(backend).values() if one["DomainId"] == domain]

    def kept(self, backend: Any) -> dict[tuple[str, ...], Member]:
        """All of the kind, by name; gone when moto is emptied."""
        members: dict[str, dict[tuple[str, ...], Member]]
        members = vars(backend).setdefault("domain_members", {})
        return members.setdefault(self.call, {})

    def key(self, asked: Mapping[str, Any]) -> tuple[str, ...]:
        """What names the object."""
        return tuple(str(asked.get(name) or "") for name in self.names)

    def add(self, backend: Any, asked: Mapping[str, Any]) -> str:
        """Keep a new one; returns its ARN."""
        if asked["DomainId"] not in backend.domains:
            raise ResourceNotFound(message=f"Domain [{asked['DomainId']}] does not exist.")
        key, kept = self.key(asked), self.kept(backend)
        if key in kept:
            raise ResourceInUseException(message=f"{self.listed} {'/'.join(key)} exists already.")
        now = utcnow()
        kept[key] = {**asked, "Status": "InService", "CreationTime": now, "LastModifiedTime": now}
        name = "/".join(filter(None, key))
        kind = self.call.replace("_", "-")
        return str(arn_formatter(kind, name, backend.account_id, backend.region_name))

    def drop(self, backend: Any, asked: Mapping[str, Any]) -> None:
        """Forget it. One with apps that run stays."""
        key, name = self.key(asked), self.names[-1]
        if key not in self.kept(backend):
            raise ResourceNotFound(message=f"{self.listed} {'/'.join(key)} does not exist.")
        if self.call != "app" and any(
            one.get(name) == key[-1] for one in running_apps(backend, asked["DomainId"])
        ):
            raise ResourceInUseException(message=f"{'/'.join(key)} has apps that run.")
        del self.kept(backend)[key]

    def _create(self, responses: Any) -> ActionResult:
        return ActionResult({self.arn: self.add(responses.sagemaker_backend, responses.params)})

    def _list(self, responses: Any) -> ActionResult:
        domain = responses.params.get("DomainIdEquals")
        kept = self.kept(responses.sagemaker_backend).values()
        return ActionResult(
            {self.listed: [one for one in kept if domain in (None, one["DomainId"])]}
        )

    def _delete(self, responses: Any) -> EmptyResult:
        self.drop(responses.sagemaker_backend, responses.params)
        return EmptyResult()


def _function(method: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda responses: method(responses)


PROFILE: Final = Kind(
    call="user_profile",
    listed="UserProfiles",
    names=("DomainId", "UserProfileName"),
    arn="UserProfileArn",
)
SPACE: Final = Kind(call="space", listed="Spaces", names=("DomainId", "SpaceName"), arn="SpaceArn")
APP: Final = Kind(
    call="app",
    listed="Apps",
    names=("DomainId", "UserProfileName", "SpaceName", "AppType", "AppName"),
    arn="AppArn",
)
KINDS: Final = (PROFILE, SPACE, APP)


def running_apps(backend: Any, domain: str) -> list[Member]:
    """The apps of the domain that run, or are on their way."""
    return [one for one in APP.of(backend, domain) if one["Status"] in RUNNING]


def members_of(backend: Any, domain: str) -> list[Member]:
    """What keeps SageMaker from deleting the domain."""
    others = [one for kind in (PROFILE, SPACE) for one in kind.of(backend, domain)]
    return [*others, *running_apps(backend, domain)]
