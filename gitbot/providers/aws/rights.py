"""Say which actions IAM must allow for the calls of a native type. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

WITHIN: Final[Mapping[str, tuple[str, ...]]] = {"apigateway": ("/apis", "/apis/*", "/tags/*")}
"""By the service: the only resources on which native types need its actions, where these are methods of HTTP. All
resources of API Gateway would have the keys of its callers among them."""


def resources_within(service: str, region: str, partition: str) -> tuple[str, ...]:
    """The ARNs of these resources; none: the service is not limited."""
    start = f"arn:{partition}:{service}:{region}::"
    return tuple(f"{start}{path}" for path in WITHIN.get(service, ()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """The actions that the calls of a type need, by IAM's names; ``*`` stands for any letters.

    ``reads`` change nothing: plans and applies need them. ``writes`` are for applies alone. Of these, ``makes`` and
    ``removes`` are what every object needs to be made and deleted, and ``changes`` what a property does.
    https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
    """

    reads: frozenset[str]
    writes: frozenset[str]
    makes: str = ""
    removes: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        service: str,
        *,
        reads: Iterable[str],
        writes: Iterable[str],
        makes: str,
        removes: str,
    ) -> Rights:
        """The rights with these actions of one service."""
        return cls(
            reads=frozenset(f"{service}:{one}" for one in reads),
            writes=frozenset(f"{service}:{one}" for one in writes),
            makes=f"{service}:{makes}",
            removes=f"{service}:{removes}",
        )
