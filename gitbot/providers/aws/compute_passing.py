"""Know which refusals of services that compute, and of load balancing, pass by themselves, and for how long. Pure.

https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_DeleteAutoScalingGroup.html
https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html
https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html
https://docs.aws.amazon.com/step-functions/latest/apireference/API_CreateStateMachine.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import POLICY_LAG, PRINCIPAL_LAG, Passing, Stage, lagging

AUTO_SCALING = (
    Passing(
        codes=frozenset({"ResourceContention"}),
        stages=frozenset(Stage),
        why="Auto Scaling is still busy with an earlier change of the group",
        within_s=120.0,
    ),
    Passing(
        codes=frozenset({"ScalingActivityInProgress"}),
        stages=frozenset({Stage.CHANGE}),
        why="machines are still being started or terminated",
        within_s=600.0,
    ),
    Passing(
        codes=frozenset({"ResourceInUse", "ScalingActivityInProgress"}),
        stages=frozenset({Stage.DELETE}),
        calls=("DeleteAutoScalingGroup",),
        why="its machines are still being terminated",
        within_s=3600.0,
    ),
    Passing(
        codes=frozenset({"ValidationError"}),
        containing="nvalid IAM Instance Profile",
        why="EC2 does not know the instance profile yet",
        within_s=90.0,
    ),
)
LAMBDA = (
    *lagging("InvalidParameterValueException", "cannot be assumed by Lambda", why=PRINCIPAL_LAG),
    *lagging("InvalidParameterValueException", "does not have permissions to call", why=POLICY_LAG),
    Passing(
        codes=frozenset({"ResourceConflictException"}),
        containing="cannot be performed at this time",
        stages=frozenset(Stage),
        why="Lambda is still making or updating the function",
        within_s=600.0,
    ),
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        calls=("*EventSourceMapping",),
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="Lambda is still changing the event source mapping",
        within_s=600.0,
    ),
)

LOAD_BALANCING = (
    Passing(
        codes=frozenset({"ResourceInUse"}),
        stages=frozenset({Stage.DELETE}),
        why="the listener that used it is not quite gone",
        within_s=300.0,
    ),
    Passing(
        codes=frozenset({"PriorityInUse", "DuplicateListener"}),
        stages=frozenset({Stage.CHANGE}),
        why="what has this priority or port may be about to get another one",
        within_s=60.0,
    ),
)

STEP_FUNCTIONS = (
    *lagging("AccessDeniedException", "authorized to assume the provided role", why=PRINCIPAL_LAG),
    Passing(
        codes=frozenset({"AccessDeniedException", "InvalidLoggingConfiguration"}),
        containing="is not authorized to access the Log Destination",
        why=POLICY_LAG,
        within_s=60.0,
    ),
    Passing(
        codes=frozenset({"StateMachineDeleting"}),
        stages=frozenset({Stage.MAKE}),
        why="the state machine that had the name is not quite gone: its executions end first",
        within_s=900.0,
    ),
    Passing(
        codes=frozenset({"ConflictException"}),
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="Step Functions is still busy with an earlier change",
        within_s=60.0,
    ),
)

SAGEMAKER = (
    Passing(
        codes=frozenset({"ValidationException"}),
        containing="in-progress",
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="the endpoint is still being made or updated",
        within_s=3600.0,
    ),
    Passing(
        codes=frozenset({"ValidationException"}),
        containing="Unable to transition",
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="the notebook instance is still changing its state",
        within_s=900.0,
    ),
    *lagging("ValidationException", "ould not assume role", why=PRINCIPAL_LAG),
)
