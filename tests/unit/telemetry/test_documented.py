"""Each metric is declared once, named as Prometheus asks for, and documented with the same words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.adapters.telemetry.table import READ, TOLD, Declared, Kind
from gitbot.ports.telemetry import Metric

ROOT = Path(__file__).parents[3]
DECLARED = {**TOLD, **READ}


def rows() -> Iterator[str]:
    """The rows of the table in docs/metrics.md."""
    for name, one in DECLARED.items():
        shown = f"{name}_total" if one.kind is Kind.COUNTER else str(name)
        labels = ", ".join(f"`{label}`" for label in one.labels)
        kind = f"{one.kind.value}, shared" if one.shared else one.kind.value
        yield f"| `{shown}` | {kind} | {labels} | {one.help} |"


def test_every_metric_that_is_told_is_declared_and_told_somewhere() -> None:
    assert list(TOLD) == list(Metric)
    sources = "\n".join(path.read_text() for path in (ROOT / "gitbot").rglob("*.py"))
    assert [one for one in Metric if len(re.findall(rf"Metric\.{one.name}\b", sources)) < 2] == []


def test_the_page_has_each_metric_with_its_kind_labels_and_meaning() -> None:
    page = (ROOT / "docs/metrics.md").read_text().splitlines()
    assert [line for line in page if line.startswith("| `gitbot_")] == list(rows())


@pytest.mark.parametrize(("name", "one"), DECLARED.items(), ids=list(map(str, DECLARED)))
def test_names_follow_the_conventions(name: str, one: Declared) -> None:
    """https://prometheus.io/docs/practices/naming/"""
    assert re.fullmatch(r"gitbot_[a-z]+(_[a-z]+)*", name)
    assert not name.endswith("_total")  # the library adds it to counters
    assert (one.kind is Kind.HISTOGRAM) == bool(one.buckets)
    assert one.kind is not Kind.HISTOGRAM or name.endswith("_seconds")
    assert not {"stack", "commit", "actor", "delivery", "pull_request"} & set(one.labels)
    assert not {"job", "instance", "le"} & set(one.labels)
