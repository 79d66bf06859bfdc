"""AWS::SageMaker::EndpointConfig as a table. Shell.

EndpointConfigName (generated when absent), ProductionVariants, ShadowProductionVariants,
DataCaptureConfig, AsyncInferenceConfig, ExplainerConfig, ExecutionRoleArn, VpcConfig,
EnableNetworkIsolation, MetricsConfig, KmsKeyId: replace, the new one first, because an endpoint needs
the old one until it has been updated. Tags: changed in place. Attributes: EndpointConfigArn.
https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
"""

from __future__ import annotations

from operator import itemgetter

from gitbot.providers.aws.dialect import Name
from gitbot.providers.aws.table import Create, Delete, Table, shown
from gitbot.providers.aws.table_handler import native_type
from gitbot.providers.aws.types.sagemaker.family import SAGEMAKER, TAKEN, listing

_NAME = Name(property="EndpointConfigName", longest=63)
_SENDS = (
    *("EndpointConfigName", "ProductionVariants", "ShadowProductionVariants"),
    *("DataCaptureConfig", "AsyncInferenceConfig", "ExplainerConfig", "MetricsConfig"),
    *("ExecutionRoleArn", "VpcConfig", "EnableNetworkIsolation", "KmsKeyId"),
)
_LISTING = listing("endpoint-config", "describe_endpoint_config", _NAME, arn="EndpointConfigArn")

ENDPOINT_CONFIG = native_type(
    Table(
        name="AWS::SageMaker::EndpointConfig",
        noun="endpoint configuration",
        dialect=SAGEMAKER,
        listing=_LISTING,
        identifier=itemgetter("EndpointConfigArn"),
        shows=shown("EndpointConfigArn", *_SENDS),
        addresses=lambda one: {"EndpointConfigName": one["EndpointConfigName"]},
        create=Create(
            call="create_endpoint_config",
            sends=_SENDS,
            gives=lambda answer, _: str(answer["EndpointConfigArn"]),
            name=_NAME,
            taken=TAKEN,
        ),
        delete=Delete(call="delete_endpoint_config"),
        tags=_LISTING.tags,
        natural_key=("EndpointConfigName",),
        passes_role_to="sagemaker.amazonaws.com",
    )
)
