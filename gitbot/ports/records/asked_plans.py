"""The port to the plans that people ask a server for. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from gitbot.model.asked_plans import AskedPlan, PlanAnswer


class AskedPlans(Protocol):
    """Plans that people asked for, with their answers. They are kept for a while only."""

    def ask(self, asked: AskedPlan) -> None:
        """Record a plan that somebody asks for. Does nothing when the id is known already."""

    def get(self, id_: str) -> AskedPlan | None:
        """The plan of this id; None when there is none, or not any more."""

    def answer(self, id_: str) -> PlanAnswer | None:
        """The answer; None before there is one."""

    def begin(self, id_: str) -> None:
        """Record that somebody works on the answer. Does nothing once it has ended."""

    def end(self, id_: str, answer: PlanAnswer) -> None:
        """Record the answer. Only the first one counts."""

    def prune(self, older_than: timedelta, now: datetime) -> int:
        """Delete the plans that were asked for longer ago. Returns how many."""
