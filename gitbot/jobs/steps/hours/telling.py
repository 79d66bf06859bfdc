"""Tell people of machines that are not as their off-hours say. Shell."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from gitbot.decisions.expiry.people import mentions
from gitbot.decisions.hours.telling import trouble_of
from gitbot.errors import ConversationClosedError
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.model.desired import Environment, Permission
from gitbot.model.forge import CloseReason, NewIssue
from gitbot.model.hours import MachineRow, StackHours
from gitbot.model.names import Address
from gitbot.model.said import Topic, TopicKind, issue_topic
from gitbot.render.hours import hours_issue, hours_trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """One machine of which people must be told something, or have been."""

    hours: StackHours
    address: Address
    row: MachineRow
    says: str


def tell_hours(ports: Ports, seen: Look, rules: Environment) -> None:
    """Make the issue say which machines are not as they should be, one comment per trouble.

    The issue is opened with the first trouble and closed when there is none. Nothing is written
    while nothing changes. Where issues are switched off, `gitbot schedule` alone tells it.
    """
    rows = ports.records.hours.of_environment(seen.key(rules.name)).values()
    machines = [one for hours in rows for one in _machines(hours, rules)]
    changed = [one for one in machines if one.says != one.row.told]
    if not changed:
        return
    with suppress(ConversationClosedError):
        _write(ports, seen, rules, machines, changed)
    for hours in {one.hours.stack: one.hours for one in changed}.values():
        told = {one.address: one.says for one in changed if one.hours is hours}
        machines_now = {
            address: replace(row, told=told.get(address, row.told))
            for address, row in hours.machines.items()
        }
        ports.records.hours.put_machines(hours.stack, machines_now)


def _machines(hours: StackHours, rules: Environment) -> Iterator[_Told]:
    for address, row in hours.machines.items():
        yield _Told(hours=hours, address=address, row=row, says=trouble_of(row, rules.timezone))


def _write(
    ports: Ports, seen: Look, rules: Environment, machines: list[_Told], changed: list[_Told]
) -> None:
    environment = rules.name
    topic = issue_topic(TopicKind.HOURS, seen.key(environment))
    number = next((one.number for one in seen.forge.find_own_issues(topic.marker)), None)
    trouble = any(one.says for one in machines)
    if number is None:
        if not trouble:
            return
        title, text = hours_issue(environment)
        new = NewIssue(title=title, body=f"{topic.marker}\n{text}")
        number = seen.forge.create_issue(new).number
    if trouble:
        seen.forge.reopen_issue(number)
    for one in changed:
        if not one.says:
            continue
        label = f"{one.hours.stack.label}: {one.address}"
        since = one.row.failing_since or one.row.noticed_at or one.row.done_at
        about = Topic(kind=TopicKind.HOURS, subject=f"{environment}:{label}:{since}")
        people = _people(seen, rules, one.hours.stack.name)
        text = hours_trouble(label, one.row.remote_id, one.says, people)
        keep_comment(ports, seen.forge, seen.repository.id, number, about, text)
    if not trouble:
        seen.forge.close_issue(number, CloseReason.COMPLETED)


def _people(seen: Look, rules: Environment, name: str) -> tuple[str, ...]:
    """Who is mentioned: the owner of the stack, else who may apply in the environment."""
    stack = seen.wanted(rules.name).stacks.get(name)
    return mentions(
        author=None,
        labels={} if stack is None else stack.labels,
        rules=rules,
        reads=lambda login: seen.forge.permission(login) is not Permission.NONE,
        members=seen.forge.team_members,
    )
