"""``gitbot permissions``: print the IAM policies of an environment's roles. Needs no cloud. Shell."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gitbot.cli.common import folder_option, json_option, say, show_json, tells_errors
from gitbot.errors import UserError
from gitbot.model.cloud import Purpose

if TYPE_CHECKING:
    from gitbot.model.desired import DesiredResource, Environment

_SERVER = "arn:aws:iam::<account>:role/<the role that gitbot runs with>"


@click.command()
@click.argument("environment")
@click.option(
    "--principal", default=_SERVER, help="The ARN of the role or user that gitbot runs as."
)
@click.option("--all", "every", is_flag=True, help="For every native type, not only those used.")
@folder_option
@json_option
@tells_errors
def permissions(environment: str, principal: str, every: bool, folder: Path, as_json: bool) -> None:
    """Print the IAM policies that roles.plan and roles.apply of ENVIRONMENT need.

    They allow what the resource types in its specs need, and nothing else. Make two roles in the
    environment's account, each with its policy and with the trust policy, and name them in
    specs/ENVIRONMENT/environment.yaml. A policy that is longer than IAM takes comes in parts: give
    the role all of them.

    \b
      gitbot permissions dev --principal arn:aws:iam::123456789012:role/gitbot
      gitbot permissions dev --json | jq '.apply[0]' > apply-policy.json
    """
    from gitbot.providers.aws.catalog import open_catalog
    from gitbot.providers.aws.key_rights import names_key
    from gitbot.providers.aws.permissions import policy, trust
    from gitbot.providers.aws.policy_parts import parts

    found, resources, regions = _used(folder, environment, every=every)
    types = sorted({one.type for one in resources}) or open_catalog().native_names()
    machines = {one.machine for one in resources}
    asks: dict[str, Any] = {
        "handlers": open_catalog().handlers,
        "elsewhere": regions,
        "secrets": found.secrets,
        "environment": found.name,
        "lookups": found.lookups,
        "measures": every or any(one.busy and one.busy.metric for one in machines),
        "commands": every or any(one.pre_stop for one in machines),
        "keyed": types if every else {one.type for one in resources if names_key(one.properties)},
    }
    plan = parts(policy(types, Purpose.PLAN, region=found.region, **asks))
    apply = parts(policy(types, Purpose.APPLY, region=found.region, **asks))
    if as_json:
        show_json({"trust": trust(principal), "plan": plan, "apply": apply})
        return
    _show("Trust policy of both roles: who may take them.", trust(principal))
    _show_parts("Policy of roles.plan: it only reads", plan)
    _show_parts("Policy of roles.apply", apply)


def _used(
    folder: Path, name: str, *, every: bool
) -> tuple[Environment, tuple[DesiredResource, ...], frozenset[str]]:
    """The environment, the resources of its stacks that its roles must be able to handle, and the regions of these.

    With ``every`` no resource counts: the roles must be able to handle all types.

    Raises:
        UserError: there is no such environment, or none of its stacks has a resource.
    """
    from gitbot.cli.specs import load, stacks_of

    loaded = load(folder)
    environment = loaded.environments.get(name)
    if environment is None:
        known = ", ".join(sorted(loaded.environments)) or "none"
        raise UserError(f"there is no environment {name!r} without errors here (there is: {known})")
    stacks = [stack for stack in stacks_of(loaded) if stack.environment == name]
    resources = tuple(resource for stack in stacks for resource in stack.resources.values())
    if not resources and not every:
        raise UserError(
            f"the stacks of {name} have no resources yet: write some first, or add --all"
        )
    return environment, () if every else resources, frozenset(stack.region for stack in stacks)


def _show_parts(title: str, documents: Sequence[dict[str, Any]]) -> None:
    """Print the policies of one role, each of which is a managed policy."""
    for number, document in enumerate(documents, start=1):
        part = (
            f" Part {number} of {len(documents)}, each a managed policy: IAM takes no longer one."
        )
        _show(f"{title}.{part if len(documents) > 1 else ''}", document)


def _show(title: str, document: dict[str, Any]) -> None:
    say(title, "bold")
    click.echo(json.dumps(document, indent=2))
    click.echo()
