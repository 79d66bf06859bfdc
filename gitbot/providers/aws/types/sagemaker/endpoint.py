"""AWS::SageMaker::Endpoint as a table. Shell.

EndpointName: replace (generated when absent). EndpointConfigName: a new deployment, while the old one
serves; an update that SageMaker rolls back is an error. DeploymentConfig, RetainAllVariantProperties,
ExcludeRetainedVariantProperties, RetainDeploymentConfig: say how the next deployment is made, cannot be
read, and make none when they change. Tags: changed in place.
Attributes: EndpointArn.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateEndpoint.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.model.schema import Removal
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.table import Create, Delete, Described, Properties, Table, Update, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, failure, listing

_NAME = Name(property="EndpointName", longest=63)
_HOW = (
    *("DeploymentConfig", "RetainDeploymentConfig"),
    *("RetainAllVariantProperties", "ExcludeRetainedVariantProperties"),
)
_UPDATE = Update(
    call="update_endpoint",
    sends=("EndpointConfigName", *_HOW),
    whole=True,
    along=_HOW,
)
_RESETS = {
    "DeploymentConfig": Removal(default=None, says="SageMaker moves all traffic at once"),
    "RetainAllVariantProperties": Removal(
        default=False, says="an update sets weights and counts as the configuration has them"
    ),
    "ExcludeRetainedVariantProperties": Removal(default=[], says="none is excluded"),
    "RetainDeploymentConfig": Removal(default=False, says="an update has its own deployment"),
}
_LISTING = listing("endpoint", "describe_endpoint", _NAME, arn="EndpointArn")


def _rolled_back(one: Described, wanted: Properties) -> str:
    """Why SageMaker went back to the configuration before; empty if it did not."""
    if one["EndpointConfigName"] == wanted.get("EndpointConfigName", one["EndpointConfigName"]):
        return ""
    return str(one.get("FailureReason") or "SageMaker gives no reason")


ENDPOINT = native_type(
    Table(
        name="AWS::SageMaker::Endpoint",
        noun="endpoint",
        dialect=SAGEMAKER,
        timeouts=minutes(create=120, update=120, delete=30),
        listing=_LISTING,
        identifier=itemgetter("EndpointArn"),
        shows=shown("EndpointArn", "EndpointName", "EndpointConfigName"),
        addresses=lambda one: {"EndpointName": one["EndpointName"]},
        create=Create(
            call="create_endpoint",
            sends=("EndpointName", "EndpointConfigName", "DeploymentConfig"),
            gives=lambda answer, _: str(answer["EndpointArn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        ready=lambda one: bool(one["EndpointStatus"] == "InService"),
        failed=failure("EndpointStatus", "Failed", "UpdateRollbackFailed"),
        undone=_rolled_back,
        updates=(_UPDATE,),
        resets=_RESETS,
        write_only=tuple(f"/{name}" for name in _HOW),
        delete=Delete(call="delete_endpoint"),
        tags=_LISTING.tags,
        natural_key=("EndpointName",),
    )
)
