"""Prometheus reads the metrics over HTTP, in the format that its own parser takes."""

from __future__ import annotations

import socket
import urllib.request
from collections.abc import Mapping
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from gitbot.adapters.telemetry.metrics import PrometheusMeter
from gitbot.adapters.telemetry.table import READ, Source
from gitbot.errors import UserError
from gitbot.ports import telemetry
from gitbot.ports.telemetry import Metric


def read(url: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    with urllib.request.urlopen(url, timeout=10) as answer:
        text = answer.read().decode()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_is_told_is_read_by_prometheus() -> None:
    meter = PrometheusMeter()
    with telemetry.use(meter), meter.serving("127.0.0.1:0") as url:
        telemetry.count(Metric.DELIVERIES, event="push", outcome="heard")
        telemetry.count(Metric.DELIVERIES, event="push", outcome="heard")
        telemetry.observe(Metric.GITHUB_REMAINING, 4999.0, resource="core")
        with telemetry.doing("plan", Metric.PLAN_DURATION, stack="s"):
            pass
        with pytest.raises(ZeroDivisionError), telemetry.doing("plan", Metric.PLAN_DURATION):
            _ = 1 / 0
        found = read(url)
    assert found["gitbot_deliveries_total", (("event", "push"), ("outcome", "heard"))] == 2
    assert found["gitbot_github_rate_limit_remaining", (("resource", "core"),)] == 4999
    for outcome in ("ok", "failed"):
        assert found["gitbot_plan_duration_seconds_count", (("outcome", outcome),)] == 1
    assert found["process_start_time_seconds", ()] > 0
    assert not any(name.endswith("_created") for name, _ in found)


def test_a_source_that_fails_leaves_out_its_own_gauges_alone_and_is_not_asked_too_often() -> None:
    meter, asked = PrometheusMeter(), []

    def fails() -> Mapping[str, Any]:
        raise RuntimeError("the database is away")

    def works() -> Mapping[str, Any]:
        asked.append(1)
        return {"gitbot_loader_children": [(("reviewed",), 2)]}

    broken = Source(names=("gitbot_queue_jobs",), read=fails)
    meter.read_from([broken, Source(names=("gitbot_loader_children",), read=works)])
    with meter.serving("127.0.0.1:0") as url:
        found, _ = read(url), read(url)
    assert found["gitbot_loader_children", (("trust", "reviewed"),)] == 2
    assert not any(name == "gitbot_queue_jobs" for name, _ in found)
    assert len(asked) == 1


def test_an_address_that_is_taken_is_told_by_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with (
            pytest.raises(UserError, match=f"GITBOT_METRICS_LISTEN {listen} cannot be used"),
            PrometheusMeter().serving(listen),
        ):
            pass


def test_nobody_listens_until_somebody_is_named() -> None:
    telemetry.count(Metric.DELIVERIES)  # a label is missing, and nobody notices
    assert not telemetry.is_heard()
    with telemetry.use(PrometheusMeter()):
        assert telemetry.is_heard()
    assert not telemetry.is_heard()
    assert READ
