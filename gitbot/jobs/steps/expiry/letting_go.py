"""Say what becomes of stacks whose time is over when a freeze does not hold them any more. Shell."""

from __future__ import annotations

from datetime import timedelta

from gitbot.decisions.expiry.stages import OUTDATED, Step
from gitbot.jobs.steps.expiry.cases import decide_now, rules_of
from gitbot.jobs.steps.expiry.moment import read_moment
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import Environment
from gitbot.model.expiry import Stage
from gitbot.render.expiry_ends import LetGo, let_go_words


def let_go(ports: Ports, seen: Look, rules: Environment) -> tuple[str, ...]:
    """A clause about each stack of the environment that is stopped or destroyed next; by stack."""
    decided = decide_now(ports, seen, rules, read_moment(ports).earliest)
    found = []
    for stack, row in decided.rows.items():
        decision = decided.of(stack)
        over = row.stage in (Stage.EXPIRED, Stage.DESTROYING) or row.requested
        if row.lifted or not (over or decision.step is Step.STOP):
            continue
        found.append(
            LetGo(
                expiry=row,
                held=tuple(why for why in decision.held if why != OUTDATED),
                runs=decision.step is Step.STOP
                or (row.stage is Stage.EXPIRED and row.grace_from is None and not row.requested),
                reminded=decision.warn is not None and decision.warn < timedelta(0),
                until=decision.until,
            )
        )
    return tuple(let_go_words(one, rules_of(rules), rules.timezone) for one in found)
