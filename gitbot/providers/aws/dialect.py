"""Say what the API of one service has in common: its refusals, names and rights. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gitbot.model.cloud import Operation, Power
from gitbot.providers.aws.http_actions import http_action
from gitbot.providers.aws.tagging import generated_name

if TYPE_CHECKING:  # the catalog must not pull boto3 in
    from gitbot.providers.aws.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """How a service tells of a change that it has accepted and carries out later.

    ``named`` returns the change's name in an answer, and nothing where it is carried out already. ``done`` asks
    whether it is by now, by the object's identifier and that name; it raises CloudError where it never will be.
    """

    named: Callable[[Any], str]
    done: Callable[[Connection, str, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """What the calls of one service have in common.

    ``service`` is boto3's name for it, ``prefix`` IAM's where it differs. ``absent`` are the codes for
    an object that does not exist, ``busy`` those of a deletion while something still uses the object;
    ``refusals.means`` says how they are written. ``reads`` are actions that the reading of every type
    needs. ``renames``: the API writes names with a small first letter where CloudFormation has a
    capital. ``changes``: answers name changes that are waited for.
    """

    service: str
    absent: frozenset[str]
    busy: frozenset[str] = frozenset()
    prefix: str = ""
    reads: tuple[str, ...] = ()
    renames: bool = False
    changes: Changes | None = None

    def action(self, call: str) -> str:
        """IAM's name of the action for a call: ``ec2:CreateVpc`` for ``create_vpc``."""
        if ":" in call:
            return call
        if (named := http_action(self.service, call)) is not None:
            return named
        name = "".join(word.capitalize() for word in call.split("_")) if call.islower() else call
        return f"{self.prefix or self.service}:{name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How objects are stopped and started.

    ``states`` maps values of ``state`` in a description to a power; in any other the object is gone or
    going. ``start`` and ``stop`` are the calls.
    """

    state: str
    states: Mapping[str, Power]
    start: str
    stop: str

    def power(self, described: Mapping[str, Any]) -> Power | None:
        """The power of a described object."""
        return self.states.get(str(described.get(self.state)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """The property with an object's name. Where a spec gives none, gitbot generates one.

    ``longest`` is the longest name that the service takes, in characters. ``ending`` makes what a
    generated name must end with, from the properties. ``within`` is the property whose part it is, if any; ``sent_in``
    is the parameter of the creating call whose part it is, where a spec has it apart.
    """

    property: str
    longest: int
    within: str = ""
    sent_in: str = ""
    ending: Callable[[Mapping[str, Any]], str] = lambda properties: ""

    def of(self, operation: Operation) -> str:
        """The object's name: the one in the spec, or one generated for the operation."""
        properties: Mapping[str, Any] = operation.properties
        given = (properties.get(self.within) if self.within else properties) or {}
        given = given.get(self.property)
        ending = self.ending(operation.properties)
        return str(given or generated_name(operation, self.longest - len(ending)) + ending)

    def given(self, operation: Operation, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The parameters with the name."""
        own: dict[str, Any] = {self.property: self.of(operation)}
        if whole := self.within or self.sent_in:
            own = {whole: {**parameters[whole], **own}}
        return {**parameters, **own}
