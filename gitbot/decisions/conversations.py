"""Finds the stack that a command is about: named by it, or the one of its conversation. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gitbot.errors import RefusedError
from gitbot.model.commands import Command
from gitbot.model.drift import DriftRow, Finding
from gitbot.model.durations import DURATION_RULE
from gitbot.model.expiry import Expiry
from gitbot.model.names import StackId
from gitbot.model.said import ShownDigest

MOST_LISTED = 10
_TAKE_A_TIME = frozenset({"wake", "sleep", "extend"})


def stacks_about(
    number: int,
    *,
    drift: DriftRow | None,
    expiring: Iterable[Expiry],
    shown: Iterable[ShownDigest],
) -> frozenset[StackId]:
    """The stacks that the pull request or issue of this number is about.

    ``drift`` is the row whose issue it is, ``expiring`` are the rows whose warnings stand there, and
    ``shown`` is what plans have ever shown there. An issue that gitbot opened about a stack stays
    about it, even when somebody asks there for the plan of another one. An issue that rolls drift
    up is about none.
    """
    if drift is not None:
        return frozenset() if drift.finding is Finding.ROLL_UP else frozenset({drift.stack})
    rows = tuple(expiring)
    own = frozenset(row.stack for row in rows if row.issue == number)
    return own or frozenset(row.stack for row in rows) | {each.stack for each in shown}


def choose_stack(command: Command, here: Iterable[StackId], known: Iterable[StackId]) -> StackId:
    """The stack that the command names, or else the only one of its conversation.

    ``here`` are the stacks that the pull request or issue is about. ``known`` are all that the tip
    wants or state knows. A command that names an environment alone is about the only stack of the
    conversation there.

    Raises:
        RefusedError: there is no such stack, or it names none and none or several fit.
    """
    if command.stack is not None:
        return _named(command, sorted(known))
    fitting = [
        stack for stack in sorted(set(here)) if command.environment in (None, stack.environment)
    ]
    if len(fitting) == 1:
        return fitting[0]
    takes_time = command.environment is not None and command.verb in _TAKE_A_TIME
    environments = {stack.environment for stack in known}
    if not fitting and takes_time and command.environment not in environments:
        raise RefusedError(
            f"`{command.environment}` is neither {DURATION_RULE}, nor an "
            f"environment with stacks: write `{_line(command, 'dev/trainer')}`"
        )
    if not fitting:
        raise RefusedError(
            f"nothing here says which stack it is about: name it, `{_line(command, 'dev/trainer')}`"
        )
    choices = ", ".join(f"`{_line(command, stack.label)}`" for stack in fitting[:MOST_LISTED])
    raise RefusedError(f"several stacks fit here; say which one: {choices}")


def _named(command: Command, known: Sequence[StackId]) -> StackId:
    label = f"{command.environment}/{command.stack}"
    found = [stack for stack in known if stack.label == label]
    if found:
        return found[0]
    beside = [stack.name for stack in known if stack.environment == command.environment]
    names = ", ".join(f"`{name}`" for name in sorted(set(beside))[:MOST_LISTED])
    there = f"its stacks are {names}" if names else f"{command.environment} has no stacks"
    raise RefusedError(f"there is no stack `{label}`: {there}")


def _line(command: Command, label: str) -> str:
    """The command with this stack named: ``/extend dev/trainer 3d``."""
    others = [command.digest, command.duration, command.resource, command.path]
    phrases = [f"until {command.until}"] if command.until else []
    phrases += ["because …"] if command.because else []
    words = [f"/{command.verb}", command.form, label, *others, *phrases]
    return " ".join(filter(None, words))
