"""Start a machine as the first choice of its placement that AWS has room for. Shell.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation
from gitbot.model.names import RemoteId
from gitbot.model.placement import PLACEMENT, Candidate, Kind, candidates, words_of
from gitbot.providers.aws.types.ec2.instance_interfaces import INTERFACES
from gitbot.providers.aws.types.ec2.instance_shapes import launch_parameters
from gitbot.providers.aws.types.ec2.power import NO_CAPACITY

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

KIND: Final = Kind(
    size="InstanceType", subnet="SubnetId", zone="AvailabilityZone", places=(INTERFACES,)
)
NO_ROOM: Final = NO_CAPACITY | {
    "MaxSpotInstanceCountExceeded",
    "SpotMaxPriceTooLow",
    "Unsupported",
}
"""The codes after which the next choice is tried: nothing was started."""
_SPOT: Final = {
    "MarketType": "spot",
    "SpotOptions": {"SpotInstanceType": "one-time", "InstanceInterruptionBehavior": "terminate"},
}


def launch(aws: Connection, operation: Operation) -> RemoteId:
    """Start the machine; returns its identifier.

    Each choice has a client token of its own, because its parameters are others. Any other refusal
    ends it at once: the call may have started a machine.

    Raises:
        CloudError: AWS has no room for any of the choices; the message names each with AWS's code.
    """
    given = operation.properties.get(PLACEMENT)
    if not isinstance(given, Mapping):
        return _run(aws, launch_parameters(operation))
    choices = candidates(given, KIND)
    refused: list[str] = []
    for number, choice in enumerate(choices):
        try:
            remote_id = _run(aws, _parameters(operation, choice, number))
        except CloudError as error:
            if error.code not in NO_ROOM:
                raise
            refused.append(f"{words_of(choice, KIND)} ({error.code})")
            operation.watch(f"AWS has no room for {refused[-1]}")
            last = error
        else:
            operation.watch(f"{remote_id} is started as {words_of(choice, KIND)}")
            return remote_id
    raise CloudError(
        f"AWS has no room for {operation.address}: {', '.join(refused)}. Apply again later, or give "
        "its placement more choices.",
        code=last.code,
        call=last.call,
    ) from last


def _parameters(operation: Operation, choice: Candidate, number: int) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = {**operation.properties, **choice.properties}
    token = f"{operation.token}-{number}"
    parameters = launch_parameters(replace(operation, properties=properties, request_token=token))
    return parameters | ({"InstanceMarketOptions": _SPOT} if choice.spot else {})


def _run(aws: Connection, parameters: Mapping[str, Any]) -> RemoteId:
    answer = aws.call("ec2", "run_instances", MinCount=1, MaxCount=1, **parameters)
    return RemoteId(answer["Instances"][0]["InstanceId"])
