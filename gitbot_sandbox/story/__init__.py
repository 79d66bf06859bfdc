"""Play the story of ``gitbot demo``, chapter by chapter. Shell."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from gitbot_sandbox.sandbox import Sandbox
from gitbot_sandbox.stage import Stage
from gitbot_sandbox.story import environments, review, watch

CHAPTERS = (*review.CHAPTERS, *environments.CHAPTERS, *watch.CHAPTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened: its title, the address of its page, and what the page shows."""

    title: str
    url: str
    seen: tuple[str, ...]
    took_s: float


def play(sandbox: Sandbox) -> Iterator[Step]:
    """Play every chapter, in order.

    Raises:
        TimeoutError: something that should have happened did not; names it.
        AssertionError: something else happened.
    """
    stage = Stage(sandbox)
    for chapter in CHAPTERS:
        started = time.monotonic()
        url, seen = chapter.play(stage)
        yield Step(title=chapter.title, url=url, seen=seen, took_s=time.monotonic() - started)
