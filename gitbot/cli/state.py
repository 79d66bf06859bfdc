"""``gitbot output`` and ``gitbot state``: show recorded state, without the cloud. Shell."""

from __future__ import annotations

from pathlib import Path

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import open_stores
from gitbot.cli.clone import open_clone, repository_of
from gitbot.cli.common import (
    console,
    folder_option,
    json_option,
    show_json,
    tells_errors,
)
from gitbot.cli.state_edit import mv, rm
from gitbot.cli.state_import import import_
from gitbot.cli.state_unlock import unlock
from gitbot.cli.stores import require_store, store_option
from gitbot.errors import UserError
from gitbot.model.codec import to_full_data
from gitbot.model.names import EnvironmentKey
from gitbot.model.places import Place
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Redacted


@click.command()
@click.argument("environment")
@click.argument("stack")
@click.argument("name", required=False)
@store_option
@folder_option
@json_option
@tells_errors
def output(
    environment: str, stack: str, name: str | None, store: Place, folder: Path, as_json: bool
) -> None:
    """Print the outputs of STACK, or only the value of the output NAME.

    The values of sensitive outputs are not stored, so they cannot be printed.
    """
    recorded = _stack(store, folder, environment, stack)
    if name is not None and name not in recorded.outputs:
        known = ", ".join(sorted(recorded.outputs)) or "none"
        raise UserError(f"{environment}/{stack} has no output {name!r}; it has: {known}")
    values = {
        each: None if isinstance(found.value, Redacted) else found.value
        for each, found in sorted(recorded.outputs.items())
        if name in (None, each)
    }
    if as_json:
        show_json(values[name] if name is not None else values)
    elif name is not None:
        click.echo(values[name] if values[name] is not None else "(sensitive)")
    else:
        for each, value in values.items():
            click.echo(f"{each} = {value if value is not None else '(sensitive)'}")


@click.group()
def state() -> None:
    """Show what gitbot last applied, change it by hand, or take it over from elsewhere."""


state.add_command(import_)
state.add_command(mv)
state.add_command(rm)
state.add_command(unlock)


@state.command("list")
@click.argument("environment")
@store_option
@folder_option
@click.option("--all", "also_empty", is_flag=True, help="Also the stacks that were destroyed.")
@json_option
@tells_errors
def list_(environment: str, store: Place, folder: Path, also_empty: bool, as_json: bool) -> None:
    """List the stacks of ENVIRONMENT and their resources."""
    found = recorded_stacks(store, folder, environment)
    stacks = [stack for stack in found if also_empty or not (stack.empty and stack.complete)]
    if as_json:
        show_json(
            {
                stack.id.name: {
                    "serial": stack.serial,
                    "commit": stack.commit,
                    "complete": stack.complete,
                    "edited": stack.edited,
                    "resources": {a: r.remote_id for a, r in sorted(stack.resources.items())},
                }
                for stack in stacks
            }
        )
        return
    out = console()
    for stack in stacks:
        out.print(
            f"{stack.id.name}  serial {stack.serial}{_standing(stack)}", style="bold", markup=False
        )
        for address, resource in sorted(stack.resources.items()):
            out.print(f"  {address}  {resource.type}  {resource.remote_id}", markup=False)


def _standing(stack: RecordedStack) -> str:
    """Why the next apply looks at the stack even if its specs are the same; empty if it need not."""
    if stack.complete:
        return ""
    by_hand = "changed by hand since its last apply"
    return f"  ({by_hand if stack.edited else 'its last apply did not finish'})"


@state.command()
@click.argument("environment")
@click.argument("stack")
@click.argument("address", required=False)
@store_option
@folder_option
@click.option(
    "--json", is_flag=True, expose_value=False, help="No effect: the output is always JSON."
)
@tells_errors
def show(environment: str, stack: str, address: str | None, store: Place, folder: Path) -> None:
    """Print the state of STACK, or of its resource ADDRESS, as JSON. Sensitive values are hashes."""
    recorded = _stack(store, folder, environment, stack)
    if address is None:
        show_json(to_full_data(recorded))
        return
    found = {str(each): resource for each, resource in recorded.resources.items()}.get(address)
    if found is None:
        known = ", ".join(sorted(recorded.resources)) or "none"
        raise UserError(f"{environment}/{stack} has no resource {address!r}; it has: {known}")
    show_json(to_full_data(found))


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
