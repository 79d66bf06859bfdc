"""Keep the figures of this process and give them to Prometheus. Shell.

https://prometheus.github.io/client_python/ · https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    start_http_server,
)
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from gitbot.adapters.telemetry.table import READ, TOLD, Declared, Kind, Source
from gitbot.errors import UserError
from gitbot.ports.telemetry import Metric

_log = logging.getLogger(__name__)

KEPT_S = 5.0
"""How long what was read is used: who asks more often costs the database no more."""


class PrometheusMeter:
    """The figures of this process. Fits ``ports.telemetry.Meter``."""

    def __init__(self) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._metrics = {name: self._made(name, one) for name, one in TOLD.items()}

    def add(self, metric: Metric, amount: float, labels: Mapping[str, str]) -> None:
        """Add to a counter."""
        found = self._metrics[metric]
        assert isinstance(found, Counter)
        found.labels(**labels).inc(amount)

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str]) -> None:
        """Note one duration in seconds, or the newest value of a gauge."""
        found = self._metrics[metric].labels(**labels)
        if isinstance(found, Histogram):
            found.observe(value)
        else:
            assert isinstance(found, Gauge)
            found.set(value)

    def read_from(self, sources: Sequence[Source]) -> None:
        """Also give the gauges of these sources, each read when Prometheus asks."""
        for source in sources:
            self._registry.register(_Reader(source))

    @contextmanager
    def serving(self, listen: str) -> Iterator[str]:
        """Answer at ``listen`` (address:port) while the block lasts; yields the URL of the metrics.

        Raises:
            UserError: the address cannot be used.
        """
        given, _, port = listen.rpartition(":")
        host = given.strip("[]") or "127.0.0.1"
        try:
            server, thread = start_http_server(int(port), host, self._registry)
        except OSError as error:
            raise UserError(
                f"GITBOT_METRICS_LISTEN {listen} cannot be used: {error.strerror or error}"
            ) from error
        try:
            yield f"http://{given or host}:{server.server_port}/metrics"
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    def _made(self, name: Metric, one: Declared) -> Counter | Gauge | Histogram:
        match one.kind:
            case Kind.COUNTER:
                return Counter(name, one.help, one.labels, registry=self._registry)
            case Kind.GAUGE:
                return Gauge(name, one.help, one.labels, registry=self._registry)
            case Kind.HISTOGRAM:
                return Histogram(
                    name, one.help, one.labels, registry=self._registry, buckets=one.buckets
                )


class _Reader(Collector):
    """Gives the gauges of a source, at most ``KEPT_S`` seconds old."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._found: tuple[GaugeMetricFamily, ...] = ()

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """The names alone, so that nothing is read when the source is registered."""
        return [_family(name) for name in self._source.names]

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauges with their samples."""
        with self._lock:
            if time.monotonic() - self._read_at > KEPT_S:
                self._found = tuple(self._read())
                self._read_at = time.monotonic()
            return self._found

    def _read(self) -> Iterator[GaugeMetricFamily]:
        try:
            given = self._source.read()
        except Exception as error:  # noqa: BLE001  (the other metrics matter most when something fails)
            _log.warning("no figures of %s: %s", ", ".join(self._source.names), error)
            return
        for name in self._source.names:
            family = _family(name)
            for labels, value in given.get(name, ()):
                family.add_metric(labels, value)
            yield family


def _family(name: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, READ[name].help, labels=READ[name].labels)
