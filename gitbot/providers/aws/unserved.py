"""Say what there is instead of types that only CloudFormation makes. Pure.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_GROUPS: Final = (
    "Write an AWS::EC2::SecurityGroup: groups of its own were for networks of EC2-Classic."
)

INSTEAD: Final[Mapping[str, str]] = {
    "AWS::ElastiCache::SecurityGroup": _GROUPS,
    "AWS::ElastiCache::SecurityGroupIngress": _GROUPS,
    "AWS::Elasticsearch::Domain": "Write an AWS::OpenSearchService::Domain.",
    "AWS::IAM::AccessKey": "Let programs take an AWS::IAM::Role: its keys change by themselves, and nobody has to "
    "keep them. Who needs a key of a user makes it by hand.",
    "AWS::IAM::UserToGroupAddition": "Write the groups as `Groups` of each AWS::IAM::User.",
    "AWS::KinesisAnalytics::Application": "Write an AWS::KinesisAnalyticsV2::Application.",
    "AWS::RDS::DBSecurityGroup": _GROUPS,
    "AWS::RDS::DBSecurityGroupIngress": _GROUPS,
    "AWS::Redshift::ClusterSecurityGroup": _GROUPS,
    "AWS::Redshift::ClusterSecurityGroupIngress": _GROUPS,
    "AWS::Route53::RecordSetGroup": "Write each of its records as an AWS::Route53::RecordSet.",
    "AWS::WAF::WebACL": "Write an AWS::WAFv2::WebACL.",
    "AWS::WAFRegional::WebACL": "Write an AWS::WAFv2::WebACL.",
    "AWS::WAFRegional::WebACLAssociation": "Write an AWS::WAFv2::WebACLAssociation.",
}
