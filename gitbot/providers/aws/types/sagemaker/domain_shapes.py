"""Convert between properties and parameters of SageMaker's domains, and say what a removal sends. Pure.

UpdateDomain keeps what a request leaves out, as far as people have seen; it is not documented. So a request has the whole
of each map: what the spec says, what others have set beside it, and for what left the spec a word that clears it.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateDomain.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ResourceSpec.html
https://github.com/hashicorp/terraform-provider-aws/issues/43127
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.providers.aws.table import Described, Properties, given, shown

USERS, SPACES, DOMAIN = "DefaultUserSettings", "DefaultSpaceSettings", "DomainSettings"
HOME: Final = "HomeEfsFileSystemCreation"
_RSTUDIO, _IP, _SPEC = "RStudioServerProDomainSettings", "IpAddressType", "DefaultResourceSpec"
FIXED: Final = ("AuthMode", "DomainName", "KmsKeyId", "VpcId")
CHANGED: Final = (
    *("AppNetworkAccessType", "AppSecurityGroupManagement", HOME, "SubnetIds", "TagPropagation"),
    *(USERS, SPACES, DOMAIN),
)
_LAB, _CODE, _SERVER = "JupyterLabAppSettings", "CodeEditorAppSettings", "JupyterServerAppSettings"
_KERNEL, _SESSION = "KernelGatewayAppSettings", "RSessionAppSettings"
_APPS: Final = (
    *(f"/{USERS}/{app}" for app in (_CODE, _LAB, _SERVER, _KERNEL, _SESSION)),
    *(f"/{SPACES}/{app}" for app in (_LAB, _SERVER, _KERNEL)),
)
_IDLE: Final = tuple(app for app in _APPS if app.endswith((_CODE, _LAB)))
_BOTH: Final = ("SpaceStorageSettings", "SpaceStorageSettings/DefaultEbsStorageSettings")
MAPS: Final = (
    *(f"/{top}" for top in (USERS, SPACES, DOMAIN)),
    *_APPS,
    *(f"{app}/{_SPEC}" for app in _APPS),
    *(f"{app}/AppLifecycleManagement" for app in _IDLE),
    *(f"{app}/AppLifecycleManagement/IdleSettings" for app in _IDLE),
    *(f"/{top}/{name}" for top in (USERS, SPACES) for name in (*_BOTH, "CustomPosixUserConfig")),
    *(f"/{USERS}/{name}" for name in ("SharingSettings", "StudioWebPortalSettings")),
    f"/{USERS}/RStudioServerProAppSettings",
    *(f"/{DOMAIN}/{name}" for name in ("DockerSettings", "UnifiedStudioSettings", _RSTUDIO)),
    f"/{DOMAIN}/{_RSTUDIO}/{_SPEC}",
)
"""The maps of settings, each after the one that it is in."""
_CLEARED: Final = {
    "LifecycleConfigArn": "no script runs by default",
    "SageMakerImageVersionArn": "the image's newest version is taken",
    "TrainingPlanArn": "no training plan is used",
}
_BUILT_IN: Final = "BuiltInLifecycleConfigArn"
_NONE: Final = "None"
"""The word that takes these texts out of a domain."""
_IMAGES, _SCRIPTS, _GIT = "CustomImages", "LifecycleConfigArns", "CodeRepositories"
_OF_APPS: Final = {
    _CODE: (_IMAGES, _SCRIPTS),
    _LAB: (_GIT, _IMAGES, _SCRIPTS),
    _SERVER: (_SCRIPTS,),
    _KERNEL: (_IMAGES, _SCRIPTS),
    _SESSION: (_IMAGES,),
}
_HIDDEN: Final = ("AppTypes", "InstanceTypes", "MlTools", "SageMakerImageVersionAliases")
_LISTS: Final = (
    *(f"{app}/{name}" for app in _APPS for name in _OF_APPS[app.rpartition("/")[2]]),
    *(
        f"/{top}/{one}"
        for top in (USERS, SPACES)
        for one in ("CustomFileSystemConfigs", "SecurityGroups")
    ),
    *(f"/{USERS}/StudioWebPortalSettings/Hidden{name}" for name in _HIDDEN),
    *(f"/{DOMAIN}/SecurityGroupIds", f"/{DOMAIN}/DockerSettings/VpcOnlyTrustedAccounts"),
)
"""The lists of settings, which an empty one empties."""
REMOVALS: Final[Mapping[str, Removal]] = {
    **{path: Removal(default=None, says="there are none") for path in _LISTS},
    **{
        f"{spec}/{name}": Removal(default=None, says=says)
        for spec in MAPS
        if spec.endswith(_SPEC)
        for name, says in _CLEARED.items()
    },
    **{f"{app}/{_BUILT_IN}": Removal(default=None, says="no script runs before") for app in _IDLE},
    f"/{DOMAIN}/{_IP}": Removal(default="IPV4", says="the domain has IPv4 addresses alone"),
    f"/{USERS}/SharingSettings/NotebookOutputOption": Removal(
        default="Disabled", says="shared notebooks have no output"
    ),
    f"/{USERS}/RStudioServerProAppSettings/UserGroup": Removal(
        default="R_STUDIO_USER", says="nobody sees the dashboard of RStudio's administrators"
    ),
}
"""What leaving a spec does to a setting. The API cannot take back any other: its removal is refused."""
RESETS: Final = {
    "AppNetworkAccessType": Removal(
        default="PublicInternetOnly",
        says="apps reach the internet through a network of SageMaker's",
    ),
    HOME: Removal(default="Enabled", says="the domain has a home file system"),
    "TagPropagation": Removal(default="DISABLED", says="what the domain makes gets no tags of it"),
}
_OWN = shown(
    *("DomainArn", "DomainId", "HomeEfsFileSystemId", "SecurityGroupIdForDomainBoundary"),
    *("SingleSignOnApplicationArn", "SingleSignOnManagedApplicationInstanceId", "Url"),
    *(*FIXED, *CHANGED),
)


def properties_of(one: Described) -> Properties:
    """What a described domain shows, in CloudFormation's form."""
    home = {HOME: "Enabled" if one.get("HomeEfsFileSystemId") else "Disabled"}
    return {**home, **_spelled(_OWN(one), str.upper)}


