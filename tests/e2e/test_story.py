"""The story of the demo, from the repository's first pull request to the trainer's end."""

from __future__ import annotations

from pathlib import Path

from gitbot.sandbox.story import CHAPTERS, play
from gitbot.sandbox.world import World


def test_the_story_of_the_demo_plays_to_its_end(tmp_path: Path) -> None:
    with World(tmp_path) as world:
        steps = list(play(world))
    assert [step.title for step in steps] == [chapter.title for chapter in CHAPTERS]
    assert all(step.seen and step.url.startswith("http") for step in steps)
