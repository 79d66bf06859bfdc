"""Say how EKS's node groups are made and changed, and compare them. Pure.

https://docs.aws.amazon.com/eks/latest/APIReference/API_Nodegroup.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupConfig.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateNodegroupVersion.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gitbot.providers.aws.table import Described, Properties, shown
from gitbot.providers.aws.table_finding import covers

TEMPLATE, SCALING, FORCE = "LaunchTemplate", "ScalingConfig", "ForceUpdateEnabled"
FIXED: Final = (
    *("ClusterName", "NodegroupName", "NodeRole", "Subnets", "AmiType", "CapacityType"),
    *("DiskSize", "InstanceTypes", "RemoteAccess"),
)
RUNS: Final = ("Version", "ReleaseVersion", TEMPLATE)
"""What machines are made from: a change replaces all that run, some at a time."""
WHOLE: Final = ("UpdateConfig", "NodeRepairConfig", "WarmPoolConfig")
KEPT: Final = ("Labels", "Taints", SCALING, *WHOLE)
_OWN = shown(*FIXED, *RUNS, *KEPT, Arn="NodegroupArn")


def identity(one: Described) -> str:
    """The identifier of a described group."""
    return f"{one['ClusterName']}/{one['NodegroupName']}"


def properties_of(one: Described) -> Properties:
    """What a described group shows, in CloudFormation's form."""
    return {
        **_OWN(one),
        "Id": identity(one),
        "Labels": one.get("Labels") or {},
        "Taints": one.get("Taints") or [],
        "NodeRepairConfig": one.get("NodeRepairConfig") or {"Enabled": False},
        "WarmPoolConfig": one.get("WarmPoolConfig") or {"Enabled": False},
    }


def compared(properties: Properties) -> Properties:
    """The properties in the form for comparison: a taint without a value is one with an empty value."""
    taints = properties.get("Taints")
    if not isinstance(taints, (list, tuple)):
        return properties
    return {**properties, "Taints": [_plain(one) for one in taints]}


def _plain(taint: Any) -> Any:
    if not isinstance(taint, Mapping) or taint.get("Value") != "":
        return taint
    return {name: value for name, value in taint.items() if name != "Value"}


def configured(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters of what changes without new machines; empty where nothing differs."""
    found = {
        name: values[name]
        for name in WHOLE
        if values.get(name) is not None and not covers(values[name], properties_of(one)[name])
    }
    if "Labels" in values:
        found["Labels"] = _labels(values["Labels"] or {}, one.get("Labels") or {})
    if "Taints" in values:
        found["Taints"] = _taints(values["Taints"] or (), one.get("Taints") or ())
    if values.get(SCALING):
        found[SCALING] = _sizes(values[SCALING], one.get(SCALING) or {})
    return {name: value for name, value in found.items() if value}


def _labels(wanted: Mapping[str, str], has: Mapping[str, str]) -> dict[str, Any]:
    changes = {
        "AddOrUpdateLabels": {
            name: wanted[name] for name in wanted if wanted[name] != has.get(name)
        },
        "RemoveLabels": sorted(has.keys() - wanted.keys()),
    }
    return {name: value for name, value in changes.items() if value}


def _taints(wanted: Any, has: Any) -> dict[str, Any]:
    """The changes of taints, each of which is known by its key and effect."""
    there = {(one["Key"], one["Effect"]): _plain(one) for one in has}
    asked = {(one["Key"], one["Effect"]): _plain(one) for one in wanted}
    changes = {
        "AddOrUpdateTaints": [one for known, one in asked.items() if there.get(known) != one],
        "RemoveTaints": [one for known, one in there.items() if known not in asked],
    }
    return {name: value for name, value in changes.items() if value}


def _sizes(wanted: Mapping[str, int], has: Mapping[str, int]) -> dict[str, int]:
    """The sizes, if one differs. EKS takes no number of machines outside of the others, and leaves it as it is."""
    sizes = {**has, **{name: value for name, value in wanted.items() if value is not None}}
    if "DesiredSize" not in wanted and sizes.keys() >= {"MinSize", "MaxSize", "DesiredSize"}:
        sizes["DesiredSize"] = min(max(sizes["DesiredSize"], sizes["MinSize"]), sizes["MaxSize"])
    return {name: value for name, value in sizes.items() if value != has.get(name)}


def remade(values: Properties, one: Described) -> dict[str, Any]:
    """The parameters of what makes new machines; empty where nothing differs.

    EKS takes what it is not told for the newest: the cluster's version, the template's default version.
    """
    has, template = one.get(TEMPLATE) or {}, values.get(TEMPLATE) or {}
    number = template.get("Version") or has.get("Version")
    differs = any(
        values.get(name) not in (None, one.get(name)) for name in ("Version", "ReleaseVersion")
    )
    if not differs and number == has.get("Version"):
        return {}
    found: dict[str, Any] = {}
    if has:
        own = {name: template[name] for name in ("Id", "Name") if template.get(name)}
        found[TEMPLATE] = {**(own or shown("Id")(has)), "Version": number}
    if values.get("Version") or one.get("AmiType") != "CUSTOM":
        found["Version"] = values.get("Version") or one["Version"]
    if values.get("ReleaseVersion"):
        found["ReleaseVersion"] = values["ReleaseVersion"]
    return {**found, "Force": True} if values.get(FORCE) else found
