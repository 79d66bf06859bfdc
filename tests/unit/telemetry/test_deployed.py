"""The dashboard and the alerts ask for metrics and labels that exist, and each alert says what to do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from gitbot.adapters.telemetry.table import READ, TOLD, Declared, Kind
from gitbot.decisions.readiness import Check

ROOT = Path(__file__).parents[3]
TARGET = {"job", "instance"}
"""The labels that Prometheus adds to everything that it reads."""
PROCESS = {"process_resident_memory_bytes"}
"""What the library gives of the process itself."""


def samples() -> Iterator[tuple[str, Declared]]:
    """The names under which Prometheus keeps our metrics."""
    for name, one in {**TOLD, **READ}.items():
        match one.kind:
            case Kind.COUNTER:
                yield f"{name}_total", one
            case Kind.GAUGE:
                yield str(name), one
            case Kind.HISTOGRAM:
                yield from ((f"{name}_{part}", one) for part in ("bucket", "sum", "count"))


SAMPLES = dict(samples())


def panels() -> list[dict[str, Any]]:
    """The panels of the dashboard, rows left out."""
    board = json.loads((ROOT / "deploy/grafana/gitbot.json").read_text())
    return [one for one in board["panels"] if one["type"] != "row"]


def rules() -> list[dict[str, Any]]:
    """The alerts."""
    (group,) = yaml.safe_load((ROOT / "deploy/alerts/gitbot.yaml").read_text())["groups"]
    found: list[dict[str, Any]] = group["rules"]
    return found


QUERIES = [
    *((one["alert"], one["expr"]) for one in rules()),
    *((one["title"], target["expr"]) for one in panels() for target in one["targets"]),
]


def parsed(query: str) -> promql_parser.Expr:
    """The query; what only Grafana knows is replaced as it does."""
    return promql_parser.parse(query.replace("$__rate_interval", "1m"))


def parts(query: str) -> list[promql_parser.Expr]:
    found: list[promql_parser.Expr] = []
    promql_parser.walk(parsed(query), found.append)
    return found


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=[where for where, _ in QUERIES])
def test_a_query_is_promql_and_asks_for_what_exists(where: str, query: str) -> None:
    known = set(TARGET)
    for one in parts(query):
        if not isinstance(one, promql_parser.VectorSelector):
            continue
        if one.name in PROCESS:
            continue
        declared = SAMPLES[str(one.name)]
        labels = {*declared.labels, *(("le",) if str(one.name).endswith("_bucket") else ())}
        known |= labels
        assert {each.name for each in one.matchers.matchers} <= labels | TARGET
    grouped = {
        label
        for one in parts(query)
        if isinstance(one, promql_parser.AggregateExpr) and one.modifier is not None
        for label in one.modifier.labels
    }
    assert grouped <= known


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=[where for where, _ in QUERIES])
def test_what_all_servers_read_alike_is_not_added_up(where: str, query: str) -> None:
    """The kind: a figure that doubles with the second server."""
    shared = [name for name, one in SAMPLES.items() if one.shared]
    for name in re.findall(r"gitbot_\w+", query):
        if name in shared:
            assert re.search(rf"max( by \([^)]*\))? ?\({name}\b", query), name


def test_a_query_that_is_wrong_is_found() -> None:
    with pytest.raises(ValueError, match="parenthesis"):
        parsed("sum(gitbot_check")
    with pytest.raises(KeyError):
        test_a_query_is_promql_and_asks_for_what_exists("", "rate(gitbot_check_total[5m])")
    for query in ('gitbot_check{chek="x"}', "sum by (kind) (gitbot_check)"):
        with pytest.raises(AssertionError):
            test_a_query_is_promql_and_asks_for_what_exists("", query)
    with pytest.raises(AssertionError):
        test_what_all_servers_read_alike_is_not_added_up("", "sum(gitbot_held_runs)")


def test_every_alert_has_what_somebody_needs_at_night_and_a_row_that_says_what_to_do() -> None:
    page = (ROOT / "docs/operations.md").read_text()
    table = re.findall(r"^\| `(Gitbot\w+)` \| (page|ticket) \| .+ \| .+ \|$", page, re.MULTILINE)
    assert "\n## Alerts\n" in page
    assert table == [(one["alert"], one["labels"]["severity"]) for one in rules()]
    for one in rules():
        assert set(one) - {"for"} == {"alert", "expr", "labels", "annotations"}
        assert one["annotations"].keys() == {"summary", "runbook"}
        assert one["annotations"]["runbook"] == "docs/operations.md#alerts"


def test_every_value_of_a_label_that_an_alert_names_is_told() -> None:
    """The kind: an alert on an outcome that was renamed never comes."""
    sources = "\n".join(path.read_text() for path in (ROOT / "gitbot").rglob("*.py"))
    for rule in rules():
        for one in parts(rule["expr"]):
            if isinstance(one, promql_parser.VectorSelector):
                for matcher in one.matchers.matchers:
                    for value in str(matcher.value).split("|"):
                        known = {check.value for check in Check} if matcher.name == "check" else ()
                        assert (
                            value in known
                            or f'"{value.replace("_", " ")}"' in sources
                            or (f'"{value}"' in sources)
                        ), value


def test_the_dashboard_has_every_metric_of_ours_and_a_place_for_every_panel() -> None:
    queries = " ".join(target["expr"] for one in panels() for target in one["targets"])
    shown = set(re.findall(r"gitbot_\w+", queries))
    names = {**TOLD, **READ}
    assert {name for name in names if not any(one.startswith(name) for one in shown)} == set()
    board = json.loads((ROOT / "deploy/grafana/gitbot.json").read_text())
    ids = [one["id"] for one in board["panels"]]
    assert len(set(ids)) == len(ids)
    taken = [
        (x, y)
        for one in board["panels"]
        for x in range(one["gridPos"]["x"], one["gridPos"]["x"] + one["gridPos"]["w"])
        for y in range(one["gridPos"]["y"], one["gridPos"]["y"] + one["gridPos"]["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
    (source,) = board["templating"]["list"]
    for one in panels():
        assert one["datasource"] == {"type": "prometheus", "uid": f"${{{source['name']}}}"}
        assert one["description"]
