"""Cases of the types of SageMaker."""

from __future__ import annotations

from typing import Any

from tests.contract.aws.cases.case import OTHER_TAGS, TAGS, Case
from tests.contract.aws.world import AwsWorld

ROLE = "arn:aws:iam::123456789012:role/sagemaker"
IMAGE = "123456789012.dkr.ecr.us-east-1.amazonaws.com/serve:1"


def model(world: AwsWorld) -> dict[str, Any]:
    return {
        "ModelName": "churn",
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": {"Image": IMAGE, "ModelDataUrl": "s3://models/churn.tar.gz"},
        "Tags": TAGS,
    }


CASES = (
    Case(
        type="AWS::SageMaker::Model",
        creating="CreateModel",
        absent="arn:aws:sagemaker:us-east-1:123456789012:model/gone",
        minimal=lambda world: {"ExecutionRoleArn": ROLE, "PrimaryContainer": {"Image": IMAGE}},
        full=model,
        changes=lambda world: {"Tags": OTHER_TAGS},
        attributes=frozenset({"ModelArn", "ModelName"}),
        stack=f"""\
model:
  type: AWS::SageMaker::Model
  properties:
    ExecutionRoleArn: {ROLE}
    PrimaryContainer: {{Image: "{IMAGE}"}}
""",
    ),
)
