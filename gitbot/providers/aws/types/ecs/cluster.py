"""AWS::ECS::Cluster as a table. Shell.

ClusterName: replace (generated when absent). ClusterSettings, Configuration, CapacityProviders,
DefaultCapacityProviderStrategy, ServiceConnectDefaults (a name or an ARN; ECS shows only the ARN, so it is not
compared), Tags: changed in place. Attributes: Arn.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.table import Create, Delete, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ecs.family import ECS, tags_of, weighed

_NAME = Name(property="ClusterName", longest=255)
_STRATEGY = "DefaultCapacityProviderStrategy"
_PROVIDERS = ("CapacityProviders", _STRATEGY)
_CONNECT = "ServiceConnectDefaults"
_PLAIN = ("ClusterSettings", "Configuration", _CONNECT)

_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "dependentRequired": {_STRATEGY: ["CapacityProviders"]},
    },
    "CapacityProviders": {"uniqueItems": True},
    _STRATEGY: {"uniqueKeys": ["CapacityProvider"], "maxItems": 20},
    f"{_STRATEGY}/*": {"required": ["CapacityProvider"]},
    f"{_STRATEGY}/*/CapacityProvider": {"minLength": 1},
    "ClusterSettings": {"minItems": 1, "uniqueKeys": ["Name"]},
    "ClusterSettings/*": {"required": ["Name", "Value"]},
    "ClusterSettings/*/Name": {"enum": ["containerInsights"]},
    "ClusterSettings/*/Value": {"enum": ["enabled", "disabled", "enhanced"]},
    _CONNECT: {"required": ["Namespace"]},
    f"{_CONNECT}/Namespace": {"pattern": '^(arn:.+|[^<>"/]{1,1024})$'},
    "Configuration/ExecuteCommandConfiguration": {
        "if": {"required": ["Logging"], "properties": {"Logging": {"const": "OVERRIDE"}}},
        "then": {"required": ["LogConfiguration"]},
        "else": {"not": {"required": ["LogConfiguration"]}},
    },
}


def _with_defaults(properties: Properties) -> Properties:
    """The properties in the form for comparison: ECS shows a base and a weight that nobody gave."""
    strategy = properties.get(_STRATEGY)
    if not isinstance(strategy, (list, tuple)):
        return properties
    return {**properties, _STRATEGY: [weighed(one) for one in strategy]}


_LISTING = Plain(
    dialect=ECS,
    call="describe_clusters",
    many="Clusters",
    answer="Clusters",
    more={"Include": ["CONFIGURATIONS", "SETTINGS", "TAGS"]},
    tags=tags_of("ClusterArn"),
    name=_NAME,
    index=Index("ecs:cluster"),
)

_CREATE = Create(
    call="create_cluster",
    sends=("ClusterName", *_PLAIN, *_PROVIDERS),
    gives=lambda answer, _: str(answer["Cluster"]["ClusterName"]),
    name=_NAME,
    repeats=True,
)

# The strategy is removed first: it may name only providers that the cluster has.
_RESETS = {
    **{name: Removal(default=[], says="none is used") for name in reversed(_PROVIDERS)},
    _CONNECT: Removal(
        default={"Namespace": ""}, says="services say their namespace; this one stays in Cloud Map"
    ),
}

CLUSTER = native_type(
    Table(
        name="AWS::ECS::Cluster",
        noun="cluster",
        dialect=ECS,
        listing=_LISTING,
        identifier=itemgetter("ClusterName"),
        shows=shown(
            *("ClusterName", "Configuration", *_PROVIDERS),
            **{"Arn": "ClusterArn", "ClusterSettings": "Settings"},
        ),
        addresses=lambda one: {"Cluster": one["ClusterName"]},
        spells={"ClusterSettings": "Settings"},
        create=_CREATE,
        exists=lambda one: one["Status"] not in ("INACTIVE", "DEPROVISIONING"),
        ready=lambda one: bool(one["Status"] == "ACTIVE"),
        delete=Delete(call="delete_cluster"),
        tags=_LISTING.tags,
        updates=(
            Update(call="update_cluster", sends=_PLAIN),
            Update(call="put_cluster_capacity_providers", sends=_PROVIDERS, whole=True),
        ),
        resets=_RESETS,
        write_only=(f"/{_CONNECT}",),
        natural_key=("ClusterName",),
        normalise=_with_defaults,
        refine=refining(_LIMITS),
        sets=tuple(f"/{name}" for name in (*_PROVIDERS, "ClusterSettings")),
        identities={f"/{_STRATEGY}": ("CapacityProvider",), "/ClusterSettings": ("Name",)},
    )
)
