"""Make the rows of expiry as state and the rules at the tip want them. Shell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gitbot.decisions.expiry.instants import follow
from gitbot.decisions.wanted import written_in
from gitbot.jobs.steps.expiry.moment import Moment
from gitbot.jobs.steps.expiry.removal import withdraw_removal
from gitbot.jobs.steps.look import Look, Ports
from gitbot.model.desired import DesiredStack, Environment
from gitbot.model.expiry import Expiry
from gitbot.model.names import StackId, region_of
from gitbot.model.recorded import StackHeader
from gitbot.model.runs import RunKind, RunStatus

_ALL = 10_000
"""More applies than a stack ever has within what is kept of them."""


def follow_stacks(ports: Ports, seen: Look, rules: Environment, moment: Moment) -> None:
    """Make, move and remove the rows of the environment. Idempotent.

    The pull request that removes the file of a stack is closed once the stack is wanted again.

    What an environment left in the region where it was still has its expiry.
    """
    key = seen.key(rules.name)
    headers = {
        header.id: header
        for header in ports.engine.state.headers(key.repository, key.environment)
        if header.id.region == region_of(header.id.name, rules.region) or not header.empty
    }
    known = _renamed(ports, ports.records.expiries.of_environment(key), headers, moment)
    written = written_in(seen.at_tip, rules.name)
    known = {
        stack: withdraw_removal(ports, seen, row, row.removal, moment)
        if row.removal is not None and _is_wanted_again(row, written)
        else row
        for stack, row in known.items()
    }
    for stack, header in headers.items():
        row = known.get(stack)
        if row is not None and row.ended and not _is_revived(row, header, written):
            _note_gone(ports, seen, row, written, moment)
        elif header.desired_hash is not None:
            _follow(ports, rules, header, row, moment)
    for stack, row in known.items():
        gone = stack not in headers or headers[stack].desired_hash is None
        if gone and not row.ended:
            ports.records.expiries.remove(row, "the stack is gone", moment.latest)


def _renamed(
    ports: Ports,
    found: Iterable[Expiry],
    headers: Mapping[StackId, StackHeader],
    moment: Moment,
) -> Mapping[StackId, Expiry]:
    """The rows by stack, each under the name that its stack has now."""
    expiries, rows = ports.records.expiries, {row.stack: row for row in found}
    by_lineage = {header.lineage: stack for stack, header in headers.items() if not header.empty}
    for stack, row in list(rows.items()):
        now = by_lineage.get(row.lineage, stack)
        if now == stack or now in rows or not row.lineage:
            continue
        del rows[stack]
        rows[now] = expiries.rename(row, now, moment.latest)
    return rows


def _is_wanted_again(row: Expiry, written: Mapping[str, DesiredStack]) -> bool:
    """Whether the tip has a later wish than the tombstone's, applied or not."""
    desired = written.get(row.stack.name)
    return row.ended and desired is not None and desired.hash != row.mark


def _is_revived(row: Expiry, header: StackHeader, written: Mapping[str, DesiredStack]) -> bool:
    """Whether a later wish than the tombstone's was applied."""
    return (
        _is_wanted_again(row, written)
        and header.complete
        and header.desired_hash == written[row.stack.name].hash
    )


def _note_gone(
    ports: Ports,
    seen: Look,
    row: Expiry,
    written: Mapping[str, DesiredStack],
    moment: Moment,
) -> None:
    """Note that the file of an ended stack is gone: whenever one is there again, it is a new wish."""
    errors = seen.at_tip.errors(row.stack.environment)
    if row.mark and row.stack.name not in written and not errors:
        ports.records.expiries.put(replace(row, mark=""), "", moment.latest)


def _follow(
    ports: Ports, rules: Environment, header: StackHeader, row: Expiry | None, moment: Moment
) -> None:
    """Make, move or remove the row of one stack."""
    found = follow(
        row,
        stack=header.id,
        lifetime=header.lifetime,
        rules=rules.expiry,
        born_at=header.born_at or moment.latest,
        now=moment.latest,
    )
    after, expiries = found.expiry, ports.records.expiries
    if after is None:
        if row is not None:
            expiries.remove(row, found.reason or "its machines and tags say so", moment.latest)
        return
    if row is None or row.ended:
        number = _brought_by(ports, header.id, revived=row is not None)
        version = "" if row is None else row.version
        after = replace(after, lineage=header.lineage, pull_request=number, version=version)
    if after != row:
        expiries.put(after, found.reason, moment.latest)


def _brought_by(ports: Ports, stack: StackId, *, revived: bool) -> int | None:
    """The pull request that brought the stack, or the one that brought it back."""
    runs = ports.records.runs.of_stack(stack, RunKind.APPLY, (RunStatus.APPLIED,), limit=_ALL)
    numbers = [run.pull_request for run in runs if run.pull_request is not None]
    if not numbers:
        return None
    return numbers[0] if revived else numbers[-1]
