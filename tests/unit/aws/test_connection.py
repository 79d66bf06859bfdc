"""Reads that run side by side on one connection.

The kind: a scan of many objects delays the plan of a few.
"""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import boto3

from gitbot.adapters.clock import SystemClock
from gitbot.providers.aws.connection import FAN_OUT, Connection
from gitbot.providers.aws.throttle import Throttles

CALL_S = 0.02
ROUNDS = 100


def test_a_read_of_few_objects_does_not_wait_for_the_end_of_a_read_of_many() -> None:
    aws = Connection(
        boto3.Session(),
        region="us-east-1",
        account="123456789012",
        throttles=Throttles(),
        clock=SystemClock(),
        hide=str,
    )
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
