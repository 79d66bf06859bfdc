"""End the promotions into an environment that is promoted from nothing any more. Shell."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace
from functools import partial

from gitbot.errors import UserError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.promotion.told import say_closed
from gitbot.jobs.steps.publish import set_checks
from gitbot.jobs.steps.telling import Telling
from gitbot.language.files import home_path_of
from gitbot.model.promotion import Gate, GateState, PromotionRow
from gitbot.render.promotion_gates import promotion_check


def end_promotions(
    ports: Ports, seen: Look, environment: str, rows: Collection[PromotionRow], telling: Telling
) -> None:
    """Close what is open, and say why. Nothing is closed while the environment's file has errors."""
    if (
        environment not in seen.at_tip.environments
        and home_path_of(environment) in seen.tree.entries
    ):
        return
    for row in rows:
        if row.live is not None:
            telling.say(f"the end of #{row.live.number}", partial(_end, ports, seen, row))


def _end(ports: Ports, seen: Look, row: PromotionRow) -> None:
    if row.live is None:
        return
    number, target = row.live.number, row.target.environment
    if seen.forge.pull_request(number).open:
        say_closed(ports, seen, target, number, f"{target} is promoted from nothing any more")
        seen.forge.close_pull_request(number)
    ports.records.promotions.put(replace(row, live=None, wake_at=None))


def wait_for_source(ports: Ports, seen: Look, rows: Collection[PromotionRow], source: str) -> None:
    """Say in the checks of what is open that the source does not load."""
    why = f"{source} is not there, or its `environment.yaml` has errors"
    waits = GateState(gate=Gate.APPLIED, open=False, why=why)
    for number in sorted({row.live.number for row in rows if row.live is not None}):
        stacks = [row.stack for row in rows if row.live is not None and row.live.number == number]
        head = seen.forge.pull_request(number)
        if head.open:
            with suppress(UserError):
                check = promotion_check([(stack, (waits,)) for stack in stacks])
                set_checks(ports, seen, head.head, [check], "")
