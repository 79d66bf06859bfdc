"""AWS::SageMaker::Domain as a table. Shell.

DomainName, AuthMode, KmsKeyId, VpcId: replace. AppNetworkAccessType, SubnetIds (both while no app runs),
AppSecurityGroupManagement, HomeEfsFileSystemCreation (it is turned on, never off), TagPropagation, DefaultUserSettings,
DefaultSpaceSettings, DomainSettings, Tags: changed in place. A setting that the API cannot take back must stay in the
spec. Attributes: DomainArn, DomainId, HomeEfsFileSystemId, SecurityGroupIdForDomainBoundary,
SingleSignOnApplicationArn, SingleSignOnManagedApplicationInstanceId, Url. A domain with user profiles, spaces or apps is not
deleted. Its home file system stays, unless ``lifecycle.emptyOnDelete`` is set. The app of RStudio is SageMaker's own to start
and end: the reference names no right but these calls' for it, though AWS's handler of the type lists ``CreateApp`` and ``DeleteApp``.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateDomain.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateDomain.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeleteDomain.html
https://docs.aws.amazon.com/sagemaker/latest/dg/domain-edit.html
https://docs.aws.amazon.com/sagemaker/latest/dg/rstudio-create-cli.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsagemaker.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cautions import Caution
from gitbot.model.cloud import FAILED
from gitbot.model.schema import Losses
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.asking import ask, ask_pages
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain, named
from gitbot.providers.aws.refining import refining, together, without_blanks
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker import domain_shapes as shapes
from gitbot.providers.aws.types.sagemaker.domain_shapes import DOMAIN, SPACES, USERS
from gitbot.providers.aws.types.sagemaker.domain_users import LOOKS, users_of
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, failure, tags_of

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_SCRIPTED = {
    "if": {
        "required": ["LifecycleConfigArns"],
        "properties": {"LifecycleConfigArns": {"minItems": 1}},
    },
    "then": {"required": ["DefaultResourceSpec"]},
}
_UNIFIED = {
    "required": [DOMAIN],
    "properties": {DOMAIN: {"required": ["UnifiedStudioSettings"]}},
}
_RSTUDIO_INSIDE = {
    "required": ["AppNetworkAccessType", DOMAIN],
    "properties": {
        "AppNetworkAccessType": {"const": "VpcOnly"},
        DOMAIN: {"required": ["RStudioServerProDomainSettings"]},
    },
}
_VOLUMES = ("DefaultEbsVolumeSizeInGb", "MaximumEbsVolumeSizeInGb")
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "allOf": [
            {"if": _UNIFIED, "else": {"required": ["SubnetIds", "VpcId"]}},
            {"if": _RSTUDIO_INSIDE, "then": {"required": ["AppSecurityGroupManagement"]}},
        ]
    },
    f"{USERS}/AutoMountHomeEFS": {"enum": ["Enabled", "Disabled"]},
    f"{DOMAIN}/UnifiedStudioSettings/ProjectS3Path": {"pattern": "^(https|s3)://([^/]+)/?(.*)$"},
    **{
        f"{top}/{path}": limit
        for top in (USERS, SPACES)
        for path, limit in (
            ("JupyterServerAppSettings", _SCRIPTED),
            ("JupyterServerAppSettings/DefaultResourceSpec/InstanceType", {"enum": ["system"]}),
            ("CustomFileSystemConfigs/*", {"minProperties": 1, "maxProperties": 1}),
            ("CustomFileSystemConfigs/*/S3FileSystemConfig", {"required": ["S3Uri"]}),
            ("SpaceStorageSettings/DefaultEbsStorageSettings", {"ascending": [_VOLUMES]}),
        )
    },
}
_STILL = "SageMaker changes this only while no app runs in the domain."
_RUNS = (
    *("AppNetworkAccessType", "SubnetIds", f"{DOMAIN}/ExecutionRoleIdentityConfig"),
    *(f"{USERS}/ExecutionRole", f"{SPACES}/ExecutionRole"),
)


def _id_of(aws: Connection, name: str) -> str | None:
    """The identifier of the domain with the name, of which there is one in a region."""
    domains = ask_pages(aws, SAGEMAKER, "list_domains", "Domains")
    return next((str(one["DomainId"]) for one in domains if one["DomainName"] == name), None)


def _users(aws: Connection, one: Described) -> Sequence[str]:
    return [user.words for user in users_of(aws, one["DomainId"])]


def _settled(aws: Connection, domain: str, _: Properties) -> bool:
    """Whether an update has come through. Raises CloudError where SageMaker could not make it, with the reason."""
    one = ask(aws, SAGEMAKER, "describe_domain", DomainId=domain)
    if why := failure("Status", "Update_Failed")(one):
        raise CloudError(f"SageMaker did not change domain {domain}: {why}", code=FAILED)
    return bool(one["Status"] == "InService")


def _fate(observed: Properties) -> tuple[str, ...]:
    home = observed.get("HomeEfsFileSystemId")
    stays = (
        f"Its home file system {home} stays in EFS with everything in it, with its mount targets in the subnets and "
        "two security groups, unless `lifecycle.emptyOnDelete` is set; it goes on costing what it costs."
    )
    return (stays,) if home else ()


_TAGS = tags_of("DomainArn")
_LISTING = Plain(
    dialect=SAGEMAKER,
    call="describe_domain",
    asks=named("DomainId"),
    tags=_TAGS,
    name=Name(property="DomainName", longest=63),
    id_of=_id_of,
    index=Index("sagemaker:domain"),
)
_CREATE = Create(
    call="create_domain",
    sends=(*shapes.FIXED, *shapes.CHANGED),
    parameters=shapes.made_with,
    gives=lambda answer, _: str(answer["DomainArn"]).rpartition("/")[2],
    taken=TAKEN,
)
_UPDATE = Update(
    call="update_domain",
    sends=shapes.CHANGED,
    shared=shapes.MAPS,
    parameters=shapes.changed,
    settled=_settled,
)
_DELETE = Delete(
    call="delete_domain",
    users=_users,
    emptying={"RetentionPolicy": {"HomeEfsFileSystem": "Delete"}},
    stuck=failure("Status", "Delete_Failed"),
)

DOMAIN_TYPE = native_type(
    Table(
        name="AWS::SageMaker::Domain",
        noun="domain",
        dialect=SAGEMAKER,
        timeouts=minutes(create=30, update=30, delete=30),
        listing=_LISTING,
        shows=shapes.properties_of,
        addresses=shown("DomainId"),
        create=_CREATE,
        ready=lambda one: one["Status"] in ("InService", "Update_Failed"),
        failed=failure("Status", "Failed", "Delete_Failed"),
        updates=(_UPDATE,),
        resets=shapes.RESETS,
        removals=shapes.REMOVALS,
        partial=shapes.MAPS,
        grows=(f"/{shapes.HOME}",),
        delete=_DELETE,
        tags=_TAGS,
        natural_key=("DomainName",),
        key_names=("/KmsKeyId",),
        normalise=shapes.compared,
        refine=together(without_blanks(), refining(_LIMITS)),
        looks=("list_domains", *LOOKS),
        passes_role_to="sagemaker.amazonaws.com",
        stateful=True,
        kept_in_use=True,
        losses=Losses(gone="its members lose their way to what is in their home directories"),
        cautions=tuple(Caution(changed=f"/{path}", says=_STILL) for path in _RUNS),
        fate=_fate,
    )
)
