"""The types of Cloud Control whose objects another service keeps, too: what native types name. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from gitbot_sandbox.aws.cloud_control.region import Model
from gitbot_sandbox.aws.domain_members import PROFILE, SPACE

Service: TypeAlias = Any
"""moto's backend of a service, in one account and region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """How a service keeps the objects of one type.

    ``make`` gives the properties that the service decides. ``drop`` forgets the object. ``users`` are the objects of the
    service for which AWS keeps it.
    """

    service: str
    make: Callable[[Service, Model], Mapping[str, Any]]
    drop: Callable[[Service, Model], object]
    users: Callable[[Service, Model], Iterable[str]] = lambda service, model: ()


def _layer(service: Service, model: Model) -> Mapping[str, Any]:
    return {"LayerVersionArn": service.publish_layer_version(model).arn}


def _drop_layer(service: Service, model: Model) -> None:
    name, version = model["LayerVersionArn"].split(":")[-2:]
    service.delete_layer_version(name, version)


def _version(service: Service, model: Model) -> Mapping[str, Any]:
    made = service.publish_version(model["FunctionName"], model.get("Description", ""))
    return {"FunctionArn": made.function_arn, "Version": str(made.version)}


def _drop_version(service: Service, model: Model) -> None:
    function, version = model["FunctionArn"].split(":")[-2:]
    service.delete_function(function, qualifier=version)


def _alias(service: Service, model: Model) -> Mapping[str, Any]:
    function = model["FunctionName"].rpartition(":")[2]
    description = model.get("Description", "")
    made = service.create_alias(
        model["Name"], function, model["FunctionVersion"], description, None
    )
    return {"AliasArn": made.arn}


def _drop_alias(service: Service, model: Model) -> None:
    service.delete_alias(model["Name"], model["FunctionName"].rpartition(":")[2])


def _aliases(service: Service, model: Model) -> list[str]:
    found = service.list_aliases(model["FunctionName"].rpartition(":")[2])
    return [one.name for one in found if one.function_version == model["Version"]]


def _parameter_group(service: Service, model: Model) -> Mapping[str, Any]:
    service.create_db_parameter_group(
        {
            "db_parameter_group_name": model["DBParameterGroupName"],
            "db_parameter_group_family": model["Family"],
            "description": model["Description"],
        }
    )
    return {}


def _cluster(service: Service, model: Model) -> Mapping[str, Any]:
    made = service.create_db_cluster(
        {
            "db_cluster_identifier": model["DBClusterIdentifier"],
            "engine": model["Engine"],
            "engine_version": model.get("EngineVersion"),
            "master_username": model.get("MasterUsername", "root"),
            "master_user_password": model.get("MasterUserPassword", "made-by-itself"),
        }
    )
    return {"DBClusterArn": made.db_cluster_arn}


def _bus(service: Service, model: Model) -> Mapping[str, Any]:
    return {"Arn": service.create_event_bus(model["Name"]).arn}


def _peering(service: Service, model: Model) -> Mapping[str, Any]:
    both = service.get_vpc(model["VpcId"]), service.get_vpc(model["PeerVpcId"])
    made = service.create_vpc_peering_connection(*both)
    # Within an account CloudFormation accepts it by itself.
    service.accept_vpc_peering_connection(made.id)
    return {"Id": made.id}


def _transit_gateway(service: Service, model: Model) -> Mapping[str, Any]:
    made = service.create_transit_gateway(model.get("Description"))
    return {"Id": made.id, "TransitGatewayArn": made.arn}


def _databases(field: str, name: str) -> Callable[[Service, Model], Iterable[str]]:
    """The databases whose ``field`` of moto is the property ``name``."""
    return lambda service, model: [
        one.db_instance_identifier
        for one in service.databases.values()
        if str(getattr(one, field, "")).lower() == model[name].lower()
    ]


def _attached_networks(service: Service, model: Model) -> list[str]:
    gateway = service.vpn_gateways.get(model["VPNGatewayId"])
    found = gateway.attachments.items() if gateway else ()
    return [network for network, one in found if one.state.startswith("attach")]


def _attachments(service: Service, model: Model) -> list[str]:
    return [
        one.id
        for one in service.transit_gateway_attachments.values()
        if one.transit_gateway_id == model["Id"] and one.state != "deleted"
    ]


def _rules(service: Service, model: Model) -> list[str]:
    bus = service.event_buses.get(model["Name"])
    return list(bus.rules) if bus else []


SHARED: Mapping[str, Shared] = {
    "AWS::Lambda::LayerVersion": Shared(service="lambda", make=_layer, drop=_drop_layer),
    "AWS::Lambda::Version": Shared(
        service="lambda", make=_version, drop=_drop_version, users=_aliases
    ),
    "AWS::Lambda::Alias": Shared(service="lambda", make=_alias, drop=_drop_alias),
    "AWS::RDS::DBParameterGroup": Shared(
        service="rds",
        make=_parameter_group,
        drop=lambda service, model: service.delete_db_parameter_group(
            model["DBParameterGroupName"]
        ),
        users=_databases("db_parameter_group_name", "DBParameterGroupName"),
    ),
    "AWS::RDS::DBCluster": Shared(
        service="rds",
        make=_cluster,
        drop=lambda service, model: service.clusters.pop(model["DBClusterIdentifier"], None),
        users=_databases("db_cluster_identifier", "DBClusterIdentifier"),
    ),
    "AWS::Events::EventBus": Shared(
        service="events",
        make=_bus,
        drop=lambda service, model: service.delete_event_bus(model["Name"]),
        users=_rules,
    ),
    "AWS::EC2::VPNGateway": Shared(
        service="ec2",
        make=lambda service, model: {"VPNGatewayId": service.create_vpn_gateway(model["Type"]).id},
        drop=lambda service, model: service.vpn_gateways.pop(model["VPNGatewayId"], None),
        users=_attached_networks,
    ),
    "AWS::EC2::VPCPeeringConnection": Shared(
        service="ec2",
        make=_peering,
        drop=lambda service, model: service.vpc_pcxs.pop(model["Id"], None),
    ),
    "AWS::EC2::TransitGateway": Shared(
        service="ec2",
        make=_transit_gateway,
        drop=lambda service, model: service.transit_gateways.pop(model["Id"], None),
        users=_attachments,
    ),
    "AWS::SageMaker::UserProfile": Shared(
        service="sagemaker",
        make=lambda service, model: {"UserProfileArn": PROFILE.add(service, model)},
        drop=PROFILE.drop,
    ),
    "AWS::SageMaker::Space": Shared(
        service="sagemaker",
        make=lambda service, model: {"SpaceArn": SPACE.add(service, model)},
        drop=SPACE.drop,
    ),
}
"""The types whose objects native types name."""
