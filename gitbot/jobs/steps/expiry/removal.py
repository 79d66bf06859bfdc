"""Propose to remove the file of a destroyed stack, and withdraw that when it is wanted again. Shell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from gitbot.decisions.missing_rights import cannot_propose
from gitbot.decisions.wanted import written_in
from gitbot.errors import UserError
from gitbot.jobs.steps.expiry.moment import Moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.proposals import propose
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.language.editing.pieces import EditError
from gitbot.language.editing.regions import without_stacks
from gitbot.model.desired import Environment
from gitbot.model.expiry import Expiry, Stage
from gitbot.model.names import written_name
from gitbot.model.proposals import Proposal
from gitbot.model.said import Topic, TopicKind
from gitbot.render.expiry import removal_body, removal_title, withdrawn_comment


def propose_removal(
    ports: Ports, seen: Look, rules: Environment, row: Expiry, path: str, moment: Moment
) -> None:
    """Open the pull request that takes the stack out of its file, and record its number.

    It is opened once: whoever closes it wants the file to stay. Idempotent. Nothing is opened where
    gitbot's App may not. Of a stack that is in several regions one pull request takes out all those in
    which it is destroyed, and the file goes with the last of them.

    Raises:
        UserError: the stack cannot be taken out of the file, or GitHub refuses.
    """
    if cannot_propose(seen.forge.missing_rights()):
        return  # the check `gitbot/rights` of the tip tells it
    content = seen.tree.entries[path].content or b""
    text = content.decode()
    rows = _destroyed(ports, seen, row)
    try:
        rest = without_stacks(text, [one.stack.name for one in rows])
    except EditError as error:
        raise UserError(f"{path} cannot be edited: {error}") from error
    opened = propose(
        ports,
        seen,
        Proposal(
            branch=f"gitbot/expired/{row.stack.environment}/{written_name(row.stack.name)}",
            base=seen.tip,
            files={path: rest or None},
            message=removal_title(rows),
            title=removal_title(rows),
            body=removal_body(rows, path, rules.timezone),
        ),
    )
    note(ports, row, lambda now: replace(now, removal=opened.number), moment.latest)


def _destroyed(ports: Ports, seen: Look, row: Expiry) -> list[Expiry]:
    """The row, and those of the same document that are destroyed and that the file still declares."""
    environment = row.stack.environment
    written = written_in(seen.at_tip, environment)
    return sorted(
        (
            one
            for one in ports.records.expiries.of_environment(seen.key(environment))
            if one.stage is Stage.DESTROYED
            and written_name(one.stack.name) == written_name(row.stack.name)
            and (known := written.get(one.stack.name)) is not None
            and known.hash == one.mark
        ),
        key=lambda one: one.stack,
    )


def withdraw_removal(ports: Ports, seen: Look, row: Expiry, number: int, moment: Moment) -> Expiry:
    """Close the pull request of this number, because the stack is wanted again. Returns the row.

    Merging it would delete a stack that lives. It is closed before the row forgets it: who dies in
    between says and does the same again. What else it took out is proposed once more.

    Raises:
        TransientError: GitHub did not answer.
    """
    if seen.forge.pull_request(number).open:
        label, telling = row.stack.label, Telling()
        subject = f"{label}:{row.expires_at:%Y%m%dT%H%M%S}:withdrawn"
        topic = Topic(kind=TopicKind.EXPIRY, subject=subject)
        text, repository = withdrawn_comment(row), seen.repository.id
        say = partial(keep_comment, ports, seen.forge, repository, number, topic, text)
        telling.say(f"why the removal of {label} is closed", say)
        close = partial(seen.forge.close_pull_request, number)
        telling.say(f"the end of the removal of {label}", close)
        telling.end()
    for other in ports.records.expiries.of_environment(seen.key(row.stack.environment)):
        if other.removal == number and other.stack != row.stack:
            note(ports, other, lambda now: replace(now, removal=None), moment.latest)
    return note(ports, row, lambda now: replace(now, removal=None), moment.latest)
