"""Convert between properties and parameters of EKS's clusters, and say what is to be changed. Pure.

EKS takes one kind of change in a call, and one call at a time.
https://docs.aws.amazon.com/eks/latest/APIReference/API_Cluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final

from gitbot.model.cloud import Operation
from gitbot.providers.aws.table import Described, Properties, given, shown
from gitbot.providers.aws.table_finding import covers

VPC, NETWORK, LOGGING, ACCESS, REMOTE = (
    "ResourcesVpcConfig",
    "KubernetesNetworkConfig",
    "Logging",
    "AccessConfig",
    "RemoteNetworkConfig",
)
FIXED: Final = (
    "Name",
    "RoleArn",
    "EncryptionConfig",
    "OutpostConfig",
    "BootstrapSelfManagedAddons",
)
AUTO: Final = ("ComputeConfig", "StorageConfig", NETWORK)
"""What EKS Auto Mode is turned on and off with, all in one call."""
ALONE: Final = (
    *(ACCESS, "UpgradePolicy", "ZonalShiftConfig", REMOTE, "DeletionProtection"),
    "ControlPlaneScalingConfig",
)
CHANGED: Final = ("Version", VPC, LOGGING, *AUTO, *ALONE)
PLACES: Final = ("SubnetIds", "SecurityGroupIds")
DOORS: Final = ("EndpointPublicAccess", "EndpointPrivateAccess", "PublicAccessCidrs")
_covers = partial(covers, ordered=False)
NOWHERE: Final[Mapping[str, Any]] = {"RemoteNodeNetworks": [], "RemotePodNetworks": []}
"""No networks of machines elsewhere."""
_ALL_LOGS = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_OWN = shown(
    *("Name", "RoleArn", "Version", "EncryptionConfig", "OutpostConfig", VPC, *AUTO, *ALONE),
    *("Arn", "Endpoint", "Id"),
)


def properties_of(one: Described) -> Properties:
    """What a described cluster shows, in CloudFormation's form."""
    keys = [each.get("Provider", {}).get("KeyArn") for each in one.get("EncryptionConfig") or ()]
    return {
        **_OWN(one),
        LOGGING: {"ClusterLogging": {"EnabledTypes": [{"Type": one} for one in _logs(one)]}},
        "ClusterSecurityGroupId": (one.get(VPC) or {}).get("ClusterSecurityGroupId"),
        "CertificateAuthorityData": (one.get("CertificateAuthority") or {}).get("Data"),
        "OpenIdConnectIssuerUrl": ((one.get("Identity") or {}).get("Oidc") or {}).get("Issuer"),
        "EncryptionConfigKeyArn": next(filter(None, keys), None),
        REMOTE: {**NOWHERE, **(one.get(REMOTE) or {})},
        "DeletionProtection": bool(one.get("DeletionProtection")),
        "ZonalShiftConfig": one.get("ZonalShiftConfig") or {"Enabled": False},
    }


def _logs(one: Described) -> list[str]:
    """The kinds of logs that are on."""
    setups = (one.get(LOGGING) or {}).get("ClusterLogging") or ()
    return [kind for each in setups if each.get("Enabled") for kind in each.get("Types") or ()]


def created_with(operation: Operation) -> dict[str, Any]:
    """The parameters of the creating call."""
    sent = given(operation, (*FIXED, *CHANGED))
    return {**sent, **({LOGGING: _logging(sent[LOGGING])} if LOGGING in sent else {})}


def _logging(value: Any) -> dict[str, Any]:
    """All kinds of logs, each on or off."""
    wanted = ((value or {}).get("ClusterLogging") or {}).get("EnabledTypes") or ()
    on = [one["Type"] for one in wanted]
    off = [one for one in _ALL_LOGS if one not in on]
    both = ({"Types": on, "Enabled": True}, {"Types": off, "Enabled": False})
    return {"ClusterLogging": [one for one in both if one["Types"]]}


def version(values: Properties, one: Described) -> dict[str, Any]:
    """The version, if it is another one."""
    wanted = values.get("Version")
    return {} if wanted in (None, one.get("Version")) else {"Version": wanted}


def part(*names: str) -> Callable[[Properties, Described], dict[str, Any]]:
    """Makes the parameters for these parts of the network, if one is otherwise than it is wanted."""

    def parameters(values: Properties, one: Described) -> dict[str, Any]:
        given, has = values.get(VPC) or {}, one.get(VPC) or {}
        wanted = {name: given[name] for name in names if given.get(name) is not None}
        return {} if _covers(wanted, has) else {VPC: wanted}

    return parameters


def logging(values: Properties, one: Described) -> dict[str, Any]:
    """All kinds of logs, if one is to be turned on or off."""
    wanted = _logging(values.get(LOGGING))
    on = [kind for each in wanted["ClusterLogging"] if each["Enabled"] for kind in each["Types"]]
    return {} if set(on) == set(_logs(one)) else {LOGGING: wanted}


def differing(*names: str) -> Callable[[Properties, Described], dict[str, Any]]:
    """Makes the parameters for these properties, all that are given, if one is otherwise."""

    def parameters(values: Properties, one: Described) -> dict[str, Any]:
        wanted = {name: values[name] for name in names if values.get(name) not in (None, {})}
        shows = properties_of(one)
        return {} if _covers(wanted, shows) else _settable(wanted)

    return parameters


def _settable(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters without what only a creation takes."""
    found = dict(wanted)
    if NETWORK in found:
        found[NETWORK] = shown("ElasticLoadBalancing")(found[NETWORK])
    if ACCESS in found:
        found[ACCESS] = shown("AuthenticationMode")(found[ACCESS])
    return found
