"""``gitbot output`` and ``gitbot state``: show recorded state, without the cloud. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import open_stores
from gitbot.cli import common
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.common import (
    folder_option,
    json_option,
    show_json,
    tells_errors,
)
from gitbot.cli.state_documents import pull, push
from gitbot.cli.state_edit import mv, rm
from gitbot.cli.state_import import import_
from gitbot.cli.state_migrate import migrate_
from gitbot.cli.state_rotate import rotate
from gitbot.cli.state_unlock import unlock
from gitbot.cli.stores import require_store
from gitbot.cli.where import AtServer, Where, where_options
from gitbot.errors import UserError
from gitbot.model.codec import to_full_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.places import Place
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Redacted
from gitbot.render.recorded import stack_data, stack_lines


@click.command()
@click.argument("environment")
@click.argument("stack")
@click.argument("name", required=False)
@where_options
@folder_option
@json_option
@tells_errors
def output(
    environment: str, stack: str, name: str | None, where: Where, folder: Path, as_json: bool
) -> None:
    """Print the outputs of STACK, or only the value of the output NAME.

    The values of sensitive outputs are not stored, so they cannot be printed.
    """
    outputs = _outputs(where, folder, environment, stack)
    if name is not None and name not in outputs:
        known = ", ".join(sorted(outputs)) or "none"
        raise UserError(f"{environment}/{stack} has no output {name!r}; it has: {known}")
    values = {each: outputs[each] for each in sorted(outputs) if name in (None, each)}
    if as_json:
        show_json(values[name] if name is not None else values)
    elif name is not None:
        click.echo(values[name] if values[name] is not None else "(sensitive)")
    else:
        for each, value in values.items():
            click.echo(f"{each} = {value if value is not None else '(sensitive)'}")


def _outputs(where: Where, folder: Path, environment: str, stack: str) -> Mapping[str, Any]:
    """The values of the stack's outputs; None for a sensitive one."""
    if isinstance(where, AtServer):
        from gitbot.cli.remote import open_remote

        remote = open_remote(where, folder)
        found = remote.read("environments", environment, "stacks", stack, "outputs")["outputs"]
        return {name: each["value"] for name, each in found.items()}
    recorded = _stack(where, folder, environment, stack)
    return {
        name: None if isinstance(found.value, Redacted) else found.value
        for name, found in recorded.outputs.items()
    }


@click.group()
def state() -> None:
    """Show what gitbot last applied, change it by hand, or take it over from elsewhere."""


state.add_command(import_)
state.add_command(migrate_)
state.add_command(mv)
state.add_command(rm)
state.add_command(rotate)
state.add_command(pull)
state.add_command(push)
state.add_command(unlock)


@state.command("list", short_help="List stacks and their resources.")
@click.argument("environment")
@where_options
@folder_option
@click.option("--all", "also_empty", is_flag=True, help="Also the stacks that were destroyed.")
@json_option
@tells_errors
def list_(environment: str, where: Where, folder: Path, also_empty: bool, as_json: bool) -> None:
    """List the stacks of ENVIRONMENT and their resources."""
    found = _listed(where, folder, environment)
    stacks = [each for each in found if also_empty or not (each["empty"] and each["complete"])]
    if as_json:
        wanted = ("serial", "commit", "complete", "edited", "resources")
        show_json({each["name"]: {name: each[name] for name in wanted} for each in stacks})
        return
    common.show([line for each in stacks for line in stack_lines(each)])


def _listed(where: Where, folder: Path, environment: str) -> Iterable[Mapping[str, Any]]:
    if isinstance(where, AtServer):
        from gitbot.cli.remote import open_remote

        return open_remote(where, folder).items("environments", environment, "stacks")
    return [stack_data(each) for each in recorded_stacks(where, folder, environment)]


@state.command(short_help="Print the state of a stack as JSON.")
@click.argument("environment")
@click.argument("stack")
@click.argument("address", required=False)
@where_options
@folder_option
@click.option(
    "--json", is_flag=True, expose_value=False, help="No effect: the output is always JSON."
)
@tells_errors
def show(environment: str, stack: str, address: str | None, where: Where, folder: Path) -> None:
    """Print the state of STACK, or of its resource ADDRESS, as JSON. Sensitive values are hashes."""
    recorded = _whole(where, folder, environment, stack)
    if address is None:
        show_json(recorded)
        return
    found = recorded["resources"].get(address)
    if found is None:
        known = ", ".join(sorted(recorded["resources"])) or "none"
        raise UserError(f"{environment}/{stack} has no resource {address!r}; it has: {known}")
    show_json(found)


def _whole(where: Where, folder: Path, environment: str, stack: str) -> Mapping[str, Any]:
    """The state of the stack as JSON data."""
    if isinstance(where, AtServer):
        from gitbot.cli.remote import open_remote

        remote = open_remote(where, folder)
        found: Mapping[str, Any] = remote.read("environments", environment, "stacks", stack)
        return found
    whole: Mapping[str, Any] = to_full_data(_stack(where, folder, environment, stack))
    return whole


def recorded_stacks(store: Place, folder: Path, environment: str) -> tuple[RecordedStack, ...]:
    """The stacks of the environment that the store has.

    Raises:
        UserError: there is no such store, or nothing of the environment in it.
    """
    require_store(store)
    with open_stores(store, SystemClock(), LocalProcesses()) as stores:
        repository = repository_of(open_clone(folder), stores.records.journal)
        key = EnvironmentKey(repository=repository, environment=environment)
        found = stores.state.read_all(key)
        if not found:
            known = ", ".join(stores.state.environments(repository)) or "none"
            raise UserError(
                f"{store} has no state of an environment {environment!r} of this repository; it has: "
                f"{known}"
            )
        return found


def _stack(store: Place, folder: Path, environment: str, name: str) -> RecordedStack:
    stacks = {stack.id.name: stack for stack in recorded_stacks(store, folder, environment)}
    if name not in stacks:
        known = ", ".join(sorted(stacks)) or "none"
        raise UserError(f"state has no stack {name!r} in {environment}; it has: {known}")
    return stacks[name]
