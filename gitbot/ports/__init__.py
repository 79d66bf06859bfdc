"""The protocols by which jobs and the walk ask the outside; adapters fit them by shape. Pure."""

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
