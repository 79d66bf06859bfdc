"""Know which refusals of ECS and Batch pass by themselves, and for how long. Pure.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteCluster.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteComputeEnvironment.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import Passing, Stage

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
