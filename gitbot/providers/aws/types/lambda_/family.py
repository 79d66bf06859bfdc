"""Say how Lambda names, refuses and tags, for the types that are tables. Pure.

https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import PlainTags

LAMBDA = Dialect(service="lambda", absent=frozenset({"ResourceNotFoundException"}))
TAKEN = frozenset({"ResourceConflictException: already exist"})
"""The code for a name that is taken. The same code stands for an update that goes on."""

TAGS = PlainTags(
    dialect=LAMBDA,
    target=lambda one: {"Resource": one["Configuration"]["FunctionArn"]},
    mapped=True,
)
