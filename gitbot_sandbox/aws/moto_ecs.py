"""Make moto's clusters of ECS keep, show and refuse capacity providers as AWS does. Shell.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CapacityProviderStrategyItem.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gitbot_sandbox.aws.moto_patch import by_name, wrap

_STRATEGY = "default_capacity_provider_strategy"
_BY_AWS = ("FARGATE", "FARGATE_SPOT")


def patch() -> None:
    """Make all patches of this module."""
    from moto.ecs.models import EC2ContainerServiceBackend
    from moto.ecs.responses import EC2ContainerServiceResponse as Responses

    setattr(Responses, update_cluster_settings.__name__, update_cluster_settings)
    wrap(EC2ContainerServiceBackend, "create_cluster", _checked_at_creation)
    wrap(EC2ContainerServiceBackend, "put_cluster_capacity_providers", _checked_at_change)


def update_cluster_settings(self: Any) -> Any:
    """Answer UpdateClusterSettings, which moto lacks.

    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateClusterSettings.html
    """
    from moto.core.responses import ActionResult

    asked = {one["name"]: one for one in self._get_param("settings")}
    cluster = self.ecs_backend._get_cluster(self._get_param("cluster"))
    before = {one["name"]: one for one in cluster.settings or ()}
    cluster.settings = list((before | asked).values())
    return ActionResult({"cluster": cluster})


def _checked_at_creation(original: Any) -> Any:
    """Defect: any provider is taken, and a base and weight that nobody gave are not shown."""

    def create_cluster(
        self: Any,
        *given: Any,
        **named: Any,
    ) -> Any:
        asked = by_name(original, *given, **named)
        providers, strategy = asked.get("capacity_providers"), asked.get(_STRATEGY)
        return original(self, **{**asked, _STRATEGY: _kept(self, providers, strategy)})

    return create_cluster


def _checked_at_change(original: Any) -> Any:
    """Defect: as at the creation."""

    def put_cluster_capacity_providers(
        self: Any, cluster_name: str, providers: Any, strategy: Any
    ) -> Any:
        return original(self, cluster_name, providers, _kept(self, providers, strategy))

    return put_cluster_capacity_providers


def _kept(backend: Any, providers: Sequence[str] | None, strategy: Any) -> Any:
    """The strategy as ECS keeps it. Raises InvalidParameterException."""
    from moto.ecs.exceptions import EcsClientException, InvalidParameterException

    providers = providers or ()
    for name in providers:
        if name not in _BY_AWS and backend._get_provider(name) is None:
            raise EcsClientException(f"The specified capacity provider {name} was not found")
    if strategy is None:
        return None
    named = [one.get("capacityProvider") for one in strategy]
    if not set(named) <= set(providers) or len(set(named)) < len(named):
        raise InvalidParameterException(
            "The specified capacity provider strategy must name each capacity provider once, "
            "and only those that are associated with the cluster"
        )
    return [{"base": 0, "weight": 0, **one} for one in strategy]
