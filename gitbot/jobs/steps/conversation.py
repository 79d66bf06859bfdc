"""Read which stacks a pull request or an issue is about. Shell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from gitbot.decisions.conversations import choose_stack
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Command
from gitbot.model.drift import Finding
from gitbot.model.names import StackId

Source: TypeAlias = Callable[[Ports, str, int], Iterable[StackId]]
"""The stacks that one kind of rows ties to the conversation of this number in the repository."""


def stack_of(ports: Ports, seen: Look, command: Command) -> StackId:
    """The stack that the command names, or else the only one that its conversation is about.

    Raises:
        RefusedError: there is no such stack, or none or several fit.
    """
    return choose_stack(command, stacks_here(ports, seen, command.number), _known(ports, seen))


def stacks_here(ports: Ports, seen: Look, number: int) -> frozenset[StackId]:
    """The stacks that the pull request or issue is about, by what every part has recorded."""
    return frozenset(
        stack for source in SOURCES for stack in source(ports, seen.repository.id, number)
    )


def _known(ports: Ports, seen: Look) -> frozenset[StackId]:
    """The stacks that the tip wants, and those that state knows."""
    recorded = {header.id for header in ports.engine.state.headers(seen.repository.id)}
    wanted = {
        seen.stack_id(rules, name)
        for rules in seen.at_tip.environments.values()
        for name in seen.wanted(rules.name).stacks
    }
    return frozenset(recorded | wanted)


def _shown(ports: Ports, repository: str, number: int) -> Iterable[StackId]:
    """The stacks whose plans a pull request, or the issue about what waits, has shown."""
    shown = ports.records.pull_requests.shown_digests(repository, number)
    return (each.stack for each in shown)


def _drifted(ports: Ports, repository: str, number: int) -> Iterable[StackId]:
    """The stack whose drift the issue tells of; none of an issue that rolls several up."""
    row = ports.records.drift.of_issue(repository, number)
    return (row.stack,) if row is not None and row.finding is not Finding.ROLL_UP else ()


def _expiring(ports: Ports, repository: str, number: int) -> Iterable[StackId]:
    """The stacks whose warnings stand on the pull request or issue."""
    return (row.stack for row in ports.records.expiries.of_conversation(repository, number))


SOURCES: tuple[Source, ...] = (_shown, _drifted, _expiring)
"""What ties stacks to a conversation. A part that opens issues about a stack adds its rows here."""
