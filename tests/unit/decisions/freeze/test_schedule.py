"""When freeze windows wake their job."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.freeze.schedule import edges
from gitbot.model.time import At, Missed, Schedule, Work
from tests.unit.decisions.facts_by_hand import PROD, stack_id
from tests.unit.decisions.freeze.windows_by_hand import a_window, at, once

KEY = stack_id("web", "prod").environment_key
RULES = replace(
    PROD,
    freezes=(
        a_window("weekend", "deny", "0 17 * * FRI", 63),
        a_window("office", "allow", "0 8 * * MON-FRI", 10),
        once("over", "deny", "2026-01-01T00:00", "2026-01-02T00:00"),
    ),
)


def test_each_window_waits_for_its_next_edge() -> None:
    found = list(edges(RULES, KEY, {"web", "db"}, at("2026-11-27T17:30")))
    assert found[0] == Schedule(
        name="weekend",
        environment=KEY,
        work=Work.FREEZE,
        when=At(instant=at("2026-11-30T08:00")),
        why="the window weekend that denies apply closes; these wait: db, web",
        missed=Missed.LEVEL,
    )
    assert [(each.name, each.when) for each in found[1:]] == [
        ("office", At(instant=at("2026-11-27T18:00")))
    ]
    (weekend, office) = edges(RULES, KEY, (), at("2026-11-27T07:00"))
    assert weekend.when == At(instant=at("2026-11-27T17:00"))
    assert office.why == "the window office that allows apply opens"
