"""``gitbot adopt``: write specs for what is there already. Shell."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.cli.adopting import write_and_plan
from gitbot.cli.common import (
    folder_option,
    note,
    tells_errors,
)
from gitbot.cli.stores import store_option
from gitbot.errors import UserError
from gitbot.language.cloudformation.adopting import RunningStack
from gitbot.language.cloudformation.converting import convert
from gitbot.language.types import Types
from gitbot.model.cloud import Purpose
from gitbot.model.desired import Environment
from gitbot.model.places import Place
from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.cloudformation import read_stack
from gitbot.providers.aws.clouds import AwsClouds


class _Adopt(click.Group):
    """A group whose command ``objects`` is meant where none is named: ``gitbot adopt TYPE ID dev``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["objects", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Adopt)
def adopt() -> None:
    """Write specs for what is there already, so that gitbot keeps it from now on.

    \b
      gitbot adopt AWS::S3::Bucket acme-data dev      one object, or several
      gitbot adopt --tag owner=ml-team dev            all that have a tag
      gitbot adopt cloudformation network dev         a running stack of CloudFormation
    """


@adopt.command(short_help="Objects by type and identifier, or by tag.")
@click.argument("what", nargs=-1, metavar="[TYPE ID]...")
@click.argument("environment")
@click.option("--tag", "tags", multiple=True, help="KEY=VALUE: adopt what has this tag, too.")
@click.option("--name", default="adopted", show_default=True, help="The name of the stack.")
@store_option
@folder_option
@tells_errors
def objects(
    what: tuple[str, ...],
    environment: str,
    tags: tuple[str, ...],
    name: str,
    store: Place,
    folder: Path,
) -> None:
    """Write a spec for the objects of these types and identifiers into ENVIRONMENT, and plan it.

    The spec imports each object as it is, with references where one gives what another needs. The plan
    then proves that nothing would change, or shows what would. Nothing is changed in the cloud.

    Exit codes: 0 the plan adopts everything and changes nothing, 1 it does not, or there is an error.
    """
    from gitbot.bootstrap.existing import read_existing
    from gitbot.language.adopting import write_existing

    if len(what) % 2 or not (what or tags):
        raise click.UsageError("give pairs of TYPE and ID, or --tag KEY=VALUE, then ENVIRONMENT")
    pairs = list(zip(what[::2], what[1::2], strict=True))
    wanted = [_tag(one) for one in tags]

    def write(rules: Environment) -> tuple[str, int]:
        read = read_existing(rules, pairs, wanted)
        for remark in read.remarks:
            note(remark)
        return write_existing(name, read.objects, rules.name), 0

    write_and_plan(folder, store, environment, name, write)


def _tag(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (key and equals):
        raise click.UsageError(f"--tag takes KEY=VALUE, not {text!r}")
    return key, value


@adopt.command(short_help="A running stack of CloudFormation.")
@click.argument("stack")
@click.argument("environment")
@click.option("--name", help="The name of gitbot's stack  [default: like STACK].")
@store_option
@folder_option
@tells_errors
def cloudformation(
    stack: str, environment: str, name: str | None, store: Place, folder: Path
) -> None:
    """Write a spec for the running CloudFormation STACK into ENVIRONMENT, and plan it.

    The spec says what the stack's template says, with the stack's parameters, and imports its objects.
    The plan then proves that nothing would change, or shows what would. Nothing is changed in the
    cloud. Afterwards this says how to take the objects out of CloudFormation.

    Exit codes: 0 the plan adopts everything and changes nothing, 1 it does not, or there is an error.
    """
    own = name or re.sub(r"[^a-z0-9-]+", "-", stack.lower()).strip("-")
    write_and_plan(
        folder,
        store,
        environment,
        own,
        lambda rules: _written(_read(rules, stack), own, rules.name),
    )
    note(_how_to_leave(stack, environment, own))


def _read(environment: Environment, stack: str) -> RunningStack:
    clouds = AwsClouds(open_catalog(), SystemClock(), hide=lambda text: text)
    return read_stack(clouds.open(environment, Purpose.PLAN).aws, stack)


def _written(running: RunningStack, name: str, environment: str) -> tuple[str, int]:
    """The text of the spec, and how many things are not in it."""
    catalog = open_catalog()
    made = convert(
        running.template,
        name=name,
        kind="Stack",
        types=Types(
            lookup=catalog.lookup, all_names=catalog.names, served_names=catalog.served_names
        ),
        file=f"the template of {running.name}",
        environment=environment,
        running=running,
    )
    if made.text is None:
        why = made.lost[0]
        raise UserError(f"the template of {running.name} cannot be read: {why.detail} {why.fix}")
    return made.text, made.left_out


def _how_to_leave(stack: str, environment: str, own: str) -> str:
    return (
        f"To take the objects out of CloudFormation, in this order:\n"
        f"  1. Write `DeletionPolicy: Retain` and `UpdateReplacePolicy: Retain` at each resource of the\n"
        f"     template of {stack}, and update that stack. This changes no object.\n"
        f"  2. Commit specs/{environment}/{own}.yaml, and merge it or run: gitbot apply {environment} "
        f"--stack {own}\n"
        f"     From then on gitbot owns the objects. Do not update {stack} any more.\n"
        f"  3. Delete the stack {stack}: aws cloudformation delete-stack --stack-name {stack}\n"
        "     CloudFormation forgets its objects and leaves them alone. Look at the events: each one\n"
        "     must say DELETE_SKIPPED.\n"
        "  4. Remove the lines `import:` from the spec whenever you like."
    )
