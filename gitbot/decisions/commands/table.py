"""The table of commands: one row per verb. Pure.

The grammar, the help comment, the fields of ``permissions`` with their JSON Schema, and
docs/commands.md are made from it or checked against it. The function that carries out a command is
in ``jobs/steps/answers``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gitbot.decisions.commands.arguments import (
    AnyWords,
    Argument,
    DigestArgument,
    DurationArgument,
    EnvironmentArgument,
    PathArgument,
    ResourceArgument,
    TargetArgument,
)
from gitbot.decisions.commands.phrases import BecauseArgument, UntilArgument
from gitbot.model.hours import LONGEST_COMMAND


class Place(StrEnum):
    """Where a command can be written."""

    PULL_REQUEST = "comment on a pull request"
    REVIEW = "review"
    ISSUE = "comment on an issue"


ON_PULL_REQUESTS = frozenset({Place.PULL_REQUEST, Place.REVIEW})
EVERYWHERE = frozenset(Place)
_FOR_A_WHILE = DurationArgument(
    required=False,
    most=LONGEST_COMMAND,
    beyond="For longer, write it into the spec: `offhours: off`, or another schedule.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """One way to write a command: the word behind the verb, the arguments, and what it does.

    ``word`` is empty for the form that the verb alone means; else it is the value ``form`` of the
    command, as in ``/drift adopt``. ``help`` says in Markdown what it does.
    """

    word: str = ""
    arguments: tuple[Argument, ...] = ()
    help: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One command.

    It has either ``arguments`` and ``help``, or ``several`` forms. ``heard`` lists where it works;
    elsewhere the answer says where to write it. ``needs_right``: the author needs the grant of the
    entry ``name`` in ``permissions``, or else that of ``apply``. ``help`` says what the command
    does, in Markdown.
    """

    name: str
    arguments: tuple[Argument, ...] = ()
    help: str = ""
    several: tuple[Form, ...] = ()
    heard: frozenset[Place] = ON_PULL_REQUESTS
    needs_right: bool = True

    @property
    def forms(self) -> tuple[Form, ...]:
        """Every way to write it, at least one."""
        return self.several or (Form(arguments=self.arguments, help=self.help),)

    def usage_of(self, form: Form) -> str:
        """How to write the form: ``/apply [environment[/stack]] [digest]``."""
        words = (f"/{self.name}", form.word, *(argument.usage for argument in form.arguments))
        return " ".join(filter(None, words))

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The usage of each form, and what it does."""
        return tuple((self.usage_of(form), form.help) for form in self.forms)


TABLE: tuple[Verb, ...] = (
    Verb(
        name="plan",
        several=(
            Form(arguments=(EnvironmentArgument(),), help="plan this pull request again"),
            Form(
                word="refresh",
                arguments=(EnvironmentArgument(),),
                help="plan this pull request again, and look up again what its stacks look up",
            ),
        ),
    ),
    Verb(
        name="apply",
        arguments=(TargetArgument(), DigestArgument(), BecauseArgument(required=False)),
        heard=EVERYWHERE,
        help="apply the plan that is shown here, or go on after a failure; with the digest of a "
        "held plan, let that plan go on; with a digest and a reason, do it though it is frozen",
    ),
    Verb(
        name="unlock",
        arguments=(TargetArgument(),),
        help="give back the stacks that this pull request holds",
    ),
    Verb(
        name="drift",
        several=(
            Form(
                word="apply",
                arguments=(TargetArgument(), DigestArgument()),
                help="put back what differs from what was last applied, as the issue shows it; with "
                "the digest of a plan that would do more, do exactly that",
            ),
            Form(
                word="adopt",
                arguments=(TargetArgument(),),
                help="open a pull request that writes what the cloud has into the spec file",
            ),
            Form(
                word="ignore",
                arguments=(
                    TargetArgument(),
                    ResourceArgument(),
                    PathArgument(),
                    UntilArgument(),
                    BecauseArgument(),
                ),
                help="open a pull request that lets this property differ until then",
            ),
        ),
        heard=frozenset({Place.ISSUE}),
    ),
    Verb(
        name="extend",
        arguments=(TargetArgument(), DurationArgument()),
        heard=EVERYWHERE,
        help="let a stack that expires live longer by this long, such as `3d`",
    ),
    Verb(
        name="keep",
        arguments=(TargetArgument(), UntilArgument()),
        heard=EVERYWHERE,
        help="let a stack that expires live until then; a date means its end",
    ),
    Verb(
        name="destroy",
        arguments=(TargetArgument(), DigestArgument()),
        heard=EVERYWHERE,
        help="show what the end of a stack that expires deletes; with the digest that is shown, do "
        "that now",
    ),
    Verb(
        name="freeze",
        arguments=(EnvironmentArgument(), BecauseArgument()),
        heard=EVERYWHERE,
        help="keep the environment as it is until somebody says `/unfreeze`",
    ),
    Verb(
        name="unfreeze",
        arguments=(EnvironmentArgument(),),
        heard=EVERYWHERE,
        help="end the freeze, and let go on what waits for it",
    ),
    Verb(
        name="cancel",
        arguments=(TargetArgument(),),
        heard=EVERYWHERE,
        help="withdraw applies that are held or wait",
    ),
    Verb(
        name="wake",
        arguments=(TargetArgument(), _FOR_A_WHILE),
        heard=EVERYWHERE,
        help="start the machines of a stack that off-hours have stopped, and keep them running for "
        "this long, such as `3h`; without a time, until the next event of their schedule",
    ),
    Verb(
        name="sleep",
        arguments=(TargetArgument(), _FOR_A_WHILE),
        heard=EVERYWHERE,
        help="stop the machines of a stack that has off-hours; without a time, until the next event "
        "of their schedule",
    ),
    Verb(
        name="promote",
        several=(
            Form(
                word="resume",
                arguments=(TargetArgument(),),
                help="go on with a promotion that is held because its pull request was closed or "
                "reverted",
            ),
            Form(
                word="approve",
                arguments=(TargetArgument(),),
                help="promote without waiting for verification and soak; what made it must be applied "
                "and no window may forbid it",
            ),
            Form(
                word="rebuild",
                arguments=(TargetArgument(),),
                help="make the branch of a promotion anew, without what others committed to it",
            ),
        ),
        heard=EVERYWHERE,
    ),
    Verb(
        name="help",
        arguments=(AnyWords(),),
        heard=EVERYWHERE,
        needs_right=False,
        help="list the commands",
    ),
)

VERBS: Mapping[str, Verb] = MappingProxyType({verb.name: verb for verb in TABLE})
"""The rows by name, in the order of the table."""
