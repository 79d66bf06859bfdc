"""Know which refusals of ECS, EKS and Batch pass by themselves, and for how long. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html
https://docs.aws.amazon.com/eks/latest/APIReference/API_UpdateClusterConfig.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteComputeEnvironment.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import POLICY_LAG, PRINCIPAL_LAG, Passing, Stage, lagging

ECS = (
    Passing(
        codes=frozenset({"InvalidParameterException"}),
        containing="still Draining",
        calls=("CreateService",),
        why="an earlier service of this name still ends its tasks",
        within_s=600.0,
    ),
    Passing(
        codes=frozenset({"ClusterContainsServicesException", "ClusterContainsTasksException"}),
        stages=frozenset({Stage.DELETE}),
        why="what ran in the cluster is not quite gone",
        within_s=600.0,
    ),
)

EKS = (
    *lagging(
        "InvalidParameterException",
        *(":role/", "Error in role params", "trusted entity is not correct"),
        why=PRINCIPAL_LAG,
        calls=("Create*",),
    ),
    *lagging(
        "InvalidParameterException",
        *("Managed Policies associated with it", "IAM role's policy must include"),
        why=POLICY_LAG,
        calls=("Create*",),
    ),
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        containing="in progress",
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="EKS is still busy with an earlier change of the cluster",
        within_s=3600.0,
    ),
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        containing="not in Active State",
        stages=frozenset({Stage.CHANGE}),
        why="EKS is still busy with an earlier change of the node group",
        within_s=3600.0,
    ),
    Passing(
        codes=frozenset({"InvalidRequestException"}),
        containing="not in ACTIVE status",
        calls=("CreateNodegroup",),
        why="EKS is still busy with a change of the cluster",
        within_s=3600.0,
    ),
)

BATCH = (
    Passing(
        codes=frozenset({"ClientException"}),
        containing="resource is being modified",
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="Batch is still changing the object",
        within_s=1200.0,
    ),
    Passing(
        codes=frozenset({"ClientException"}),
        containing="existing JobQueue relationship",
        stages=frozenset({Stage.DELETE}),
        why="the queue that used the environment is not quite gone",
        within_s=600.0,
    ),
)
