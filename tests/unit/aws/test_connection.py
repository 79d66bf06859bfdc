"""Reads that run side by side on one connection.

The kind: a scan of many objects delays the plan of a few.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import boto3

from gitbot.adapters.clock import SystemClock
from gitbot.providers.aws.connection import FAN_OUT, FEW, Connection
from gitbot.providers.aws.throttle import Throttles

CALL_S = 0.02
ROUNDS = 100


def connection() -> Connection:
    return Connection(
        boto3.Session(),
        region="us-east-1",
        account="123456789012",
        throttles=Throttles(),
        clock=SystemClock(),
        hide=str,
    )


def test_scans_share_few_calls_at_a_time_and_leave_the_rest_to_plans() -> None:
    aws = connection()
    running: set[int] = set()
    most = []

    def read(item: int) -> None:
        running.add(threading.get_ident())
        time.sleep(CALL_S)
        most.append(len(running))
        running.discard(threading.get_ident())

    with ThreadPoolExecutor(2) as scans:
        assert [*scans.map(lambda _: len(aws.sparing.each(read, range(10))), range(2))] == [10, 10]
    assert max(most) <= FEW
    aws.each(read, range(2 * FAN_OUT))
    assert max(most) > FEW


def test_a_read_of_few_objects_does_not_wait_for_the_end_of_a_read_of_many() -> None:
    aws = connection()
    hurry = threading.Event()
    answered = []

    def read(item: int) -> int:
        hurry.wait(CALL_S)
        answered.append(item)
        return item

    with ThreadPoolExecutor(1) as beside:
        many = beside.submit(aws.each, read, range(ROUNDS * FAN_OUT))
        while len(answered) < 5 * FAN_OUT:
            time.sleep(CALL_S)
        few = aws.each(lambda item: item, range(2))
        meanwhile = len(answered)
        hurry.set()
        assert few == [0, 1]
        assert many.result() == [*range(ROUNDS * FAN_OUT)]
    assert meanwhile < ROUNDS * FAN_OUT / 2
