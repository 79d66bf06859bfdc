"""Cases of the types of Systems Manager."""

from __future__ import annotations

from tests.contract.aws.cases.case import Case

_TAGS = {"owner": "ml", "cost": "research"}
_OTHER_TAGS = {"owner": "platform", "stage": "dev"}

CASES = (
    Case(
        type="AWS::SSM::Parameter",
        creating="PutParameter",
        absent="/ml/gone",
        minimal=lambda world: {"Type": "String", "Value": "g5.xlarge"},
        full=lambda world: {
            "Name": "/ml/instance",
            "Type": "String",
            "DataType": "text",
            "Value": "g5.xlarge",
            "Description": "what trains",
            "AllowedPattern": "^[gp].*",
            "Tier": "Standard",
            "Tags": _TAGS,
        },
        changes=lambda world: {
            "Value": "p4d.24xlarge",
            "Description": "what trains well",
            "AllowedPattern": "^p.*",
            "Tier": "Advanced",
            "Tags": _OTHER_TAGS,
        },
        attributes=frozenset({"Name"}),
        samples={
            "AllowedPattern": ["^g.*", "^g5.*"],
            "Tags": [_TAGS, _OTHER_TAGS],
            "Value": ["g5.xlarge", "g5.2xlarge"],
        },
        stack="""\
parameter:
  type: AWS::SSM::Parameter
  properties: {Name: /ml/every-type, Type: String, Value: g5.xlarge, Description: what trains}
""",
    ),
)
