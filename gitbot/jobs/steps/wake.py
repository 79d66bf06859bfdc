"""Wake the applies and plans that the tip makes necessary. Shell."""

from __future__ import annotations

from collections.abc import Collection

from gitbot.decisions.freshness import TipFacts, stale, tip_facts
from gitbot.jobs.steps.agreed_plans import reviewed_at_merge
from gitbot.jobs.steps.frozen_applies import wake_unfrozen
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.merges import merged_into_tip
from gitbot.jobs.steps.proposal import has_leave
from gitbot.jobs.steps.publish import FAILED, set_checks
from gitbot.jobs.steps.waiting import wake_waiting
from gitbot.model.codec import to_data
from gitbot.model.forge import PullRequest
from gitbot.model.keys import ApplyEnvironment, PlanPullRequest
from gitbot.model.values import canonical_json, sha256_hex
from gitbot.reconciler.across import news
from gitbot.render.checks import WHOLE, works_again


def read_tip_facts(
    ports: Ports, seen: Look, environments: Collection[str] | None = None
) -> TipFacts:
    """The facts at the tip that plans depend on, of these environments or of all. Read them once for
    all pull requests."""
    repository, frozen = seen.repository.id, ports.records.freezes.frozen
    headers = ports.engine.state.headers
    here = [n for n in seen.at_tip.environments if environments is None or n in environments]
    return tip_facts(
        seen.tip,
        seen.at_tip,
        {name: seen.wanted(name) for name in here},
        headers(repository)
        if environments is None
        else [one for name in sorted(environments) for one in headers(repository, name)],
        ports.records.claims.of_repository(repository),
        [freeze for name in here if (freeze := frozen(seen.key(name)))],
    )


def wake_stale(ports: Ports, seen: Look) -> None:
    """Wake the plan of every open pull request whose shown plan is stale."""
    open_, repository = seen.forge.open_pull_requests(), seen.repository.id
    if not open_:
        return
    marks = ports.records.pull_requests.planned(repository, [each.number for each in open_])
    # With many environments most pull requests touch few.
    facts = read_tip_facts(ports, seen, {at for one in marks.values() for at in one.environments})
    # The same reason within a minute wakes once. A later one wakes again, if a job was lost. What a
    # plan depends on may go to and fro: what was shown meanwhile makes another reason.
    minute = ports.clock.now().isoformat(timespec="minutes")
    for each in open_:
        leave = each.from_fork and has_leave(ports, seen, each)
        shown = marks.get(each.number)
        if stale(shown, each, facts, leave=leave):
            why = sha256_hex(facts.digest + canonical_json(to_data(shown)) + minute)[:16]
            reason = f"{each.head[:16]}:{why}"
            ports.queue.enqueue(
                PlanPullRequest(repository=repository, number=each.number, reason=reason)
            )


def wake_all(ports: Ports, seen: Look, *, why: str) -> None:
    """Wake an apply of every environment that is not at the tip yet, and the plans that are stale.

    This includes environments that the tip does not have although state has resources in them,
    because that must be reported. ``why`` makes the jobs new. When it is empty, a new tip wakes once
    until its apply has ended.
    """
    for environment in sorted({*seen.at_tip.environments, *_lost(ports, seen)}):
        key, journal = seen.key(environment), ports.records.journal
        applied = journal.applied_tip(key)
        if applied != seen.tip:
            ports.queue.enqueue(
                ApplyEnvironment(
                    repository=seen.repository.id,
                    environment=environment,
                    tip=seen.tip,
                    # A branch may go to and fro between the same tips: count the applies too.
                    why=why or f"from:{applied}:{journal.applied_times(key)}",
                )
            )
    minute = ports.clock.now().isoformat(timespec="minutes")
    for environment in sorted(seen.at_tip.environments):
        wake_unfrozen(ports, seen, environment, why=minute)
        wake_users(ports, seen, environment)
    wake_reviewed(ports, seen)
    wake_waiting(ports, seen)
    wake_stale(ports, seen)
    _end_failure(ports, seen)


def wake_users(ports: Ports, seen: Look, environment: str) -> None:
    """Wake an apply of the stacks that use an output which has another value since their last apply.

    The same values wake once at a tip. Whoever is held for them is not woken again and again.
    """
    key = seen.key(environment)
    headers = ports.engine.state.headers(key.repository, environment)
    found = news(seen.wanted(environment), headers)
    if found:
        ports.queue.enqueue(
            ApplyEnvironment(
                repository=key.repository,
                environment=environment,
                tip=seen.tip,
                why=f"outputs:{sha256_hex(canonical_json(found))[:16]}",
            )
        )


def _end_failure(ports: Ports, seen: Look) -> None:
    """Turn the check green that said that following this tip failed: it has worked now."""
    known = ports.records.said.checks(seen.repository.id, seen.tip).get(WHOLE, "")
    if known.startswith(FAILED):
        set_checks(ports, seen, seen.tip, [works_again(WHOLE)], "")


def wake_reviewed(ports: Ports, seen: Look) -> None:
    """Wake the apply of each environment in which an apply was held for a review that has come
    since.

    A push can arrive before GitHub says that its pull request is merged: who merges by pushing, or
    with bors or Mergify, meets that each time. The same review wakes an apply of a tip once.
    """
    merged: tuple[PullRequest, ...] | None = None
    for environment in sorted(seen.at_tip.environments):
        held = ports.records.runs.held(seen.key(environment))
        unreviewed = [run for run in held if run.reviewed_digest is None]
        if not unreviewed:
            continue
        if merged is None:
            merged = merged_into_tip(ports, seen)
        for each in merged:
            if any(reviewed_at_merge(ports, run.stack, each) for run in unreviewed):
                ports.queue.enqueue(
                    ApplyEnvironment(
                        repository=seen.repository.id,
                        environment=environment,
                        tip=seen.tip,
                        why=f"reviewed:{each.number}",
                    )
                )


def _lost(ports: Ports, seen: Look) -> set[str]:
    """The environments with resources that the tip does not have, or has with errors."""
    return {
        header.id.environment
        for header in ports.engine.state.headers(seen.repository.id)
        if not header.empty and header.id.environment not in seen.at_tip.environments
    }
