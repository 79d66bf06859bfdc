"""A state is rebuilt where the cloud has objects that nothing finds.

The kind: an apply after the recovery makes them a second time, and nobody was told.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from gitbot.bootstrap.engine import open_engine
from gitbot.model.places import SqlitePlace
from gitbot.render.recovering import twice_lines
from gitbot_sandbox.aws import LocalAws
from tests.contract.engine_world import apply, on, recovered, stack, state_at, target

GROUP = """\
group:
  type: AWS::Logs::LogGroup
  properties: {LogGroupName: /recover/unfound}
"""
FILTER = """\
  type: AWS::Logs::MetricFilter
  properties:
    LogGroupName: ${group.LogGroupName}
    FilterPattern: ERROR
    MetricTransformations: [{MetricName: errors, MetricNamespace: it, MetricValue: "1"}]
"""


def test_what_nothing_finds_is_told_before_an_apply_makes_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specs = stack(f"{GROUP}nameless:\n{FILTER}")
    with LocalAws() as aws:
        aws.reset()
        for name, value in aws.environment.items():
            monkeypatch.setenv(name, value)
        with open_engine(SqlitePlace(tmp_path / "state.db"), hash_key="k" * 32) as opened:
            apply(opened, target(opened, specs))
            lost = on(opened, state_at(opened, tmp_path / "new.db"))
            (one,) = recovered(lost, target(lost, specs)).stacks
    assert set(one.after.resources) == {"group"}
    assert [each.address for each in one.twice] == ["nameless"]
    assert not one.proven
    warning, told = twice_lines(one.twice)
    assert "makes them a second time" in warning.text
    assert told.text == "  nameless  AWS::Logs::MetricFilter"
    assert twice_lines(()) == ()
