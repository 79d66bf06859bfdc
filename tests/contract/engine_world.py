"""Plan and apply stacks with an engine against a local AWS, lose the state and recover it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from textwrap import indent

from gitbot.adapters.processes import LocalProcesses
from gitbot.adapters.stores.state import SqlStateStore
from gitbot.bootstrap.engine import Opened
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.recovering import Recovered, record, recover_state
from gitbot.jobs.steps.target import Target
from gitbot.jobs.steps.target_plans import apply_planned, open_cloud, plan_target
from gitbot.model.cloud import Purpose
from gitbot.model.codec import to_data
from gitbot.model.names import Sha
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.tree import SpecTree, TreeEntry
from gitbot.model.values import Json
from gitbot.ports.state import StateStore
from gitbot.providers.aws.types import NATIVE_TYPES
from tests.contract.empty_database import open_empty

MINUTE = timedelta(seconds=60)

ENVIRONMENT = """\
apiVersion: gitbot/v1
kind: Environment
metadata: {name: dev}
spec:
  region: us-east-1
  tags: {env: dev}
"""


def stack(resources: str) -> Mapping[str, str]:
    """The files of a repository with one stack."""
    text = (
        "apiVersion: gitbot/v1\nkind: Stack\nmetadata: {name: it, labels: {owner: ml, cost: x}}\n"
        f"spec:\n  resources:\n{indent(resources, '    ')}"
    )
    return {"specs/dev/environment.yaml": ENVIRONMENT, "specs/dev/it.yaml": text}


def target(opened: Opened, files: Mapping[str, str], *, nothing: bool = False) -> Target:
    entries = {
        path: TreeEntry(content=text.encode(), size_bytes=len(text)) for path, text in files.items()
    }
    tree = opened.engine.loader.load(SpecTree(id="it", entries=entries))
    assert tree.errors() == ()
    return Target(
        repository="r",
        environment="dev",
        tree=tree,
        commit=Sha("c" * 40),
        towards_nothing=nothing,
    )


def apply(opened: Opened, it: Target) -> None:
    engine = opened.engine
    cloud = open_cloud(engine, it, Purpose.APPLY)
    with hold(
        engine.state,
        it.key,
        LocalProcesses().name("test"),
        ttl=timedelta(seconds=60),
        clock=engine.clock,
    ) as lease:
        for each in plan_target(engine, it, cloud, unread={}, lease=lease):
            result = apply_planned(engine, opened, it, cloud, lease, each, actor="test")
            assert result.ok, result.failures


def plans(opened: Opened, it: Target) -> list[Plan]:
    cloud = open_cloud(opened.engine, it, Purpose.PLAN)
    return [
        each.plan
        for each in plan_target(opened.engine, it, cloud, unread={})
        if not each.plan.empty
    ]


def on(opened: Opened, state: StateStore) -> Opened:
    """The engine on another store of state."""
    return replace(opened, engine=replace(opened.engine, state=state))


def state_at(opened: Opened, path: Path) -> SqlStateStore:
    return SqlStateStore(open_empty(path), opened.engine.clock, LocalProcesses())


def recovered(opened: Opened, it: Target, lineage: str | None = None) -> Recovered:
    """Look, and record everything that was found."""
    engine = opened.engine
    holder = LocalProcesses().name("test")
    with hold(engine.state, it.key, holder, ttl=MINUTE, clock=engine.clock) as lease:
        found = recover_state(engine, it, open_cloud(engine, it, Purpose.PLAN), lineage)
        for one in found.stacks:
            if one.changes:
                record(engine, opened.records, lease, one, actor="test")
    return found


UNTAGGED = {name for name, native in NATIVE_TYPES.items() if native.declaration.tag_limits is None}


LATER = {
    *("SecurityGroupIngress", "SecurityGroupEgress", "Tags", "gitbot:disks"),
    *("CidrBlockAssociations", "Ipv6CidrBlocks"),
}
"""What the cloud says of an object, and what moves, and other resources, change of it afterwards."""


def known(stack: RecordedStack) -> Json:
    """What a state says, but for how often it was written, when its life began, and how often something
    was made that carries no tag to say so."""
    resources = {
        address: replace(
            one,
            generation=1 if one.type in UNTAGGED else one.generation,
            attributes={name: v for name, v in one.attributes.items() if name not in LATER},
        )
        for address, one in stack.resources.items()
    }
    data: Json = to_data(replace(stack, serial=0, born_at=None, done=None, resources=resources))
    return data
