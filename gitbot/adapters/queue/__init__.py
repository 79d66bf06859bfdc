"""Run the durable job queue; DBOS Transact is known in this folder only. Shell."""

from gitbot.adapters.queue.durable import JOBS_VERSION, DurableQueue
from gitbot.adapters.queue.membership import Membership, Together
from gitbot.adapters.queue.retries import Retries
from gitbot.adapters.queue.rows import JobFigures, QueueStatus
from gitbot.adapters.queue.runner import Failed, Job
from gitbot.adapters.queue.turns import AlwaysMine, SharedTurns, Turns

__all__ = [
    "JOBS_VERSION",
    "AlwaysMine",
    "DurableQueue",
    "Failed",
    "Job",
    "JobFigures",
    "Membership",
    "QueueStatus",
    "Retries",
    "SharedTurns",
    "Together",
    "Turns",
]
