"""Make moto's services of ECS keep, show and refuse as ECS does, and their deployments come to an end. Shell.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import wraps
from typing import Any

from moto.core.responses import ActionResult
from moto.ecs.exceptions import EcsClientException, ECSException, InvalidParameterException
from moto.ecs.models import EC2ContainerServiceBackend, Service
from moto.ecs.responses import EC2ContainerServiceResponse

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described

_FORGOTTEN = (
    *("capacityProviderStrategy", "deploymentConfiguration", "placementConstraints"),
    *("placementStrategy", "healthCheckGracePeriodSeconds", "enableECSManagedTags"),
    *("enableExecuteCommand", "availabilityZoneRebalancing", "deploymentController"),
    *("platformVersion", "loadBalancers", "serviceRegistries", "propagateTags"),
)
_DEPLOYED = ("serviceConnectConfiguration", "volumeConfigurations", "networkConfiguration")
_LAUNCH_TYPES = ("EC2", "FARGATE", "EXTERNAL")
_DEPLOYS = (
    *("taskDefinition", "platformVersion", "loadBalancers", "serviceRegistries"),
    *_DEPLOYED,
)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"""


def patch() -> None:
    """Make the patches of this module."""
    wrap(EC2ContainerServiceResponse, "create_service", _kept)
    wrap(EC2ContainerServiceResponse, "create_service", _made_once)
    wrap(EC2ContainerServiceResponse, "update_service", _changed)
    wrap(EC2ContainerServiceResponse, "describe_services", _time_passes)
    wrap(EC2ContainerServiceBackend, "delete_cluster", _empty)


def _known(backend: Any, cluster: str, name: str) -> Any:
    """The living service of this name, None if there is none."""
    found, _ = backend.describe_services(cluster, [name])
    return next((one for one in found if one.status == "ACTIVE"), None)


def _made_once(original: Any) -> Any:
    """Defect: a second service of a name takes the place of the first, and tokens count for nothing."""

    @wraps(original)
    def create_service(self: Any) -> Any:
        cluster, name = self._get_param("cluster", "default"), self._get_param("serviceName")
        asked = repr(sorted((key, str(value)) for key, value in self._get_params().items()))
        token = self._get_param("clientToken")
        present = _known(self.ecs_backend, cluster, name)
        if present is not None:
            if token is None or present.made_by != asked:
                raise InvalidParameterException("Creation of service was not idempotent.")
            return ActionResult({"service": present})
        answer = original(self)
        answer.result["service"].made_by = asked
        return answer

    return create_service


def _kept(original: Any) -> Any:
    """Defects: most parameters are forgotten, any task definition is taken, and no deployment ends."""

    @wraps(original)
    def create_service(self: Any) -> Any:
        asked = dict(self._get_params())
        _check(self.ecs_backend, asked)
        kind = asked.get("launchType")
        if asked.get("schedulingStrategy") != "DAEMON" and asked.get("desiredCount") is None:
            raise InvalidParameterException("desiredCount is required for REPLICA services.")
        network = asked.get("networkConfiguration") or {}
        if network and "securityGroups" not in network.get("awsvpcConfiguration", {}):
            inner = {**network.get("awsvpcConfiguration", {}), "securityGroups": []}
            self.params = {**self.params, "networkConfiguration": {"awsvpcConfiguration": inner}}
        if kind == "EXTERNAL":
            self.params = {**self.params, "launchType": "EC2"}
        answer = original(self)
        service = answer.result["service"]
        service.launch_type = None if asked.get("capacityProviderStrategy") else kind or "EC2"
        if service.launch_type == "FARGATE" or asked.get("capacityProviderStrategy"):
            asked.setdefault("platformVersion", "LATEST")
        _keep(service, asked)
        _deploy(service, {})
        return answer

    return create_service


