"""Say which refusals of data services pass by themselves. Pure.

https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import Passing, Stage

DYNAMODB = (
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        stages=frozenset(Stage),
        calls=("Update*", "Delete*", "Tag*", "Untag*"),
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
