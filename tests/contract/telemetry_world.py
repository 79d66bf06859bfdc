"""Hear what the parts tell. Shell."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from gitbot.adapters.telemetry.table import TOLD
from gitbot.ports import telemetry
from gitbot.ports.telemetry import Metric


class Heard:
    """A receiver of figures, which refuses what the table of metrics does not declare."""

    def __init__(self) -> None:
        self.counts = Counter[tuple[str, ...]]()
        self.values: dict[tuple[str, ...], float] = {}

    def add(self, metric: Metric, amount: float, labels: Mapping[str, str]) -> None:
        """Add to a counter."""
        self.counts[self._key(metric, labels)] += int(amount)

    def observe(self, metric: Metric, value: float, labels: Mapping[str, str]) -> None:
        """Keep the newest value."""
        self.values[self._key(metric, labels)] = value

    def of(self, metric: Metric) -> dict[tuple[str, ...], int]:
        """The counts of a metric, by the values of its labels."""
        return {key[1:]: number for key, number in self.counts.items() if key[0] == metric}

    @staticmethod
    def _key(metric: Metric, labels: Mapping[str, str]) -> tuple[str, ...]:
        assert labels.keys() == set(TOLD[metric].labels)
        return (metric, *(labels[name] for name in TOLD[metric].labels))


@contextmanager
def hearing() -> Iterator[Heard]:
    """Hear what is told while the block lasts."""
    heard = Heard()
    with telemetry.use(heard):
        yield heard
