"""What is said about freezes that people made."""

from __future__ import annotations

from datetime import UTC, datetime

from gitbot.model.freeze import HandFreeze
from gitbot.model.names import EnvironmentKey
from gitbot.render.freeze import freeze_issue, unfrozen_comment

FREEZE = HandFreeze(
    environment=EnvironmentKey(repository="7", environment="prod"),
    by="ada",
    since=datetime(2026, 5, 1, tzinfo=UTC),
    because="@bob <!-- looks --> at `it`",
    command="comment:1:2:0",
)


def test_the_issue_says_who_why_and_how_it_ends_and_mentions_nobody() -> None:
    title, text = freeze_issue(FREEZE, 7)
    assert title == "prod is frozen"
    assert text.startswith("`ada` froze `prod` on #7, because `` @bob")
    assert "`/unfreeze prod`" in text
    assert "<!--" not in text


def test_the_end_says_who_and_where() -> None:
    assert unfrozen_comment(FREEZE, "bob", 9).startswith("`bob` ended it on #9.")
