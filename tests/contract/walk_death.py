"""Apply a stack in a process of its own that kills itself at a boundary, like a crash."""

from __future__ import annotations

import multiprocessing
import os
from dataclasses import dataclass
from pathlib import Path

from gitbot.model.desired import DesiredStack
from gitbot.providers.aws.catalog import open_catalog
from tests.contract.walk_world import WalkWorld
from tests.fault.kill_boundaries import Boundaries, KillingStore, kill_at_the_wire

KILLED = -9
FORKED = multiprocessing.get_context("forkserver")
"""Processes begin as forks of one that has imported this module: else each took seconds for that."""
FORKED.set_forkserver_preload([__name__])


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """The address of a local AWS that another process serves."""

    url: str


def apply_until(world: WalkWorld, folder: Path, desired: DesiredStack | None, boundary: str) -> int:
    """Apply like ``WalkWorld.apply``, in another process that dies at ``boundary`` (see
    ``tests.fault.kill_boundaries``). Returns its exit status: ``KILLED`` when it got there."""
    process = FORKED.Process(target=_apply, args=(world.aws.url, folder, desired, boundary))
    process.start()
    process.join()
    assert process.exitcode is not None
    return process.exitcode


def _apply(url: str, folder: Path, desired: DesiredStack | None, boundary: str) -> None:
    boundaries = Boundaries(boundary)
    kill_at_the_wire(boundaries)
    world = WalkWorld(Endpoint(url=url), open_catalog(), folder)
    world.store = KillingStore(world.store, boundaries)  # type: ignore[assignment]
    os._exit(0 if world.apply(desired).ok else 1)
