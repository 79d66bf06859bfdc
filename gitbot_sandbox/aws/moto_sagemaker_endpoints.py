"""Let moto's SageMaker endpoints be updated, take time and fail as AWS's do. Shell.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DescribeEndpoint.html
"""

from __future__ import annotations

from functools import cache, wraps
from typing import Any

from botocore.session import get_session
from moto.sagemaker.exceptions import ValidationError
from moto.sagemaker.models import FakeEndpointConfig, FakeSagemakerNotebookInstance
from moto.sagemaker.models import SageMakerModelBackend as Backend
from moto.sagemaker.responses import SageMakerResponse as Responses

from gitbot_sandbox.aws.given import Given, Kind
from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.states import begin, described

_CONFIG = Kind(
    response=Responses,
    backend="sagemaker_backend",
    kind="endpoint_config",
    name="EndpointConfigName",
)
_ENDPOINT = Kind(
    response=Responses,
    backend="sagemaker_backend",
    kind="endpoint",
    name="EndpointName",
)


def patch() -> None:
    """Make all patches of this module."""
    _CONFIG.show()
    wrap(Backend, "validate_production_variants", _of_models)
    wrap(FakeEndpointConfig, "validate_production_variants", _with_pools)
    wrap(FakeEndpointConfig, "validate_instance_type", _known("ProductionVariantInstanceType"))
    wrap(FakeSagemakerNotebookInstance, "validate_instance_type", _known("InstanceType"))
    wrap(Backend, "create_endpoint", _takes_time)
    wrap(Backend, "describe_endpoint", _time_passes)
    wrap(Backend, "delete_endpoint", _at_rest)
    _ENDPOINT.show()
    _ENDPOINT.change(_update)


def _of_models(original: Any) -> Any:
    """Defect: a variant without a model, for inference components, ends in an error of moto."""

    @wraps(original)
    def validate_production_variants(self: Any, production_variants: list[dict[str, Any]]) -> None:
        original(self, [one for one in production_variants if "ModelName" in one])

    return validate_production_variants


def _with_pools(original: Any) -> Any:
    """Defect: a variant on pools of machines is refused."""

    @wraps(original)
    def validate_production_variants(self: Any, production_variants: list[dict[str, Any]]) -> None:
        original(self, [one for one in production_variants if "InstancePools" not in one])

    return validate_production_variants


def _known(shape: str) -> Any:
    """Defect: only instance types of some years ago are taken."""

    def make(original: Any) -> Any:
        @wraps(original)
        def validate_instance_type(self: Any, instance_type: str) -> None:
            if instance_type not in _values(shape):
                raise ValidationError(
                    message=f"Value '{instance_type}' at 'instanceType' failed to satisfy "
                    f"constraint: Member must satisfy enum value set: {sorted(_values(shape))}"
                )

        return validate_instance_type

    return make


@cache
def _values(shape: str) -> frozenset[str]:
    """The values that the API knows for an enumeration."""
    named: Any = get_session().get_service_model("sagemaker").shape_for(shape)
    return frozenset(named.enum)


def _takes_time(original: Any) -> Any:
    """Defect: an endpoint is in service at once, and never fails."""

    @wraps(original)
    def create_endpoint(self: Any, **given: Any) -> Any:
        endpoint = original(self, **given)
        endpoint.endpoint_status = "Creating"

        def then(reason: str) -> None:
            endpoint.endpoint_status = "Failed" if reason else "InService"
            endpoint.failure_reason = reason or None

        begin(endpoint, then)
        return endpoint

    return create_endpoint


def _time_passes(original: Any) -> Any:
    @wraps(original)
    def describe_endpoint(self: Any, endpoint_name: str) -> Any:
        if endpoint_name in self.endpoints:
            described(self.endpoints[endpoint_name])
        return original(self, endpoint_name)

    return describe_endpoint


def _at_rest(original: Any) -> Any:
    """Defect: an endpoint that is being made or updated is deleted."""

    @wraps(original)
    def delete_endpoint(self: Any, endpoint_name: str) -> None:
        _refuse_in_progress(self.endpoints.get(endpoint_name))
        original(self, endpoint_name)

    return delete_endpoint


def _update(responses: Any, name: str, asked: Given) -> Given:
    """Defect: there is no UpdateEndpoint. An update that fails is rolled back."""
    backend = responses.sagemaker_backend
    endpoint = backend.endpoints[name]
    _refuse_in_progress(endpoint)
    if endpoint.endpoint_status != "InService":
        raise ValidationError(message=f'Cannot update unusable endpoint "{endpoint.arn}".')
    before, wanted = endpoint.endpoint_config_name, asked["EndpointConfigName"]
    for config in (wanted, before):  # AWS still needs the one before, to go back to
        backend.describe_endpoint_config(config)
    endpoint.endpoint_status = "Updating"
    kept = _ENDPOINT.given_of(responses).setdefault(name, {})
    kept["EndpointConfigName"] = before

    def then(reason: str) -> None:
        endpoint.endpoint_status = "InService"
        endpoint.failure_reason = reason or None
        if not reason:
            endpoint.endpoint_config_name = kept["EndpointConfigName"] = wanted

    begin(endpoint, then)
    return {"DeploymentConfig": asked.get("DeploymentConfig")}


def _refuse_in_progress(endpoint: Any) -> None:
    if endpoint is not None and endpoint.endpoint_status in ("Creating", "Updating"):
        raise ValidationError(message=f'Cannot update in-progress endpoint "{endpoint.arn}".')
