"""Shows plans and results, and asks for consent. Shell."""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import TypeAlias

import click

from gitbot.cli.common import EXIT_ERROR, console, error_data, note, show, show_json, with_cost
from gitbot.cli.signals import Interrupt
from gitbot.decisions.consent import continues, unasked
from gitbot.errors import RefusedError, SpecError, UserError
from gitbot.jobs.steps.planning import Planned
from gitbot.model.codec import to_full_data
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.names import Address, StackId
from gitbot.model.plan import DIGEST_DIGITS, Plan, WalkResult, short_digest
from gitbot.render.terminal import diagnostic_lines, plan_lines, walk_lines


def show_plans(
    planned: Sequence[Planned], as_json: bool, problems: Sequence[Diagnostic] = ()
) -> None:
    """Print the plans, and on stderr what is wrong with the specs of stacks that have none."""
    if as_json:
        found = {"plans": [to_full_data(each.plan) for each in planned]}
        told = error_data(SpecError(problems)) if problems else {}
        show_json(with_cost({**found, **told}))
    else:
        for each in planned:
            show(plan_lines(each.plan))
    if problems:
        show(diagnostic_lines(problems), stderr=True)


Results: TypeAlias = list[tuple[Planned, WalkResult]]


def ask_consent(
    planned: Sequence[Planned],
    yes: bool,
    digest: str | None,
    unsettled: Mapping[str, Plan],
) -> None:
    """Return when the person agrees to exactly these plans, or when there is nothing to do.

    ``unsettled`` are the plans by label from before what an apply had begun was settled: who names the digest of one
    agrees to the rest of it.

    Raises:
        RefusedError: the person does not agree, or cannot be asked.
    """
    wanted = [each for each in planned if not each.plan.asks_nobody]
    blocking = [hit.detail for each in wanted for hit in each.plan.guards if hit.blocks]
    if blocking:
        raise RefusedError("; ".join(blocking))
    plans = {each.plan.stack.label: each.plan for each in wanted}
    shown = {label: each.digest for label, each in plans.items()}
    agreed = agreed_by_digest({**shown, **_rests(plans, unsettled, digest)}, digest)
    unnamed = [each for each in wanted if each.plan.stack.label not in agreed]
    guarded = [each for each in unnamed if each.plan.guards]
    if not unnamed or (yes and not guarded):
        return
    digests = ",".join(short_digest(each.plan.digest) for each in wanted)
    if not sys.stdin.isatty():
        why = "; ".join(hit.detail for each in guarded for hit in each.plan.guards)
        how = f"--digest {digests}" + ("" if guarded else " or --yes")
        asks = f"A guard asks for consent, and --yes is not enough: {why}. " if guarded else ""
        raise RefusedError(f"{asks}There is no terminal to ask you: agree with {how}")
    expected = digests if guarded else "yes"
    answer = click.prompt(f"Type {expected} to do exactly this", default="", show_default=False)
    if answer.strip().lower() != expected:
        raise RefusedError("you did not agree: nothing was changed")


def agreed_by_digest(shown: Mapping[str, str], digest: str | None) -> frozenset[str]:
    """The stacks, by label, whose digest the option names; none where it was not given.

    Raises:
        UserError: too few digits are given.
        RefusedError: some fit several digests that are shown, or a stack has a digest that is not named.
    """
    named = _named(digest)
    if any(len(part) < DIGEST_DIGITS for part in named):
        raise UserError(f"--digest takes the {DIGEST_DIGITS} digits that the plan shows, of each")
    for part in named:
        if len({each for each in shown.values() if each.startswith(part)}) > 1:
            raise RefusedError(f"--digest {part} fits several plans: give all 64 digits")
    found = frozenset(label for label, each in shown.items() if each.startswith(tuple(named)))
    if named and len(found) < len(shown):
        rest = sorted(shown.keys() - found)
        words = ", ".join(f"{label} is {short_digest(shown[label])}" for label in rest)
        raise RefusedError(
            f"the plan does not have the digest that --digest gives: {words}. Nothing was changed"
        )
    return found


def _rests(
    plans: Mapping[str, Plan], unsettled: Mapping[str, Plan], digest: str | None
) -> Mapping[str, str]:
    """The digests that the option names of plans from before, by the label of the stack of which the rest is planned now.

    Raises:
        RefusedError: it names neither the plan of such a stack now nor one of which that is the rest.
    """
    named, found = tuple(_named(digest)), dict[str, str]()
    for label, before in unsettled.items():
        now = plans.get(label)
        if not named or now is None or now.digest.startswith(named):
            continue
        begun = f" ({before.begun.words})" if before.begun is not None else ""
        words = f"{label}: what an apply had begun is settled now{begun}"
        known = before.digest.startswith(named)
        if not (known and continues(before, now) and not unasked(before, now)):
            raise RefusedError(
                f"{words}, and what is left is not the rest of a plan that --digest names. Nothing else was changed. "
                f"Look at what is left, and agree to it with --digest {short_digest(now.digest)}"
            )
        note(
            f"{words}. What is left is the rest of {short_digest(before.digest)}, to which you agreed."
        )
        found[label] = before.digest
    return found


def _named(digest: str | None) -> list[str]:
    """The digests that the option names."""
    return [part.strip().lower() for part in (digest or "").split(",") if part.strip()]


def show_results(results: Results, as_json: bool) -> None:
    if as_json:
        found = [
            {"stack": each.plan.stack.label, "plan": to_full_data(each.plan)}
            | {"result": to_full_data(result), "ok": result.ok}
            for each, result in results
        ]
        show_json(with_cost({"results": found}))
        return
    for each, result in results:
        show(walk_lines(each.plan, result))


def show_unread(environment: str, unread: Mapping[str, str]) -> None:
    """Print on stderr which stacks were not planned or not begun, and why."""
    for name, why in sorted(unread.items()):
        note(f"{environment}/{name} was left as it is: {why}")


def exit_status(results: Results, unread: Mapping[str, str], interrupt: Interrupt) -> int:
    """What a command ends with that has changed the stacks that it could."""
    if interrupt():
        return interrupt.exit_code
    return 0 if all(result.ok for _, result in results) and not unread else EXIT_ERROR


class PrintedProgress:
    """Prints each step of a walk on stderr as it happens."""

    def __init__(self, *, quiet: bool) -> None:
        self._quiet = quiet
        self._console = console(stderr=True)
        self._lock = threading.Lock()

    def __call__(
        self, stack: StackId, address: Address, action: str, phase: str, detail: str
    ) -> None:
        """Print one line for the step: stacks of several regions can be applied at a time."""
        if self._quiet:
            return
        words = {"start": f"{action} …", "done": f"{action} done"}.get(phase, f"{action} {phase}")
        style = {"done": "green", "failed": "red", "skipped": "yellow"}.get(phase, "dim")
        # The terminal may be gone, and the walk goes on all the same.
        with self._lock, suppress(OSError):
            self._console.print(
                f"  {stack.label} {address}: {words}{' ' + detail if detail else ''}",
                style=style,
                markup=False,
            )
