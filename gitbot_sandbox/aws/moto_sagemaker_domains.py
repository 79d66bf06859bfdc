"""Let moto's SageMaker domains be made, changed and deleted as AWS's are. Shell.

Their home is a file system of the local EFS, which stays when a domain is deleted and nothing else is asked for.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDomain.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateDomain.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteDomain.html
https://docs.aws.amazon.com/sagemaker/latest/dg/domain-edit.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from moto.core.responses import ActionResult, EmptyResult
from moto.core.utils import utcnow
from moto.efs.models import efs_backends
from moto.moto_api._internal import mock_random
from moto.sagemaker.exceptions import ResourceInUseException, ResourceNotFound, ValidationError
from moto.sagemaker.responses import SageMakerResponse as Responses
from moto.sagemaker.utils import arn_formatter

from gitbot_sandbox.aws.domain_members import KINDS, members_of, running_apps
from gitbot_sandbox.aws.service_shapes import refuse_unfit
from gitbot_sandbox.aws.states import begin, described

_USERS, _SPACES, _DOMAIN = "DefaultUserSettings", "DefaultSpaceSettings", "DomainSettings"
_RSTUDIO, _HOME = "RStudioServerProDomainSettings", "HomeEfsFileSystemCreation"
_ACCESS = "AppNetworkAccessType"
_NONE: Final = (
    *("BuiltInLifecycleConfigArn", "LifecycleConfigArn", "SageMakerImageVersionArn"),
    "TrainingPlanArn",
)
_DEFAULTS: Final = {_ACCESS: "PublicInternetOnly", _HOME: "Enabled", "TagPropagation": "DISABLED"}
_EBS: Final = {"DefaultEbsVolumeSizeInGb": 5, "MaximumEbsVolumeSizeInGb": 100}
_OF_USERS: Final = {
    "StudioWebPortal": "ENABLED",
    "DefaultLandingUri": "studio::",
    "SpaceStorageSettings": {"DefaultEbsStorageSettings": _EBS},
}


@dataclass(slots=True)
class LeavingOut:
    """What becomes of the settings that an update leaves out: AWS does not say, so tests try both."""

    keeps: bool = True


LEFT_OUT = LeavingOut()


@dataclass(slots=True, kw_only=True)
class _Domain:
    id: str
    arn: str
    shown: dict[str, Any]
    tags: list[dict[str, str]]
    passing: Any = None
    status: str = "Pending"
    failure: str | None = None
    made: Any = field(default_factory=utcnow)

    def summary(self) -> dict[str, Any]:
        """What a listing has of it."""
        names = ("DomainName", "Url")
        own = {"DomainArn": self.arn, "DomainId": self.id, "Status": self.status}
        times = {"CreationTime": self.made, "LastModifiedTime": self.made}
        return {**own, **times, **{name: self.shown[name] for name in names}}


def patch() -> None:
    """Make all patches of this module."""
    for one in (create_domain, describe_domain, update_domain, delete_domain):
        setattr(Responses, one.__name__, one)
    for kind in KINDS:
        for name, call in kind.calls().items():
            setattr(Responses, name, call)


# --- calls ---------------------------------------------------------------------------------------


def create_domain(self: Any) -> ActionResult:
    """Defects: a domain has its name for an id and no home, takes no time, and shows a part of what it is given."""
    backend, asked = self.sagemaker_backend, {**self.params}
    tags = list(asked.pop("Tags", None) or ())
    refuse_unfit("sagemaker", "CreateDomainRequest", asked, ValidationError)
    name = asked["DomainName"]
    if any(one.shown["DomainName"] == name for one in backend.domains.values()):
        raise ResourceInUseException(
            message=f"Resource Already Exists: Domain with name {name} already exists. Choose a different name."
        )
    if not (asked.get("VpcId") and asked.get("SubnetIds")) and not _is_unified(asked):
        raise ValidationError(message="VpcId and SubnetIds are required.")
    own = f"d-{mock_random.get_random_string(length=12, lower_case=True)}"
    arn = arn_formatter("domain", own, backend.account_id, backend.region_name)
    url = f"https://{own}.studio.{backend.region_name}.sagemaker.aws"
    shown = {**_DEFAULTS, **_settled({}, asked), "Url": url}
    shown[_USERS] = {**_OF_USERS, **shown[_USERS]}
    one = _Domain(id=own, arn=arn, shown=shown, tags=tags)
    backend.domains[own] = one

    def then(reason: str) -> None:
        one.status, one.failure = ("Failed" if reason else "InService"), reason or None
        _furnish(backend, one)

    begin(one, then)
    return ActionResult({"DomainArn": arn, "DomainId": own, "Url": url})


def describe_domain(self: Any) -> ActionResult:
    """Defect: an unknown domain is refused as invalid."""
    described(_domain(self))
    one = _domain(self)  # it may be gone by now
    own = {"DomainArn": one.arn, "DomainId": one.id, "Status": one.status}
    times = {"CreationTime": one.made, "LastModifiedTime": one.made}
    more = {"FailureReason": one.failure} if one.failure else {}
    return ActionResult({**one.shown, **own, **times, **more})


def update_domain(self: Any) -> ActionResult:
    """The call that moto lacks."""
    backend, one = self.sagemaker_backend, _domain(self)
    asked = {name: value for name, value in self.params.items() if name != "DomainId"}
    refuse_unfit("sagemaker", "UpdateDomainRequest", asked, ValidationError)
    if one.status not in ("InService", "Update_Failed"):
        raise ResourceInUseException(message=f"Domain {one.id} is in status {one.status}.")
    if f"{_DOMAIN}ForUpdate" in asked:
        settings = dict(asked.pop(f"{_DOMAIN}ForUpdate"))
        if f"{_RSTUDIO}ForUpdate" in settings:
            settings[_RSTUDIO] = settings.pop(f"{_RSTUDIO}ForUpdate")
        asked[_DOMAIN] = settings
    wanted = {**one.shown, **_settled(one.shown, asked)}
    _refuse_change(one, wanted, bool(running_apps(backend, one.id)))
    one.status = "Updating"

    def then(reason: str) -> None:
        one.status, one.failure = ("Update_Failed" if reason else "InService"), reason or None
        if not reason:
            one.shown = wanted
            _furnish(backend, one)

    begin(one, then)
    return ActionResult({"DomainArn": one.arn})


def delete_domain(self: Any) -> EmptyResult:
    """Defects: a domain that is used is deleted, and it takes no time."""
    backend, one = self.sagemaker_backend, _domain(self)
    if members_of(backend, one.id) or one.status in ("Pending", "Updating", "Deleting"):
        raise ResourceInUseException(
            message=f"Unable to delete Domain {one.id}: it has user profiles, spaces or apps, or is in "
            f"status {one.status}."
        )
    policy = (self.params.get("RetentionPolicy") or {}).get("HomeEfsFileSystem", "Retain")
    one.status = "Deleting"

    def then(reason: str) -> None:
        if reason:
            one.status, one.failure = "Delete_Failed", reason
            return
        del backend.domains[one.id]
        if policy == "Delete" and "HomeEfsFileSystemId" in one.shown:
            _homes(backend).delete_file_system(one.shown["HomeEfsFileSystemId"])

    begin(one, then)
    return EmptyResult()


# --- what the calls do ---------------------------------------------------------------------------


def _domain(responses: Any) -> Any:
    own = responses.params["DomainId"]
    found = responses.sagemaker_backend.domains.get(own)
    if found is None:
        raise ResourceNotFound(message=f"Domain [{own}] does not exist.")
    return found


def _homes(backend: Any) -> Any:
    return efs_backends[backend.account_id][backend.region_name]


def _furnish(backend: Any, one: _Domain) -> None:
    """Make what belongs to the domain by now: its home, and the group between RStudio's apps."""
    if one.shown[_HOME] == "Enabled" and "HomeEfsFileSystemId" not in one.shown:
        home = _homes(backend).create_file_system(
            creation_token=one.id,
            performance_mode="generalPurpose",
            encrypted=True,
            kms_key_id=one.shown.get("KmsKeyId"),
            throughput_mode="bursting",
            provisioned_throughput_in_mibps=None,
            availability_zone_name=None,
            backup=False,
            tags=[{"Key": "ManagedByAmazonSageMakerResource", "Value": one.arn}],
        )
        one.shown["HomeEfsFileSystemId"] = home.file_system_id
    if _has_rstudio(one.shown):
        own = f"sg-{mock_random.get_random_hex(17)}"
        one.shown.setdefault("SecurityGroupIdForDomainBoundary", own)
    if one.shown["AuthMode"] == "SSO":
        application = f"arn:aws:sso::{backend.account_id}:application/ssoins-1/apl-{one.id[2:]}"
        one.shown.setdefault("SingleSignOnApplicationArn", application)


