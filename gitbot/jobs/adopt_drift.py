"""The job that opens a pull request which writes what the cloud has into a spec file. Shell."""

from __future__ import annotations

from gitbot.decisions.drift.adopting import Adoption
from gitbot.errors import CloudError, RefusedError, UserError
from gitbot.jobs.steps.answering import say_answers
from gitbot.jobs.steps.drift.adoption import Proven, prove_adoption
from gitbot.jobs.steps.look import Look, Ports, look
from gitbot.jobs.steps.proposals import propose
from gitbot.jobs.steps.rights import require_right
from gitbot.jobs.steps.telling import Telling
from gitbot.model.commands import Command, CommandStatus
from gitbot.model.keys import AdoptDrift
from gitbot.model.proposals import Proposal
from gitbot.render.adoption import AdoptionView, adopted_answer, adoption, not_adopted
from gitbot.render.comments import command_answer, refusal_comment


def adopt_drift(ports: Ports, key: AdoptDrift) -> None:
    """Open or update the pull request of the stack, and answer the command.

    Open nothing before its own plan is proven to leave nothing to do, except what it names for a
    person to write. Safe to repeat.

    Raises:
        TransientError: the cloud or GitHub does not answer; run the job again.
    """
    command = ports.records.commands.get(key.command)
    if command is None:
        return
    if command.status.open:
        seen = look(ports, key.repository)
        try:
            text, status = _adopt(ports, seen, key, command), CommandStatus.DONE
        except (UserError, CloudError) as error:
            said = ports.engine.hide(str(error))
            text, status = refusal_comment(command.line, said), CommandStatus.REFUSED
        ports.records.commands.close(command.ref, status, text)
    telling = Telling()
    say_answers(ports, command.ref.source, command.ref.comment, telling)
    telling.end()


def _adopt(ports: Ports, seen: Look, key: AdoptDrift, command: Command) -> str:
    rules = seen.rules(key.environment)
    require_right(ports, seen, rules, "drift", command.author, command.author_id)
    stack = seen.stack_id(rules, key.stack)
    proven = prove_adoption(ports, seen, stack)
    view = _view(proven, stack.label, command)
    if not view.taken:
        raise RefusedError(not_adopted(view.left))
    title, body = adoption(view)
    opened = propose(
        ports,
        seen,
        Proposal(
            branch=f"gitbot/adopt/{stack.label}",
            base=seen.tip,
            files={proven.file: proven.adoption.text},
            message=f"{title}\n\nAsked for by {command.author} on #{command.number}.",
            title=title,
            body=body,
            draft=bool(view.left),
            makers=frozenset({command.author}),
        ),
    )
    ports.records.journal.audit(
        at=ports.clock.now(),
        actor=command.author,
        action="drift adopt",
        subject=str(stack),
        detail={"pull_request": opened.number, "command": str(command.ref)},
    )
    return command_answer(command.author, command.line, adopted_answer(opened.number, view))


def _view(proven: Proven, stack: str, command: Command) -> AdoptionView:
    found: Adoption = proven.adoption
    return AdoptionView(
        stack=stack,
        file=proven.file,
        taken=tuple((one.address, one.path, one.line) for one in found.taken),
        left=tuple((one.address, one.path, one.why) for one in found.left),
        actor=command.author,
        issue=command.number,
    )
