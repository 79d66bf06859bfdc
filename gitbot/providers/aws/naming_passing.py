"""Know which refusals of Route 53 and Certificate Manager pass by themselves, and for how long. Pure.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html
https://docs.aws.amazon.com/acm/latest/APIReference/API_DeleteCertificate.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import Passing, Stage

ROUTE53 = (
    Passing(
        codes=frozenset({"PriorRequestNotComplete"}),
        stages=frozenset(Stage),
        why="Route 53 is still busy with an earlier change of the zone",
        within_s=120.0,
    ),
    Passing(
        codes=frozenset({"InsufficientCloudWatchLogsResourcePolicy"}),
        why="the new policy of CloudWatch Logs does not count everywhere yet",
        within_s=60.0,
    ),
)

CERTIFICATES = (
    Passing(
        codes=frozenset({"ResourceInUseException"}),
        stages=frozenset({Stage.DELETE}),
        why="what used the certificate is not quite gone",
        within_s=300.0,
    ),
    Passing(
        codes=frozenset({"ConflictException"}),
        stages=frozenset({Stage.CHANGE, Stage.DELETE}),
        why="Certificate Manager is still busy with the certificate",
        within_s=60.0,
    ),
)
