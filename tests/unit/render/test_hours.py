"""What people are told of machines that are not as their off-hours say."""

from __future__ import annotations

from gitbot.render.hours import hours_issue, hours_trouble


def test_the_issue_says_that_gitbot_goes_on_by_itself() -> None:
    title, text = hours_issue("dev")
    assert title == "gitbot: machines in dev that are not as their off-hours say"
    assert "gitbot tries again by itself, closes this issue" in text


def test_a_comment_names_the_machine_and_why() -> None:
    text = hours_trouble("dev/gpu: trainer", "i-1", "there is no capacity.")
    assert text == "`dev/gpu: trainer` (`i-1`): there is no capacity."
    assert hours_trouble("dev/gpu: a", "i-1", "no.", ["ada", "org/ml"]).startswith(
        "@ada @org/ml `dev"
    )
