"""Add what moto's network interfaces, flow logs and egress-only gateways lack. Shell."""

from __future__ import annotations

from functools import wraps
from typing import Any

from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.exceptions import EC2ClientError
from moto.ec2.responses.egress_only_internet_gateways import EgressOnlyInternetGateway
from moto.ec2.responses.elastic_network_interfaces import ElasticNetworkInterfaces
from moto.ec2.responses.flow_logs import FlowLogs

from gitbot_sandbox.aws.moto_patch import wrap
from gitbot_sandbox.aws.tokens import once_by_token


def patch() -> None:
    """Make the patches of this module."""
    wrap(ElasticNetworkInterfaces, "create_network_interface", _kind_of_interface)
    wrap(ElasticNetworkInterfaces, "create_network_interface", once_by_token)
    wrap(ElasticNetworkInterfaces, "modify_network_interface_attribute", _described_and_ended)
    wrap(ElasticNetworkInterfaces, "delete_network_interface", _interface_in_use)
    wrap(FlowLogs, "create_flow_logs", _options_of_logs)
    wrap(FlowLogs, "create_flow_logs", once_by_token)
    wrap(FlowLogs, "delete_flow_logs", _unknown_logs)
    wrap(EgressOnlyInternetGateway, "create_egress_only_internet_gateway", once_by_token)


def _kind_of_interface(original: Any) -> Any:
    """Defect: InterfaceType is ignored."""

    @wraps(original)
    def create_network_interface(self: Any) -> Any:
        answer = original(self)
        kind = self._get_param("InterfaceType")
        if kind:
            answer.result["NetworkInterface"].interface_type = kind
        return answer

    return create_network_interface


def _described_and_ended(original: Any) -> Any:
    """Defects: a description cannot be emptied; whether the interface ends with its machine cannot change."""

    @wraps(original)
    def modify_network_interface_attribute(self: Any) -> Any:
        answer = original(self)
        one = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
        if self._get_param("Description.Value") == "":
            one.description = ""
        attachment = self._get_param("Attachment") or {}
        if "DeleteOnTermination" in attachment:
            one.delete_on_termination = attachment["DeleteOnTermination"]
        return answer

    return modify_network_interface_attribute


def _interface_in_use(original: Any) -> Any:
    """Defect: the interface of an instance or of a service can be deleted.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteNetworkInterface.html
    """

    @wraps(original)
    def delete_network_interface(self: Any) -> Any:
        one = self.ec2_backend.get_network_interface(self._get_param("NetworkInterfaceId"))
        if one.attachment_id or one.requester_managed:
            raise EC2ClientError(
                "InvalidParameterValue", f"Network interface '{one.id}' is currently in use."
            )
        return original(self)

    return delete_network_interface


def _options_of_logs(original: Any) -> Any:
    """Defects: DestinationOptions and DeliverCrossAccountRole are ignored; a refusal has no code."""

    @wraps(original)
    def create_flow_logs(self: Any) -> Any:
        answer = original(self)
        for refused in answer.result["Unsuccessful"]:
            refused["Error"]["Code"] = "InvalidParameter"
        for one in answer.result["FlowLogIds"]:
            log = self.ec2_backend.flow_logs[one]
            log.destination_options = self._get_param("DestinationOptions")
            log.deliver_cross_account_role = self._get_param("DeliverCrossAccountRole")
        return answer

    return create_flow_logs


def _unknown_logs(original: Any) -> Any:
    """Defect: a log that does not exist fails the whole call.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DeleteFlowLogs.html
    """

    @wraps(original)
    def delete_flow_logs(self: Any) -> Any:
        refused = []
        for one in self._get_param("FlowLogIds", []):
            if self.ec2_backend.flow_logs.pop(one, None) is None:
                message = f"The flow log id '{one}' does not exist"
                error = {"Code": "InvalidFlowLogId.NotFound", "Message": message}
                refused.append({"ResourceId": one, "Error": error})
        return ActionResult({"Unsuccessful": refused}) if refused else EmptyResult()

    return delete_flow_logs
