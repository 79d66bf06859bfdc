"""Wake what the tip makes necessary: applies, and plans that are stale by now. Shell."""

from __future__ import annotations

from gitbot.decisions.freshness import TipFacts, stale, tip_facts
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.proposal import has_leave
from gitbot.model.keys import ApplyEnvironment, PlanPullRequest
from gitbot.model.values import sha256_hex


def read_tip_facts(ports: Ports, seen: Look) -> TipFacts:
    """What plans depend on at the tip: read once, whatever the number of pull requests."""
    repository = seen.repository.id
    return tip_facts(
        seen.tip,
        seen.at_tip,
        {name: seen.wanted(name) for name in seen.at_tip.environments},
        ports.engine.state.headers(repository),
        ports.records.claims.of_repository(repository),
    )


def wake_stale(ports: Ports, seen: Look) -> None:
    """Have every open pull request planned again whose shown plan is stale by now."""
    open_ = seen.forge.open_pull_requests()
    facts, repository = read_tip_facts(ports, seen), seen.repository.id
    marks = ports.records.pull_requests.planned(repository, [each.number for each in open_])
    # The same within a burst, and new when something moved or a job was lost or gave up.
    minute = ports.clock.now().isoformat(timespec="minutes")
    why = sha256_hex(facts.digest + minute)[:16]
    for each in open_:
        leave = each.from_fork and has_leave(ports, seen, each)
        if stale(marks.get(each.number), each, facts, leave=leave):
            reason = f"{each.head[:16]}:{why}"
            ports.queue.enqueue(
                PlanPullRequest(repository=repository, number=each.number, reason=reason)
            )


def wake_all(ports: Ports, seen: Look, *, why: str) -> None:
    """Wake an apply of every environment whose last finished one was made for another tip, and
    the plans that are stale.

    An environment that the tip no longer has while state has resources in it is woken too: it has
    to be told. ``why`` makes the jobs new; empty: the same two tips wake once.
    """
    for environment in sorted({*seen.at_tip.environments, *_lost(ports, seen)}):
        applied = ports.records.journal.applied_tip(seen.key(environment))
        if applied != seen.tip:
            ports.queue.enqueue(
                ApplyEnvironment(
                    repository=seen.repository.id,
                    environment=environment,
                    tip=seen.tip,
                    # Named after both ends: a branch that was pushed back to a tip is applied again.
                    why=why or f"from:{applied}",
                )
            )
    wake_stale(ports, seen)


def _lost(ports: Ports, seen: Look) -> set[str]:
    """Environments with resources that are not at the tip, or whose file there is broken."""
    return {
        header.id.environment
        for header in ports.engine.state.headers(seen.repository.id)
        if not header.empty and header.id.environment not in seen.at_tip.environments
    }
