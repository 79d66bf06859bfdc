"""The protocols by which jobs and the walk ask the outside; adapters fit them by shape. Pure.

Each name is imported when it is first asked for: the loader's child needs one of them, and not the
values that all the others speak of.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitbot.ports.cloud import Cloud, Clouds, Operation, Purpose
    from gitbot.ports.forge import Forge, Forges
    from gitbot.ports.jobs import JobQueue, Progress, Stop
    from gitbot.ports.processes import Processes
    from gitbot.ports.records import Records
    from gitbot.ports.specs import Loader, SpecRepository
    from gitbot.ports.state import StateStore
    from gitbot.ports.time import Calendar, Clock

__all__ = [
    "Calendar",
    "Clock",
    "Cloud",
    "Clouds",
    "Forge",
    "Forges",
    "JobQueue",
    "Loader",
    "Operation",
    "Processes",
    "Progress",
    "Purpose",
    "Records",
    "SpecRepository",
    "StateStore",
    "Stop",
]

_HOMES = {
    "cloud": ("Cloud", "Clouds", "Operation", "Purpose"),
    "forge": ("Forge", "Forges"),
    "jobs": ("JobQueue", "Progress", "Stop"),
    "processes": ("Processes",),
    "records": ("Records",),
    "specs": ("Loader", "SpecRepository"),
    "state": ("StateStore",),
    "time": ("Calendar", "Clock"),
}


def __getattr__(name: str) -> Any:
    for module, names in _HOMES.items():
        if name in names:
            return getattr(import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
