"""The hidden line of a comment names its topic, and is read back."""

from __future__ import annotations

import pytest

from gitbot.model.said import PLAN, Topic, TopicKind, topic_in

TOPICS = (PLAN, Topic(kind=TopicKind.APPLY, subject="dev:run-1#2"))


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_topic_is_read_from_the_marker_of_a_comment(topic: Topic, end: str) -> None:
    assert topic_in(f"{topic.marker}{end}text") == topic


@pytest.mark.parametrize(
    "text",
    ["", "text", "<!-- gitbot:other -->\ntext", f"before\n{PLAN.marker}\n", f"{PLAN.marker}text"],
)
def test_a_text_without_a_marker_in_its_first_line_has_no_topic(text: str) -> None:
    assert topic_in(text) is None
