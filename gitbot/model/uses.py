"""The outputs of other stacks that a stack uses. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from gitbot.model.diagnostic import SourceSpan
from gitbot.model.names import Address
from gitbot.model.values import Unknown


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class OutputUse:
    """One output of another stack of the environment that a stack uses.

    ``stack`` and ``output`` are the names as written. ``producer`` is the stack that is meant: that
    of the same region, where it has regions. ``source`` is the first place that uses it.
    """

    stack: str
    output: str
    producer: str
    source: SourceSpan

    @property
    def key(self) -> str:
        """What plans and state call the output: ``network.vpc_id``."""
        return f"{self.producer}.{self.output}"

    @property
    def address(self) -> Address:
        """The name under which expressions get the outputs of the stack, each as an attribute."""
        return outputs_address(self.stack)

    @property
    def placeholder(self) -> Unknown:
        """What stands for the output until it is bound."""
        return Unknown(template=f"${{outputs.{self.output}}}", references={"outputs": self.address})


def outputs_address(stack: str) -> Address:
    """The name under which expressions get the outputs of the stack. No resource has it."""
    return Address(f'stacks["{stack}"].outputs')


def stack_in(address: Address) -> str:
    """The stack, as written, in what ``outputs_address`` gives; empty for any other address."""
    found = address.removeprefix('stacks["').removesuffix('"].outputs')
    return found if address == outputs_address(found) else ""


def producer_of(key: str) -> str:
    """The stack in a key such as ``network.vpc_id``. Names of stacks have no dot."""
    return key.partition(".")[0]
