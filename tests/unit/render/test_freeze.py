"""What is said about freezes that people made."""

from __future__ import annotations

from datetime import UTC, datetime

from gitbot.model.freeze import HandFreeze
from gitbot.model.names import EnvironmentKey, Sha
from gitbot.render.comments import apply_comment
from gitbot.render.freeze import WAITED, freeze_issue, unfrozen_comment, wait_over
from gitbot.render.views import ApplyCommentView, Outcome, StackApplyView

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


def test_a_wait_that_is_over_is_said_to_be_and_nothing_else_changes() -> None:
    stacks = {
        "web": Outcome.WAITS,
        "db": Outcome.WAITS,
        "base": Outcome.APPLIED,
    }
    view = ApplyCommentView(
        environment="dev",
        commit=Sha("0" * 40),
        actor="ada",
        stacks=tuple(
            StackApplyView(name=name, outcome=each, message="the window `night`")
            for name, each in stacks.items()
        ),
    )
    body = apply_comment(view)[0]
    waits = "**⏳ Waits: frozen**: the window `night`"
    assert body.count(waits) == 2
    after = wait_over(body, {"dev/web", "dev/base"})
    assert f"### `dev/web`\n\n{WAITED}\n" in after
    assert f"### `dev/db`\n\n{waits}\n" in after
    assert wait_over(after, {"dev/web"}) == after
    assert after.replace(WAITED, waits) == body
