"""EC2's codes for what is gone or in use. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
"""

from __future__ import annotations

EC2_LAG = frozenset(
    {
        "Gateway.NotAttached",
        "InvalidAddress.NotFound",
        "InvalidAllocationID.NotFound",
        "InvalidAssociationID.NotFound",
        "InvalidAttachment.NotFound",
        "InvalidDhcpOptionID.NotFound",
        "InvalidDhcpOptionsID.NotFound",
        "InvalidFlowLogId.NotFound",
        "InvalidGatewayID.NotFound",
        "InvalidGroup.NotFound",
        "InvalidGroupId.NotFound",
        "InvalidInternetGatewayID.NotFound",
        "InvalidKeyPair.NotFound",
        "InvalidLaunchTemplateId.NotFound",
        "InvalidLaunchTemplateName.NotFoundException",
        "InvalidNatGatewayID.NotFound",
        "InvalidNetworkAclID.NotFound",
        "InvalidNetworkInterfaceID.NotFound",
        "InvalidPermission.NotFound",
        "InvalidPlacementGroup.Unknown",
        "InvalidRoute.NotFound",
        "InvalidRouteTableID.NotFound",
        "InvalidSecurityGroupRuleId.NotFound",
        "InvalidSubnetID.NotFound",
        "InvalidVolume.NotFound",
        "InvalidVpcCidrBlockAssociationID.NotFound",
        "InvalidVpcEndpoint.NotFound",
        "InvalidVpcEndpointId.NotFound",
        "InvalidVpcID.NotFound",
        "NatGatewayNotFound",
    }
)
"""EC2's codes for an object that is gone, or that one of its hosts does not know yet."""

EC2_BUSY = frozenset(
    {
        "DependencyViolation",
        "InvalidCidrBlock.InUse",
        "InvalidGroup.InUse",
        "InvalidIPAddress.InUse",
        "InvalidNetworkInterface.InUse",
        "InvalidPlacementGroup.InUse",
        "VolumeInUse",
    }
)
"""EC2's codes for a deletion that waits for something that uses the object."""