def _is_unified(given: Mapping[str, Any]) -> bool:
    return bool((given.get(_DOMAIN) or {}).get("UnifiedStudioSettings"))


def _has_rstudio(given: Mapping[str, Any]) -> bool:
    return bool((given.get(_DOMAIN) or {}).get(_RSTUDIO))


def _refuse_change(one: _Domain, wanted: Mapping[str, Any], used: bool) -> None:
    has = one.shown
    if (has[_HOME], wanted[_HOME]) == ("Enabled", "Disabled"):
        raise ValidationError(message=f"{_HOME} cannot be changed from Enabled to Disabled.")
    if has.get("VpcId") and has["VpcId"] != wanted["VpcId"]:
        raise ValidationError(message="The VPC of a domain cannot be changed.")
    if has[_ACCESS] != wanted[_ACCESS] and (_has_rstudio(has) or _has_rstudio(wanted)):
        raise ValidationError(message=f"{_ACCESS} of a domain with RStudio cannot be changed.")
    roles = [(top, "ExecutionRole") for top in (_USERS, _SPACES)]
    still = [*roles, (_DOMAIN, "ExecutionRoleIdentityConfig")]
    moved = any(
        (has.get(top) or {}).get(name, "") != (wanted.get(top) or {}).get(name, "")
        for top, name in still
        if has.get(top)
    )
    fewer = set(has.get("SubnetIds") or ()) - set(wanted.get("SubnetIds") or ())
    if used and (moved or fewer or has[_ACCESS] != wanted[_ACCESS]):
        raise ResourceInUseException(message=f"Domain {one.id} has apps that run.")


def _settled(has: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """What the settings become: the word None and an empty list clear, what is left out is kept or not."""
    done = {**has} if LEFT_OUT.keeps else {}
    for name, value in asked.items():
        if isinstance(value, Mapping):
            done[name] = _settled(has.get(name) or {}, value)
        elif value == [] or (value == "None" and name in _NONE):
            done.pop(name, None)
        else:
            done[name] = value
    return done
