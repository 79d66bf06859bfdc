"""AWS::ECS::Cluster as a table. Shell.

ClusterName: replace (generated when absent). ClusterSettings, Configuration, CapacityProviders,
DefaultCapacityProviderStrategy, Tags: changed in place. Attributes: Arn.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCluster.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.model.schema import Removal
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.table import Create, Delete, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ecs.family import ECS, tags_of

_NAME = Name(property="ClusterName", longest=255)
_PROVIDERS = ("CapacityProviders", "DefaultCapacityProviderStrategy")
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
        create=Create(
            call="create_cluster",
            sends=("ClusterName", "ClusterSettings", "Configuration", *_PROVIDERS),
            gives=lambda answer, _: str(answer["Cluster"]["ClusterName"]),
            name=_NAME,
            repeats=True,
        ),
        exists=lambda one: one["Status"] not in ("INACTIVE", "DEPROVISIONING"),
        ready=lambda one: bool(one["Status"] == "ACTIVE"),
        delete=Delete(call="delete_cluster"),
        tags=_LISTING.tags,
        updates=(
            Update(call="update_cluster", sends=("ClusterSettings", "Configuration")),
            Update(call="put_cluster_capacity_providers", sends=_PROVIDERS, whole=True),
        ),
        resets={name: Removal(default=[], says="none is used") for name in _PROVIDERS},
        natural_key=("ClusterName",),
    )
)
