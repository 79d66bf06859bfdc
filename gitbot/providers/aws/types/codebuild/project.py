"""AWS::CodeBuild::Project as a table. Shell.

Name (generated when absent): replace. Changed in place: Source, SecondarySources, SourceVersion,
SecondarySourceVersions, Artifacts, SecondaryArtifacts, Environment, ServiceRole, Description, Cache, VpcConfig,
LogsConfig, FileSystemLocations, BuildBatchConfig, EncryptionKey, TimeoutInMinutes and QueuedTimeoutInMinutes (minutes),
ConcurrentBuildLimit, AutoRetryLimit, BadgeEnabled, Visibility with ResourceAccessRole, Triggers (the webhook, without
ScopeConfiguration), Tags. Attributes: Id, Arn. Builds that run go on with what they started with.
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_CreateProject.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProject.html
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_UpdateProjectVisibility.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.costs import begins
from gitbot.providers.aws.short_names import with_short_names
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.codebuild.family import CODEBUILD, LISTING, NAME, TAGS
from gitbot.providers.aws.types.codebuild.limits import refine
from gitbot.providers.aws.types.codebuild.webhook import (
    AFTER,
    BEFORE,
    HANDLED,
    NO_TRIGGERS,
    REMOVALS,
    TRIGGERS,
    delete_webhook,
    triggers_of,
)

_SOURCES = ("Source", "SecondarySources")
_CHANGED = (
    *(*_SOURCES, "SourceVersion", "SecondarySourceVersions", "Artifacts", "SecondaryArtifacts"),
    *("Environment", "ServiceRole", "Description", "Cache", "VpcConfig", "LogsConfig"),
    *("FileSystemLocations", "BuildBatchConfig", "EncryptionKey", "TimeoutInMinutes"),
    *("QueuedTimeoutInMinutes", "ConcurrentBuildLimit", "AutoRetryLimit", "BadgeEnabled"),
)
_SEEN = ("Visibility", "ResourceAccessRole")
_ROLES = ("ServiceRole", "ResourceAccessRole")
_LISTED = (
    "SecondarySources",
    "SecondarySourceVersions",
    "SecondaryArtifacts",
    "FileSystemLocations",
)
_NONE: Mapping[str, Any] = {
    **{name: [] for name in _LISTED},
    **{name: {} for name in ("VpcConfig", "BuildBatchConfig")},
    **{name: "" for name in ("Description", "SourceVersion")},
    "ConcurrentBuildLimit": -1,
}
"""What an update takes for a property that goes, where that is not its default."""


def _shows(one: Described) -> Properties:
    told = {name: one[name] for name in _CHANGED if one.get(name) not in (None, {}, [])}
    if "Source" in told:
        told["Source"] = _source(told["Source"])
    if "SecondarySources" in told:
        told["SecondarySources"] = [_source(each) for each in told["SecondarySources"]]
    return {
        **told,
        **shown("Name", "Arn", "ResourceAccessRole", Id="Name")(one),
        "Visibility": one.get("ProjectVisibility", "PRIVATE"),
        "BadgeEnabled": bool((one.get("Badge") or {}).get("BadgeEnabled")),
        TRIGGERS: triggers_of(one),
    }


def _source(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"BuildSpec" if name == "Buildspec" else name: value for name, value in one.items()}


def _compared(properties: Properties) -> Properties:
    """The properties in the form for comparison: CodeBuild takes names of roles and keys, and shows ARNs."""
    return with_short_names(properties, roles=_ROLES, keys=("EncryptionKey",))


def _changes(values: Properties, one: Described) -> Properties:
    """The parameters of an update. It would take the tags away if it did not say them."""
    sent = {name: _NONE.get(name) if value is None else value for name, value in values.items()}
    return {"Name": one["Name"], "Tags": one["Tags"], **sent}


def _seen(values: Properties, one: Described) -> Properties:
    role = values.get("ResourceAccessRole")
    named = {} if role is None else {"ResourceAccessRole": role}
    visibility = values.get("Visibility") or "PRIVATE"
    return {"ProjectArn": one["Arn"], "ProjectVisibility": visibility, **named}


_UPDATES = (
    BEFORE,
    Update(call="update_project", sends=_CHANGED, parameters=_changes),
    Update(call="update_project_visibility", sends=_SEEN, whole=True, parameters=_seen),
    *AFTER,
)
_LOGS = {"CloudWatchLogs": {"Status": "ENABLED"}, "S3Logs": {"Status": "DISABLED"}}
_RESETS = {
    "SecondarySources": Removal(default=None, says="builds get the one source alone"),
    "SourceVersion": Removal(default=None, says="builds get the newest version"),
    "SecondarySourceVersions": Removal(default=None, says="builds get the newest versions"),
    "SecondaryArtifacts": Removal(default=None, says="builds have the one output alone"),
    "Description": Removal(default=None, says="it has no description"),
    "Cache": Removal(default={"Type": "NO_CACHE"}, says="nothing is cached"),
    "VpcConfig": Removal(default=None, says="builds run outside of any VPC"),
    "LogsConfig": Removal(default=_LOGS, says="builds log to CloudWatch alone"),
    "FileSystemLocations": Removal(default=None, says="nothing is mounted"),
    "BuildBatchConfig": Removal(default=None, says="there are no batch builds"),
    "EncryptionKey": Removal(default="alias/aws/s3", says="S3's own key encrypts the output"),
    "TimeoutInMinutes": Removal(default=60, says="a build may take an hour"),
    "QueuedTimeoutInMinutes": Removal(default=480, says="a build may wait for eight hours"),
    "ConcurrentBuildLimit": Removal(default=None, says="the account alone limits builds"),
    "AutoRetryLimit": Removal(default=0, says="no build is tried again"),
    "BadgeEnabled": Removal(default=False, says="it has no public badge"),
    "Visibility": Removal(default="PRIVATE", says="the account alone sees builds"),
    TRIGGERS: NO_TRIGGERS,
}
_DEFAULTS = {
    "/Environment/PrivilegedMode": Removal(default=False, says="builds cannot run Docker"),
    "/Environment/ImagePullCredentialsType": Removal(
        default="CODEBUILD", says="CodeBuild pulls the image with rights of its own"
    ),
    "/Source/InsecureSsl": Removal(default=False, says="certificates of the source are checked"),
    "/Artifacts/EncryptionDisabled": Removal(default=False, says="the output is encrypted"),
    "/LogsConfig/S3Logs/EncryptionDisabled": Removal(default=False, says="logs are encrypted"),
}
_PUBLIC = begins(
    "/Visibility",
    "While it is PUBLIC_READ, everybody can read its logs and artifacts, those of earlier builds too.",
)
_LISTS = {
    "SecondarySources": "SourceIdentifier",
    "SecondarySourceVersions": "SourceIdentifier",
    "SecondaryArtifacts": "ArtifactIdentifier",
    "FileSystemLocations": "Identifier",
    "Environment/EnvironmentVariables": "Name",
}
_ORDERLESS = ("VpcConfig/Subnets", "VpcConfig/SecurityGroupIds", "Cache/Modes", *_LISTS)
_CREATE = Create(
    call="create_project",
    sends=("Name", *_CHANGED),
    gives=lambda _, given: str(given["Name"]),
    name=NAME,
    taken=frozenset({"ResourceAlreadyExistsException"}),
)

PROJECT = native_type(
    Table(
        name="AWS::CodeBuild::Project",
        noun="project",
        dialect=CODEBUILD,
        listing=LISTING,
        identifier=itemgetter("Name"),
        shows=_shows,
        create=_CREATE,
        updates=_UPDATES,
        resets=_RESETS,
        removals={**REMOVALS, **_DEFAULTS},
        partial=(f"/{TRIGGERS}",),
        handled=HANDLED,
        delete=Delete(call="delete_project", parameters=shown("Name"), first=delete_webhook),
        tags=TAGS,
        natural_key=("Name",),
        write_only=("/EncryptionKey",),
        key_names=("/EncryptionKey",),
        sets=tuple(f"/{path}" for path in _ORDERLESS),
        identities={f"/{path}": (key,) for path, key in _LISTS.items()},
        normalise=_compared,
        refine=refine,
        passes_role_to="codebuild.amazonaws.com",
        cautions=(_PUBLIC,),
    )
)
