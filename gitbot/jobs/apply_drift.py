"""The job that undoes the drift of one stack, for a command on its issue. Shell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from gitbot.errors import CloudError, UnfinishedError, UserError
from gitbot.jobs.steps.acceptance import end
from gitbot.jobs.steps.drift.undo import DriftApply, Undone, undo
from gitbot.jobs.steps.drift.wake import wake_drift
from gitbot.jobs.steps.lease import hold
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.publish import keep_comments
from gitbot.jobs.steps.telling import Telling
from gitbot.jobs.steps.turns import end_turns, tell_turn
from gitbot.jobs.steps.wake import wake_stale
from gitbot.model.commands import Command
from gitbot.model.keys import ApplyDrift
from gitbot.model.said import ShownDigest, Topic, TopicKind
from gitbot.render.comments import refusal_comment
from gitbot.render.secrecy import without_secrets
from gitbot.render.undoing import UndoneView, undone_comment


def apply_drift(ports: Ports, key: ApplyDrift) -> None:
    """Undo the drift that the command agreed to, or say what else that would do.

    Continue an apply of the command that did not finish. Once the result is told, running this job
    again only closes the command.

    Raises:
        LeaseUnavailableError: another apply of the environment is running.
        UnfinishedError: something long is done in part and told; run the job again.
        TransientError: the server is stopping, or the result has to be told again.
    """
    command = ports.records.commands.get(key.command)
    if command is None or not command.status.open:
        return
    seen = look(ports, key.repository)
    if ports.records.said.comment(key.repository, key.number, _topic(command)) is None:
        try:
            _undo_and_tell(ports, seen, key, command)
        except UnfinishedError as error:  # the lease is free again: others have their turn
            tell_turn(ports, seen, key.number, key.environment, str(error))
            raise
    wake_stale(ports, seen)
    wake_drift(ports, seen.key(key.environment), f"undone:{key.command}")
    end(ports, key.command)


def _undo_and_tell(ports: Ports, seen: Look, key: ApplyDrift, command: Command) -> None:
    engine, environment = ports.engine, seen.key(key.environment)
    holder = engine.processes.name(f"undoing drift in {key.environment}")
    accepted = command.accepted
    if accepted is None:
        return
    undone, error = None, ""
    with hold(engine.state, environment, holder, ttl=engine.lease_ttl, clock=ports.clock) as lease:
        # The tip may have moved while we waited for the lease.
        seen = look(ports, key.repository)
        apply = DriftApply(ports=ports, seen=seen, lease=lease, command=command, accepted=accepted)
        try:
            undone = undo(apply)
        except (UserError, CloudError) as caught:
            error = engine.hide(str(caught))
    telling = Telling()
    telling.say(
        f"the result on #{key.number}", partial(_tell, ports, seen, key, command, undone, error)
    )
    telling.end()


def _tell(
    ports: Ports, seen: Look, key: ApplyDrift, command: Command, undone: Undone | None, error: str
) -> None:
    """Say the result in one comment on the issue, and record what it shows."""
    end_turns(ports, seen, key.number, key.environment)
    say = partial(keep_comments, ports, seen.forge, seen.repository.id, key.number, _topic(command))
    if undone is None:
        say((refusal_comment(command.line, error),))
        return
    view = _view(ports, seen, command, undone)
    pages = undone_comment(view)
    written = say(pages.texts)
    if undone.run is not None:
        ports.records.runs.mark_shown([undone.run.id], ports.clock.now())
    elif not (view.concealed or pages.left_out):
        shown = ShownDigest(
            stack=undone.plan.stack,
            digest=undone.plan.digest,
            shown_at=written.at,
            topic=_topic(command),
        )
        ports.records.pull_requests.note_shown(key.number, [shown])


def _view(ports: Ports, seen: Look, command: Command, undone: Undone) -> UndoneView:
    run = undone.run
    view = UndoneView(
        stack=undone.plan.stack.label,
        actor=command.author,
        plan=undone.plan,
        result=None if run is None else ports.records.runs.result(run.id),
        held_by=undone.held_by,
    )
    cleaned = without_secrets(view, seen.secrets)
    return replace(cleaned, concealed=cleaned.plan != view.plan)


def _topic(command: Command) -> Topic:
    return Topic(kind=TopicKind.APPLY, subject=f"drift:{command.ref}")
