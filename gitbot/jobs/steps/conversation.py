"""Read which stacks a pull request or an issue is about. Shell."""

from __future__ import annotations

from gitbot.decisions.conversations import choose_stack, stacks_about
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.commands import Command
from gitbot.model.names import StackId


def stack_of(ports: Ports, seen: Look, command: Command) -> StackId:
    """The stack that the command names, or else the only one that its conversation is about.

    Raises:
        RefusedError: there is no such stack, or none or several fit.
    """
    return choose_stack(command, stacks_here(ports, seen, command.number), _known(ports, seen))


def stacks_here(ports: Ports, seen: Look, number: int) -> frozenset[StackId]:
    """The stacks that the pull request or issue is about, by what every part has recorded."""
    records, repository = ports.records, seen.repository.id
    return stacks_about(
        number,
        drift=records.drift.of_issue(repository, number),
        expiring=records.expiries.of_conversation(repository, number),
        shown=records.pull_requests.shown_digests(repository, number),
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
