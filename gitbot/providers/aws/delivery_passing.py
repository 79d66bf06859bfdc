"""Know which refusals of CodeBuild and CodePipeline pass by themselves, and for how long. Pure.

https://docs.aws.amazon.com/codebuild/latest/userguide/troubleshooting.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import POLICY_LAG, PRINCIPAL_LAG, Passing, Stage

CODEBUILD = (
    Passing(
        codes=frozenset({"InvalidInputException"}),
        containing="ot authorized to perform",
        why=POLICY_LAG,
        within_s=120.0,
    ),
)

CODEPIPELINE = (
    Passing(
        codes=frozenset({"InvalidStructureException"}),
        containing="is not authorized to perform AssumeRole",
        why=PRINCIPAL_LAG,
        within_s=120.0,
    ),
    Passing(
        codes=frozenset({"ConcurrentModificationException", "ConflictException"}),
        stages=frozenset(Stage),
        why="CodePipeline is still busy with an earlier change",
        within_s=60.0,
    ),
)