def _changed(original: Any) -> Any:
    """Defects: as at the creation; a service that is gone is changed; a revision stays without its ARN."""

    @wraps(original)
    def update_service(self: Any) -> Any:
        asked = dict(self._get_params())
        cluster, name = asked.get("cluster", "default"), asked["service"].split("/")[-1]
        backend = self.ecs_backend
        backend._get_service(cluster, name)  # refuses an unknown one
        present = _known(backend, cluster, name)
        if present is None:
            raise ECSException("ServiceNotActiveException", "Service was not ACTIVE.")
        _check(backend, asked)
        before = {**vars(present), "deployments": [dict(one) for one in present.deployments[:1]]}
        own = ("cluster", "service", "taskDefinition", "desiredCount")
        self.params = {key: value for key, value in self.params.items() if key in own}
        answer = original(self)
        service = answer.result["service"]
        if asked.get("taskDefinition"):
            service.task_definition = backend.describe_task_definition(asked["taskDefinition"]).arn
        _keep(service, asked)
        if any(asked.get(name) is not None for name in _DEPLOYS):
            _deploy(service, before)
        return answer

    return update_service


def _check(backend: Any, asked: Mapping[str, Any]) -> None:
    """Raises as ECS does for what contradicts itself or names what is not there."""
    if asked.get("launchType") and asked.get("capacityProviderStrategy"):
        raise InvalidParameterException(
            "Specifying both a launch type and capacity provider strategy is not supported."
        )
    if asked.get("launchType") not in (None, *_LAUNCH_TYPES):
        raise InvalidParameterException("Launch type is not supported.")
    definition = None
    if asked.get("taskDefinition"):
        definition = backend.describe_task_definition(asked["taskDefinition"])
        if definition.status != "ACTIVE":
            raise EcsClientException("TaskDefinition is inactive")
    if definition is None or "service" in asked:
        return
    if definition.network_mode == "awsvpc" and not asked.get("networkConfiguration"):
        raise InvalidParameterException(
            "Network Configuration must be provided when networkMode 'awsvpc' is specified."
        )


def _keep(service: Any, asked: Mapping[str, Any]) -> None:
    """Let the service show what was asked, and its first deployment as complete."""
    for name in _FORGOTTEN:
        if asked.get(name) is not None:
            kept = asked[name]
            if name == "capacityProviderStrategy":
                kept = [{"base": 0, "weight": 0, **one} for one in kept]
            setattr(service, name, kept)
            setattr(service, _underscored(name), kept)
    if asked.get("networkConfiguration"):
        service.network_configuration = asked["networkConfiguration"]
    service.running_count, service.pending_count = service.desired_count, 0
    for deployment in service.deployments[:1]:
        told = {name: asked[name] for name in _DEPLOYED if asked.get(name) is not None}
        deployment |= {
            **told,
            "taskDefinition": service.task_definition,
            "desiredCount": service.desired_count,
            "runningCount": service.desired_count,
            "pendingCount": 0,
            "rolloutState": "COMPLETED",
        }


def _deploy(service: Any, before: Mapping[str, Any]) -> None:
    """Let the deployment take time; where it fails, the circuit breaker may go back to what was ``before``.

    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
    """
    service.deployments = service.deployments[:1]
    for deployment in service.deployments:
        deployment["rolloutState"] = "IN_PROGRESS"

    def then(reason: str) -> None:
        state = {"rolloutState": "FAILED", "rolloutStateReason": reason}
        for deployment in service.deployments:
            deployment |= state if reason else {"rolloutState": "COMPLETED"}
        settings = getattr(service, "deployment_configuration", None) or {}
        if reason and before and settings.get("deploymentCircuitBreaker", {}).get("rollback"):
            failed = [{**one, "status": "ACTIVE"} for one in service.deployments]
            vars(service).update(before)
            service.deployments = [*service.deployments, *failed]

    begin(service, then)


def _time_passes(original: Any) -> Any:
    """Defect: no deployment takes time."""

    @wraps(original)
    def describe_services(self: Any) -> Any:
        for service in self.ecs_backend.services.values():
            described(service)
        return original(self)

    return describe_services


def _underscored(name: str) -> str:
    return "".join(f"_{one.lower()}" if one.isupper() else one for one in name)


def _empty(original: Any) -> Any:
    """Defect: a cluster goes while services use it."""

    @wraps(original)
    def delete_cluster(self: Any, cluster_str: str) -> Any:
        cluster = self._get_cluster(cluster_str)
        services: list[Service] = list(self.services.values())
        if any(one.cluster_name == cluster.name and one.status == "ACTIVE" for one in services):
            raise ECSException(
                "ClusterContainsServicesException",
                "The Cluster cannot be deleted while Services are active.",
            )
        return original(self, cluster_str)

    return delete_cluster
