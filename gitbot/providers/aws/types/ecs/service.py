"""AWS::ECS::Service as a table. Shell.

ServiceName (generated when absent), Cluster, SchedulingStrategy, LaunchType, Role: replace. TaskDefinition (with its
revision), DesiredCount, CapacityProviderStrategy, PlatformVersion, DeploymentConfiguration, DeploymentController,
NetworkConfiguration, LoadBalancers, ServiceRegistries, HealthCheckGracePeriodSeconds, PlacementConstraints,
PlacementStrategies, PropagateTags, EnableECSManagedTags, EnableExecuteCommand, AvailabilityZoneRebalancing,
ServiceConnectConfiguration, VolumeConfigurations, Tags: changed in place; an apply ends when the deployment has.
Attributes: ServiceArn, Name. Its identifier is ``arn:aws:ecs:…|cluster``. A DesiredCount that is not declared is left
to whoever scales the service. GatewayConnectors, VpcLatticeConfigurations, Monitoring and ForceNewDeployment are not
handled.
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation
from gitbot.model.schema import Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.native import Index, last_part
from gitbot.providers.aws.plain import Plain
from gitbot.providers.aws.refining import refining
from gitbot.providers.aws.short_names import with_short_names
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_finding import covers
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.ecs.family import ECS, tags_of, weighed

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

_NAME = Name(property="ServiceName", longest=255)
_FIXED = ("ServiceName", "Cluster", "SchedulingStrategy", "LaunchType", "Role")
_STRATEGY = "CapacityProviderStrategy"
_DEPLOYED = ("ServiceConnectConfiguration", "VolumeConfigurations")
"""What only a deployment of the service tells."""
_CHANGED = (
    *("TaskDefinition", "DesiredCount", _STRATEGY, "PlatformVersion", "DeploymentConfiguration"),
    *("DeploymentController", "NetworkConfiguration", "LoadBalancers", "ServiceRegistries"),
    *("HealthCheckGracePeriodSeconds", "PlacementConstraints", "PlacementStrategies"),
    *("PropagateTags", "EnableECSManagedTags", "EnableExecuteCommand"),
    *("AvailabilityZoneRebalancing", *_DEPLOYED),
)


_DEPLOYS = (
    *("TaskDefinition", "NetworkConfiguration", "PlatformVersion"),
    *("LoadBalancers", "ServiceRegistries", *_DEPLOYED),
)
"""What ECS deploys, and what it goes back to when a deployment fails."""


class _Services(Plain):
    """Services by their ARN and cluster. One with a name is looked for in its cluster."""

    __slots__ = ()

    def by_key(self, aws: Connection, operation: Operation) -> Iterator[Described]:
        """See ``table.Listing``."""
        cluster = last_part(str(operation.properties.get("Cluster") or "default"))
        arn = f"arn:{aws.partition}:ecs:{aws.region}:{aws.account}:service/{cluster}"
        return self.by_id(aws, [f"{arn}/{_NAME.of(operation)}|{cluster}"])


def _asked(remote_id: str) -> dict[str, Any]:
    arn, _, cluster = remote_id.partition("|")
    return {"Cluster": cluster, "Services": [arn]}


def _identified(arn: str) -> str:
    return f"{arn}|{arn.split('/')[-2]}"


_LISTING = _Services(
    dialect=ECS,
    call="describe_services",
    asks=_asked,
    answer="Services",
    more={"Include": ["TAGS"]},
    tags=tags_of("ServiceArn"),
    name=_NAME,
    index=Index("ecs:service", own=_identified),
)


_NONE: Described = {}


def _primary(service: Described) -> Described:
    """The deployment that the service is on its way to; empty where others than ECS deploy."""
    found = (one for one in service.get("Deployments") or () if one.get("Status") == "PRIMARY")
    return next(found, _NONE)


def _service_id(service: Described) -> str:
    return f"{service['ServiceArn']}|{last_part(service['ClusterArn'])}"


def _addresses(service: Described) -> dict[str, Any]:
    return {"Cluster": service["ClusterArn"], "Service": service["ServiceArn"]}


def _shows(service: Described) -> Properties:
    propagates = service.get("PropagateTags")
    return {
        **shown("ServiceArn", "ServiceName", "SchedulingStrategy", "LaunchType", *_CHANGED)(
            service
        ),
        **shown(*_DEPLOYED)(_primary(service)),
        "Name": service["ServiceName"],
        "Cluster": last_part(service["ClusterArn"]),
        "Role": service.get("RoleArn"),
        "PlacementStrategies": service.get("PlacementStrategy"),
        "PropagateTags": None if propagates == "NONE" else propagates,
    }


def _normalised(properties: Properties) -> Properties:
    """The properties in the form for comparison: ECS takes names and ARNs alike, and shows what nobody gave."""
    done = with_short_names(properties, roles=("Role",))
    if isinstance(done.get("Cluster"), str):
        done["Cluster"] = last_part(done["Cluster"])
    if isinstance(done.get("TaskDefinition"), str):
        done["TaskDefinition"] = done["TaskDefinition"].rpartition("/")[2]
    if isinstance(done.get(_STRATEGY), (list, tuple)):
        done[_STRATEGY] = [weighed(one) for one in done[_STRATEGY]]
    return done


def _creating(operation: Operation) -> Properties:
    """The parameters of the creating call, which wants a number of tasks."""
    given = shown(*_FIXED, *_CHANGED)(operation.properties)
    wanted = {name: value for name, value in given.items() if value is not None}
    daemon = wanted.get("SchedulingStrategy") == "DAEMON"
    return wanted if daemon else {"DesiredCount": 1, **wanted}


def _ready(service: Described) -> bool:
    return _primary(service).get("RolloutState") in (None, "COMPLETED")


def _failed(service: Described) -> str:
    deployment = _primary(service)
    if deployment.get("RolloutState") != "FAILED":
        return ""
    return str(deployment.get("RolloutStateReason") or "ECS gives no reason")


def _undone(service: Described, wanted: Properties) -> str:
    """Why ECS went back to what it ran before; empty if it did not, whatever deployments before came to."""
    given, there = _normalised(shown(*_DEPLOYS)(wanted)), _normalised(_shows(service))
    lost = {
        name
        for name, value in given.items()
        if not covers(value or None, there.get(name) or None, ordered=False)
    }
    deployments = service.get("Deployments") or ()
    failed = next((one for one in deployments if one.get("RolloutState") == "FAILED"), _NONE)
    if not lost or not (failed or "TaskDefinition" in lost):
        return ""
    return str(failed.get("RolloutStateReason") or "the deployment failed")


_RESETS = {
    "LoadBalancers": Removal(default=[], says="no load balancer sends it requests"),
    "ServiceRegistries": Removal(default=[], says="it is in no registry"),
    "PlacementConstraints": Removal(default=[], says="tasks may run everywhere"),
    "PlacementStrategies": Removal(default=[], says="ECS places the tasks"),
    "HealthCheckGracePeriodSeconds": Removal(default=0, says="health checks count at once"),
    "EnableExecuteCommand": Removal(default=False, says="nobody can open a shell in its tasks"),
    "EnableECSManagedTags": Removal(default=False, says="new tasks get no tags of ECS"),
    "PlatformVersion": Removal(default="LATEST", says="the latest version of Fargate"),
    "VolumeConfigurations": Removal(default=[], says="tasks get no volumes of their own"),
    "ServiceConnectConfiguration": Removal(default={"Enabled": False}, says="it is turned off"),
}
_LIMITS: Mapping[str, Mapping[str, Any]] = {
    "": {
        "dependentExcluded": {"LaunchType": [_STRATEGY], _STRATEGY: ["LaunchType"]},
        "required": ["TaskDefinition"],
    },
    "ServiceName": {"pattern": "^[a-zA-Z0-9_-]{1,255}$"},
    "TaskDefinition": {"pattern": ":[0-9]+$"},
    "Cluster": {"minLength": 1},
    "DesiredCount": {"minimum": 0},
    "HealthCheckGracePeriodSeconds": {"minimum": 0},
    _STRATEGY: {"minItems": 1, "uniqueKeys": ["CapacityProvider"], "maxItems": 20},
    f"{_STRATEGY}/*": {"required": ["CapacityProvider"]},
    f"{_STRATEGY}/*/CapacityProvider": {"minLength": 1},
    "NetworkConfiguration": {"required": ["AwsvpcConfiguration"]},
    "NetworkConfiguration/AwsvpcConfiguration": {"required": ["Subnets"]},
    "NetworkConfiguration/AwsvpcConfiguration/Subnets": {"minItems": 1, "uniqueItems": True},
    "NetworkConfiguration/AwsvpcConfiguration/SecurityGroups": {"uniqueItems": True},
    "PlatformVersion": {"minLength": 1},
    "DeploymentController": {"required": ["Type"]},
    "DeploymentConfiguration/EarlySuccessCriteria": {"required": ["Enable"]},
    "ServiceConnectConfiguration/LogConfiguration": {"required": ["LogDriver"]},
}
_CREATE = Create(
    call="create_service",
    sends=(*_FIXED, *_CHANGED),
    parameters=_creating,
    gives=lambda answer, _: _service_id(answer["Service"]),
    name=_NAME,
    token="ClientToken",
    taken=frozenset({"InvalidParameterException: not idempotent"}),
)

SERVICE = native_type(
    Table(
        name="AWS::ECS::Service",
        noun="service",
        dialect=ECS,
        timeouts=minutes(create=60, update=60, delete=30),
        listing=_LISTING,
        identifier=_service_id,
        shows=_shows,
        addresses=_addresses,
        spells={"PlacementStrategies": "PlacementStrategy"},
        create=_CREATE,
        updates=(Update(call="update_service", sends=_CHANGED),),
        resets=_RESETS,
        exists=lambda one: bool(one["Status"] == "ACTIVE"),
        ready=_ready,
        failed=_failed,
        undone=_undone,
        delete=Delete(
            call="delete_service", parameters=lambda one: {**_addresses(one), "Force": True}
        ),
        tags=_LISTING.tags,
        natural_key=("Cluster", "ServiceName"),
        filled=("DesiredCount", "LaunchType"),
        normalise=_normalised,
        refine=refining(_LIMITS),
        sets=(f"/{_STRATEGY}",),
        identities={f"/{_STRATEGY}": ("CapacityProvider",), "/VolumeConfigurations": ("Name",)},
        passes_role_to="ecs.amazonaws.com",
    )
)
