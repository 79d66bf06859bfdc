"""Know which refusals of API Gateway pass by themselves, and for how long. Pure.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations-integrationid.html
"""

from __future__ import annotations

from gitbot.providers.aws.passing import Passing, Stage

API_GATEWAY = (
    Passing(
        codes=frozenset({"ConflictException"}),
        containing="concurrent modification",
        stages=frozenset(Stage),
        why="another part of the API is being changed",
        within_s=120.0,
    ),
    Passing(
        codes=frozenset({"ConflictException"}),
        containing="is referenced by",
        stages=frozenset({Stage.DELETE}),
        calls=("DeleteIntegration",),
        why="the route that led to it is not quite gone",
        within_s=20.0,
    ),
)