def made_with(operation: Operation) -> Properties:
    """The parameters of the creating call."""
    return _spelled(given(operation, (*FIXED, *CHANGED)), str.lower)


def changed(values: Properties, one: Described) -> Properties:
    """The parameters of the update: whole maps, in which what the domain has and is not wanted is cleared."""
    sent = {name: value for name, value in values.items() if value is not None}
    has = {name: value for name, value in one.items() if name in sent}
    sent = _spelled(_with_clearing(sent, has), str.lower)
    if DOMAIN not in sent:
        return sent
    settings = sent.pop(DOMAIN)
    return {**sent, f"{DOMAIN}ForUpdate": _renamed(settings, _RSTUDIO, f"{_RSTUDIO}ForUpdate")}


def _with_clearing(wanted: Mapping[str, Any], has: Mapping[str, Any]) -> dict[str, Any]:
    done = dict(wanted)
    for name, value in has.items():
        mine = wanted.get(name)
        if isinstance(value, Mapping):
            below = _with_clearing(mine or {}, value)
            done |= {name: below} if below else {}
        elif mine is None and isinstance(value, list):
            done[name] = []
        elif mine is None and _is_cleared(name):
            done[name] = _NONE
    return done


def _is_cleared(name: str) -> bool:
    return name in _CLEARED or name == _BUILT_IN


def _renamed(settings: Mapping[str, Any], name: str, other: str) -> dict[str, Any]:
    return {other if key == name else key: value for key, value in settings.items()}


def _spelled(properties: Properties, spell: Any) -> dict[str, Any]:
    """The properties, with the kind of address in capitals as in CloudFormation, or as in the API."""
    settings = properties.get(DOMAIN) or {}
    if settings.get(_IP) is None:
        return dict(properties)
    return {**properties, DOMAIN: {**settings, _IP: spell(settings[_IP])}}


def compared(properties: Properties) -> Properties:
    """The properties with nothing in place of the word for it."""
    return {name: _blank(name, value) for name, value in properties.items()}


def _blank(name: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _blank(key, one) for key, one in value.items()}
    return "" if value == _NONE and _is_cleared(name) else value
