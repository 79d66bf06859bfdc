"""Say how API Gateway names, refuses and tags, for the types that are tables. Shell.

https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/arn-format-reference.html
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from gitbot.errors import CloudError
from gitbot.model.schema import Parent
from gitbot.providers.aws.dialect import Dialect
from gitbot.providers.aws.plain import Plain, PlainTags
from gitbot.providers.aws.refusals import means
from gitbot.providers.aws.table import Described, Properties

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection

GATEWAY = Dialect(
    service="apigatewayv2",
    absent=frozenset({"NotFoundException"}),
    busy=frozenset({"ConflictException: is referenced by"}),
)
TAKEN = frozenset({"ConflictException: already exists"})
OF_API = Parent(type="AWS::ApiGatewayV2::Api", reference="ApiId")
"""Whose something is that has no tags."""
SEPARATOR = "|"
"""What parts the API's identifier from what follows, in the identifier of what it has."""
_FEW = 3
"""For so many objects of an API it is cheaper to ask for each than to list all."""
TAGS = PlainTags(
    dialect=GATEWAY,
    target=lambda one: {"ResourceArn": one["Arn"]},
    mapped=True,
    as_map=True,
)
"""The tags of what has an ``Arn`` in its description."""
TAGGING = ("apigateway:TagResource", "apigateway:UntagResource")
"""The rights that tags need beside those for the calls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts(Plain):
    """What APIs have: one call for each of few objects of an API, or the pages of all that it has.

    ``paged`` is the call for the pages, ``own`` the property that identifies an object of an API.
    """

    paged: str
    own: str

    def _described(self, aws: Connection, ids: list[str]) -> Iterable[Described | None]:
        of_apis: dict[str, list[str]] = {}
        for one in ids:
            api, _, own = one.partition(SEPARATOR)
            if own:
                of_apis.setdefault(api, []).append(own)
        asked = [job for api, some in of_apis.items() for job in self._jobs(aws, api, some)]
        return [one for some in aws.each(lambda job: job(), asked) for one in some]

    def _jobs(self, aws: Connection, api: str, wanted: list[str]) -> list[partial[list[Described]]]:
        if len(wanted) > _FEW:
            return [partial(parts_of, aws, self.paged, api)]
        return [partial(self._asked, aws, api, own) for own in wanted]

    def _asked(self, aws: Connection, api: str, own: str) -> list[Described]:
        one = self._one(aws, {"ApiId": api, self.own: own})
        return [] if one is None else [one]


def parts_of(aws: Connection, call: str, api: str) -> list[Described]:
    """All that the API has of what the call lists, with the identifier of the API."""
    try:
        found = list(aws.pages("apigatewayv2", call, "Items", ApiId=api))
    except CloudError as error:
        if means(error, GATEWAY.absent):
            return []
        raise
    return [{**one, "ApiId": api} for one in found]


def arn_of(aws: Connection, path: str) -> str:
    """The ARN of an API, or of what an API has."""
    return f"arn:{aws.partition}:apigateway:{aws.region}::/apis/{path}"


def emptied(values: Properties, _: Described) -> Properties:
    """The parameters of an update: an empty text takes a property away."""
    return {name: "" if value is None else value for name, value in values.items()}


def without_empty(properties: Properties) -> Properties:
    """The properties that have a value."""
    return {name: value for name, value in properties.items() if value not in (None, "", {}, [])}
