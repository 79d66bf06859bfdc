"""The protocols by which jobs and the walk ask the outside; adapters fit them by shape. Pure."""

from gitbot.ports.cloud import Cloud, Clouds
from gitbot.ports.forge import Forge, Forges
from gitbot.ports.jobs import Clock, JobQueue, Progress, Stop
from gitbot.ports.runs import RunStore
from gitbot.ports.specs import Loader, SpecRepository
from gitbot.ports.state import StateStore

__all__ = [
    "Clock",
    "Cloud",
    "Clouds",
    "Forge",
    "Forges",
    "JobQueue",
    "Loader",
    "Progress",
    "RunStore",
    "SpecRepository",
    "StateStore",
    "Stop",
]
