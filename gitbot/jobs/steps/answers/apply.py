"""``/apply``: apply before the merge; after it, release or retry an apply. Shell."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from gitbot.decisions import apply_command as decide
from gitbot.decisions.claims import refuse_taken, standing_in_the_way
from gitbot.decisions.digests import named_digest
from gitbot.decisions.freeze.waiting import NAMES_NOTHING
from gitbot.errors import RefusedError
from gitbot.jobs.steps.acceptance import accept, again
from gitbot.jobs.steps.agreed_plans import agreed_plans
from gitbot.jobs.steps.answering import text_name
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.first_applies import telling_first_time
from gitbot.jobs.steps.observing import read_state
from gitbot.jobs.steps.obstacles import refuse_frozen
from gitbot.jobs.steps.proposal import Proposal, applicable
from gitbot.jobs.steps.rights import require_ready, require_right
from gitbot.jobs.steps.standing import require_plan_standing, require_standing
from gitbot.jobs.steps.teams import unseen_teams
from gitbot.jobs.steps.wake import read_tip_facts
from gitbot.model.commands import Accepted, AppliesWhat
from gitbot.model.desired import Environment, Trigger
from gitbot.model.keys import ApplyEnvironment, ApplyPullRequest
from gitbot.model.names import StackId
from gitbot.model.runs import Run
from gitbot.model.said import ShownDigest
from gitbot.model.wanted import Wanted


def answer(request: Request) -> None:
    """Accept the command and wake the job that answers it.

    A command that was accepted before only wakes its job again, even if the pull request was closed
    since.
    """
    accepted = request.command.accepted
    if accepted is None:
        accepted = _accept_tip(request) if _is_about_tip(request) else _accept_head(request)
        accept(request.ports, request.command, accepted)
    if accepted.what is AppliesWhat.PULL_REQUEST:
        _wake_head(request, accepted.environment)
    else:
        _release(request, accepted)


def _is_about_tip(request: Request) -> bool:
    """Whether the command is about the tip: on a closed pull request, or on our issue.

    Raises:
        RefusedError: it was written on another issue.
    """
    issue = request.ports.records.said.waiting_issue(request.seen.repository.id)
    if issue is not None and issue.comment == request.command.number:
        return True
    return not request.pull_request.open


def _accept_tip(request: Request) -> Accepted:
    seen, command, runs = request.seen, request.command, request.ports.records.runs
    number = command.number
    shown = request.ports.records.pull_requests.shown_digests(seen.repository.id, number)
    named = named_digest(command, shown)
    held = {
        name: decide.held_here(runs.held(seen.key(name)), shown, command.written_at)
        for name in seen.at_tip.environments
    }
    touched = runs.environments_of(seen.repository.id, number) or tuple(
        name for name, found in held.items() if found
    )
    candidates = decide.releasable(named, touched, held)
    rules = seen.rules(decide.choose_environment(command, candidates))
    require_right(request.ports, seen, rules, "apply", command.author, command.author_id)
    decide.check_stack(command, rules.name, _stacks(request, rules.name))
    chosen = _choose_held(request, rules, named, shown, held[rules.name])
    topics = {each.topic for each in shown if each.topic and each.digest == named}
    require_standing(request.ports, seen, number, sorted(topics, key=str), command.written_at)
    return Accepted(
        what=AppliesWhat.TIP,
        environment=rules.name,
        runs=tuple(run.id for run in chosen),
        digest=named,
    )


def _choose_held(
    request: Request,
    rules: Environment,
    named: str | None,
    shown: Sequence[ShownDigest],
    held: Sequence[Run],
) -> Sequence[Run]:
    """The held applies that the command releases, or none where it overrides what only waits.

    Raises:
        RefusedError: nothing fits, or the override does not count.
    """
    ports, seen, command = request.ports, request.seen, request.command
    waiting = [
        each.stack
        for each in ports.records.freezes.waiting(seen.key(rules.name))
        if any((one.stack, one.digest) == (each.stack, named) for one in shown)
    ]
    chosen: Sequence[Run] = ()
    if not waiting or any(run.digest == named for run in held):
        with telling_first_time(ports, command.number, shown, named):
            chosen = decide.choose_held(command, named, held)
    if command.because and named is None:
        raise RefusedError(NAMES_NOTHING)
    # A release is taken also while it is frozen: it waits with its stack, and does not age.
    if command.because or not chosen:
        for stack in sorted({*waiting, *(run.stack for run in chosen)}):
            _refuse_frozen(request, rules, stack, seen.wanted(rules.name))
    return chosen


def _refuse_frozen(request: Request, rules: Environment, stack: StackId, wanted: Wanted) -> None:
    desired = wanted.stacks.get(stack.name)
    refuse_frozen(
        request.ports,
        rules,
        stack,
        None if desired is None else desired.hash,
        commands=[request.command],
        in_team=request.seen.forge.in_team,
        unseen=partial(unseen_teams, request.seen.forge),
    )


def _stacks(request: Request, environment: str) -> set[str]:
    """The stacks that the tip wants in the environment, or that state knows there."""
    headers = request.ports.engine.state.headers(request.seen.repository.id)
    known = {each.id.name for each in headers if each.id.environment == environment}
    return known | set(request.seen.wanted(environment).stacks)


def _release(request: Request, accepted: Accepted) -> None:
    """Release the runs that the command names, and wake an apply of the tip that answers it.

    Commands of one comment for one environment wake the same job.
    """
    seen, command = request.seen, request.command
    rules = seen.rules(accepted.environment)
    require_right(request.ports, seen, rules, "apply", command.author, command.author_id)
    freezes = request.ports.records.freezes
    withdrawn = freezes.withdrawn(seen.key(rules.name))
    freezes.end_withdrawal(
        [each.stack for each in withdrawn if command.stack in (None, each.stack.name)]
    )
    for run in accepted.runs:
        request.ports.records.runs.release(run, command.author, request.ports.clock.now())
    request.later.append(
        ApplyEnvironment(
            repository=seen.repository.id,
            environment=accepted.environment,
            tip=seen.tip,
            why=text_name(command.ref),
            actor=command.author,
            pull_request=command.number,
            command=command.ref,
            again=again(request.ports, command),
        )
    )


def _wake_head(request: Request, environment: str) -> None:
    request.ports.queue.enqueue(
        ApplyPullRequest(
            repository=request.seen.repository.id,
            environment=environment,
            number=request.command.number,
            command=request.command.ref,
            again=again(request.ports, request.command),
        )
    )


def _accept_head(request: Request) -> Accepted:
    """Check that the pull request may be applied before its merge, and claim its stacks."""
    ports, seen, command = request.ports, request.seen, request.command
    pull_request = request.pull_request
    proposal, affected = applicable(ports, seen, pull_request)
    decide.check_specs(seen.at_tip, proposal.merged, command, affected.keys())
    rules = seen.rules(decide.choose_environment(command, tuple(affected)))
    require_right(ports, seen, rules, "apply", command.author, command.author_id)
    names = decide.choose_stacks(command, rules.name, affected.get(rules.name, ()))
    if Trigger.COMMENT not in rules.triggers:
        raise RefusedError(f"{rules.name} is applied by merges only (`apply.on`)")
    for stack in (seen.stack_id(rules, name) for name in names):
        _refuse_frozen(request, rules, stack, proposal.wanted(rules.name))
    _check_names(request, rules, proposal, names)
    _check_claims(request, rules, names)
    facts = read_tip_facts(ports, seen)
    require_plan_standing(ports, seen, command.number, command.written_at)
    shown = ports.records.pull_requests.shown_digests(seen.repository.id, command.number)
    named = named_digest(command, shown)
    with telling_first_time(ports, command.number, shown, named):
        agreed = agreed_plans(ports, seen, facts, rules, pull_request, names, command)
        chosen = decide.choose_plans(named, agreed)
    plans = [ports.records.runs.plan(run.id) for run in chosen]
    require_ready(ports, seen, rules, pull_request, plans)
    decide.check_guards(command, rules.name, plans)
    decide.check_readable(command, rules.name, chosen)
    claims = decide.claims_for(chosen, pull_request, command, ports.clock.now())
    refuse_taken(ports.records.claims.claim(claims))
    return Accepted(what=AppliesWhat.PULL_REQUEST, environment=rules.name, digest=named)


def _check_claims(request: Request, rules: Environment, names: Sequence[str]) -> None:
    """Refuse stacks that others hold. Check this first: a claim also makes the plan stale."""
    seen, number = request.seen, request.pull_request.number
    claims = request.ports.records.claims.of_environment(seen.key(rules.name))
    stacks = [seen.stack_id(rules, name) for name in names]
    refuse_taken(standing_in_the_way(claims, stacks, number))


def _check_names(
    request: Request, rules: Environment, proposal: Proposal, names: Sequence[str]
) -> None:
    for name in names:
        desired = proposal.wanted(rules.name).stacks.get(name)
        stack = request.seen.stack_id(rules, name)
        if desired is None or desired.moved_from is None:
            continue
        if read_state(request.ports.engine, stack, desired).id != stack:
            decide.refuse_new_name(stack.label, desired.moved_from)
