"""What each command does, one function each: the text to answer with, or what will answer. Shell."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from gitbot.decisions.commands.table import TABLE
from gitbot.errors import RefusedError, UserError
from gitbot.jobs.accepted import accept, accepted
from gitbot.jobs.freshness import fork_head_was_told, fork_slot
from gitbot.jobs.planning import read_state
from gitbot.jobs.proposal import affected_stacks
from gitbot.jobs.requirements import at_least
from gitbot.jobs.rights import require_ready, require_right
from gitbot.jobs.shown import is_named, shown_plans
from gitbot.jobs.wake import wake_apply_pull_request, wake_asked_apply, wake_plan
from gitbot.jobs.world import Look, World
from gitbot.model.desired import Environment, LoadedTree, Permission, Trigger
from gitbot.model.forge import PullRequest
from gitbot.model.jobs import JobName
from gitbot.model.run import Claim, Command, Run
from gitbot.reconciler.affected import environment_changes
from gitbot.render.comments import command_answer, help_comment, unknown_command

Answer: TypeAlias = Callable[[World, Look, PullRequest, Command], str | None]
"""Text; empty: the pull request's plan is the answer; None: the job that was woken tells and ends
the command."""


def help_(world: World, seen: Look, pull_request: PullRequest, command: Command) -> str:
    """The commands, and the environments that there are."""
    lines = tuple((verb.usage, verb.help) for verb in TABLE)
    return help_comment(lines, tuple(sorted(seen.at_tip.environments)))


def unknown(world: World, seen: Look, pull_request: PullRequest, command: Command) -> str:
    """What was meant, perhaps."""
    raise UserError(unknown_command(command.verb, tuple(sorted(ANSWERS))))


def plan(world: World, seen: Look, pull_request: PullRequest, command: Command) -> str:
    """Plan the pull request again; on a fork's, by someone with write access, plan this head."""
    if not pull_request.open:
        raise RefusedError("this pull request is closed: there is nothing to plan")
    if pull_request.from_fork:
        if not at_least(seen.forge.permission(command.author), Permission.WRITE):
            raise RefusedError("to have a fork's commit planned takes write access")
        if not fork_head_was_told(world, seen.repository.id, pull_request, command.written_at):
            raise RefusedError(
                f"its newest commit {pull_request.head[:8]} came after the comment or together "
                "with it: look at that commit, then say `/plan` again"
            )
        slot = fork_slot(pull_request.head)
        world.runs.put_slot(seen.repository.id, pull_request.number, slot, command.comment, "")
    else:
        for rules in _environments(seen, command):
            require_right(seen, rules, "plan", command.author)
    wake_plan(world, seen.repository.id, pull_request.number, f"comment:{command.comment}")
    return ""


def apply(world: World, seen: Look, pull_request: PullRequest, command: Command) -> None:
    """Apply before the merge, release what is held after it, or go on with what failed.

    One that was accepted before wakes its job again, though the pull request has been closed since.
    """
    before = accepted(world, command, seen.at_tip.environments)
    if before is not None and before[0] is JobName.APPLY_PULL_REQUEST:
        wake_apply_pull_request(world, seen, before[1], command)
    elif before is not None:
        _release(world, seen, seen.rules(before[1]), pull_request, command)
    elif pull_request.open:
        _apply_open(world, seen, pull_request, command)
    else:
        rules = _one_environment(seen, command, _touched(world, seen, pull_request))
        require_right(seen, rules, "apply", command.author)
        _check_held(rules, _held_here(world, seen, rules, pull_request), command)
        accept(world, command, JobName.APPLY_ENVIRONMENT, rules.name)
        _release(world, seen, rules, pull_request, command)


def _release(
    world: World, seen: Look, rules: Environment, pull_request: PullRequest, command: Command
) -> None:
    require_right(seen, rules, "apply", command.author)
    for run in _named(_held_here(world, seen, rules, pull_request), command):
        world.runs.release_run(run.id, command.author, world.clock.now())
    wake_asked_apply(world, seen.key(rules.name), seen.tip, command)


def unlock(world: World, seen: Look, pull_request: PullRequest, command: Command) -> str:
    """Release the pull request's claims; leases are never touched."""
    claims = world.runs.claims_of_pull_request(seen.repository.id, pull_request.number)
    wanted = [c for c in claims if command.environment in (None, c.stack.environment)]
    if not wanted:
        raise RefusedError("this pull request holds no stack")
    for environment in sorted({claim.stack.environment for claim in wanted}):
        require_right(seen, seen.rules(environment), "unlock", command.author)
    world.runs.release_claims([claim.stack for claim in wanted])
    names = ", ".join(f"`{claim.stack.label}`" for claim in wanted)
    return command_answer(
        command.author,
        "unlock",
        f"released {names}. What was applied from here stays in the cloud until the tracked branch "
        "is next applied to it.",
    )


ANSWERS: dict[str, Answer] = {"help": help_, "plan": plan, "apply": apply, "unlock": unlock}


def _environments(seen: Look, command: Command) -> tuple[Environment, ...]:
    names = [command.environment] if command.environment else sorted(seen.at_tip.environments)
    return tuple(seen.rules(name) for name in names)


