"""Say which refusals of data services pass by themselves. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
https://docs.aws.amazon.com/efs/latest/ug/API_DeleteFileSystem.html
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import POLICY_LAG, Passing, Stage

DYNAMODB = (
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        stages=frozenset(Stage),
        calls=("Update*", "Delete*", "Enable*", "Disable*", "Tag*", "Untag*"),
        why="DynamoDB is still busy with an earlier change of the table",
        within_s=6 * 3600.0,  # an index of a large table takes hours
    ),
    Passing(
        codes=frozenset({"LimitExceededException"}),
        stages=frozenset(Stage),
        why="DynamoDB changes only so many tables and indexes at a time",
        within_s=3600.0,
    ),
    Passing(
        codes=frozenset({"ContinuousBackupsUnavailableException"}),
        why="DynamoDB is still preparing backups of the new table",
        within_s=600.0,
    ),
)

KINESIS = (
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        stages=frozenset(Stage),
        calls=("Update*", "Delete*", "Start*", "Stop*", "Enable*", "Disable*", "*Retention*"),
        why="Kinesis is still busy with an earlier change of the stream",
        within_s=1800.0,
    ),
    Passing(
        codes=frozenset({"LimitExceededException"}),
        stages=frozenset(Stage),
        calls=("CreateStream", "DeleteStream", "Describe*"),
        why="Kinesis makes and deletes only so many streams at a time",
        within_s=600.0,
    ),
)
SQS = (
    Passing(
        codes=frozenset({"QueueDeletedRecently", "AWS.SimpleQueueService.QueueDeletedRecently"}),
        stages=frozenset({Stage.MAKE}),
        why="SQS keeps the name of a deleted queue for 60 seconds",
        within_s=120.0,
    ),
)
SNS = (
    Passing(
        codes=frozenset({"ConcurrentAccess", "ConcurrentAccessException"}),
        stages=frozenset(Stage),
        why="SNS is still busy with an earlier change of the topic",
        within_s=60.0,
    ),
)
RDS = (
    Passing(
        codes=frozenset({"InvalidDBInstanceState"}),
        stages=frozenset(Stage),
        why="RDS is still busy with an earlier change of the instance",
        within_s=3600.0,
    ),
    Passing(
        codes=frozenset({"InvalidParameterValue"}),
        calls=("CreateDBInstance*", "ModifyDBInstance"),
        containing="IAM role ARN value is invalid or does not include the required permissions",
        why=POLICY_LAG,
        within_s=60.0,
    ),
)
EFS = (
    Passing(
        codes=frozenset({"FileSystemInUse"}),
        stages=frozenset({Stage.DELETE}),
        why="a mount target is not quite gone",
        within_s=600.0,
    ),
    Passing(
        codes=frozenset({"IncorrectFileSystemLifeCycleState", "IncorrectMountTargetState"}),
        stages=frozenset(Stage),
        why="EFS is still busy with an earlier change",
        within_s=600.0,
    ),
)
