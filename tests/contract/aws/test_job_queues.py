"""What environments and queues of Batch keep when AWS does not delete them."""

from __future__ import annotations

import pytest

from gitbot.errors import CloudError
from gitbot_sandbox.aws.faults import Fault, FaultKind
from tests.contract.aws.cases.batch import serverless
from tests.contract.aws.world import AwsWorld

ENVIRONMENT = "AWS::Batch::ComputeEnvironment"
QUEUE = "AWS::Batch::JobQueue"


def test_what_is_not_deleted_goes_on_taking_jobs(world: AwsWorld) -> None:
    spec = {"Type": "MANAGED", "ComputeResources": serverless(world)}
    remote_id = world.create(ENVIRONMENT, spec)
    order = [{"ComputeEnvironment": remote_id, "Order": 1}]
    waiting = {"JobQueueName": "waiting", "Priority": 1, "ComputeEnvironmentOrder": order}
    queue = world.create(QUEUE, waiting)
    with pytest.raises(CloudError, match="job queue waiting would have to go first"):
        world.cloud.delete(world.operation(ENVIRONMENT, spec), remote_id)
    denied = {"status": 403, "code": "AccessDeniedException"}
    world.aws.inject(
        Fault(kind=FaultKind.ERROR, service="batch", operation="DeleteJobQueue", **denied)
    )
    with pytest.raises(CloudError, match="DeleteJobQueue"):
        world.cloud.delete(world.operation(QUEUE, waiting), queue)
    assert world.properties(ENVIRONMENT, remote_id)["State"] == "ENABLED"
    assert world.properties(QUEUE, queue)["State"] == "ENABLED"
    world.cloud.delete(world.operation(QUEUE, waiting), queue)
    world.cloud.delete(world.operation(ENVIRONMENT, spec), remote_id)