def _one_environment(seen: Look, command: Command, candidates: tuple[str, ...]) -> Environment:
    if command.environment is not None:
        return seen.rules(command.environment)
    if len(candidates) == 1:
        return seen.rules(candidates[0])
    if not candidates:
        raise RefusedError("this pull request changes no stack: there is nothing to apply")
    choices = ", ".join(f"`/apply {name}`" for name in candidates)
    raise RefusedError(f"it touches several environments; say which one: {choices}")


def _touched(world: World, seen: Look, pull_request: PullRequest) -> tuple[str, ...]:
    runs = world.runs.runs_of_pull_request(seen.repository.id, pull_request.number)
    return tuple(sorted({run.stack.environment for run in runs}))


def _held_here(
    world: World, seen: Look, rules: Environment, pull_request: PullRequest
) -> tuple[Run, ...]:
    """Held applies that may be released here: those of this pull request, or of none."""
    return tuple(
        run
        for run in world.runs.held(seen.key(rules.name))
        if run.pull_request in (None, pull_request.number)
    )


def _named(held: tuple[Run, ...], command: Command) -> tuple[Run, ...]:
    if command.digest is None:
        return ()
    return tuple(run for run in held if is_named(command, run.digest))


def _check_held(rules: Environment, held: tuple[Run, ...], command: Command) -> None:
    """What is held is released by naming it, and only what is held."""
    if command.digest is not None and not _named(held, command):
        shown = ", ".join((run.digest or "")[:8] for run in held) or "none"
        raise RefusedError(f"no held apply here has the digest {command.digest} (held: {shown})")
    if command.digest is None and held:
        choices = ", ".join(f"`/apply {rules.name} {(run.digest or '')[:8]}`" for run in held)
        raise RefusedError(
            f"an apply of {rules.name} is held; look at its plan and say which one: {choices}"
        )


def _apply_open(world: World, seen: Look, pull_request: PullRequest, command: Command) -> None:
    merged, proposal = affected_stacks(world, seen, pull_request)
    _check_specs(seen, merged, command.environment, tuple(proposal))
    rules = _one_environment(seen, command, tuple(proposal))
    names = proposal.get(rules.name, ())
    require_right(seen, rules, "apply", command.author)
    if not names:
        raise RefusedError(f"this pull request changes no stack of {rules.name}")
    if Trigger.COMMENT not in rules.triggers:
        raise RefusedError(f"{rules.name} is applied by merges only (`apply.on`)")
    require_ready(world, seen, rules, pull_request)
    _check_names(world, seen, rules, merged, names)
    shown = shown_plans(world, seen, rules, pull_request, names, command.written_at)
    runs = tuple(run for run in shown if is_named(command, run.digest))
    if not runs:
        digests = ", ".join((run.digest or "")[:8] for run in shown)
        raise RefusedError(f"no plan shown here has the digest {command.digest} (shown: {digests})")
    if command.digest is None:
        _check_guards(rules, runs)
    _claim(world, pull_request, command, runs)
    accept(world, command, JobName.APPLY_PULL_REQUEST, rules.name)
    wake_apply_pull_request(world, seen, rules.name, command)


def _check_specs(
    seen: Look, merged: LoadedTree, environment: str | None, applicable: tuple[str, ...]
) -> None:
    """Say why an environment that the pull request changes is not applied from it."""
    if environment in applicable or (environment is None and applicable):
        return
    if environment is not None and environment not in seen.at_tip.environments:
        return
    if merged.errors(environment):
        raise RefusedError("the specs have problems: the plan comment tells which, mend them first")
    names = [environment] if environment else sorted(seen.at_tip.environments)
    for name in names:
        rules = seen.at_tip.environments[name]
        if reason := environment_changes(rules, merged.environments.get(name)):
            raise RefusedError(f"{name}: {reason}")


def _check_names(
    world: World, seen: Look, rules: Environment, merged: LoadedTree, names: tuple[str, ...]
) -> None:
    """A stack's state has one name: before the merge the tracked branch still needs the former."""
    for name in names:
        desired = merged.stacks_of(rules.name).get(name)
        stack = seen.stack_id(rules, name)
        if desired is not None and read_state(world.engine, stack, desired).id != stack:
            raise RefusedError(
                f"{stack.label} was called {desired.moved_from} until now (`metadata.moved`): a new "
                "name is given by merging, not before"
            )


def _check_guards(rules: Environment, runs: tuple[Run, ...]) -> None:
    """What is guarded is asked for by its digest, so that nobody has it done by the way."""
    guarded = [run for run in runs if run.plan is not None and run.plan.guards]
    if not guarded:
        return
    reasons = "; ".join(hit.detail for run in guarded if run.plan for hit in run.plan.guards)
    choices = ", ".join(f"`/apply {rules.name} {(run.digest or '')[:8]}`" for run in guarded)
    raise RefusedError(f"{reasons}. To have exactly that done, say which plan: {choices}")


def _claim(
    world: World, pull_request: PullRequest, command: Command, runs: tuple[Run, ...]
) -> None:
    now = world.clock.now()
    standing = world.runs.claim(
        [
            Claim(
                stack=run.stack,
                pull_request=pull_request.number,
                claimed_by=command.author,
                claimed_at=now,
                head=pull_request.head,
            )
            for run in runs
        ]
    )
    if standing:
        words = ", ".join(
            f"{stack.label} is held by #{claim.pull_request} (claimed by {claim.claimed_by})"
            for stack, claim in standing.items()
        )
        raise RefusedError(f"{words}: merge it, or close it and settle it, or `/unlock` there")
