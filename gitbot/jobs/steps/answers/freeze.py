"""``/freeze`` and ``/unfreeze``: keep an environment as it is until somebody says so. Shell."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from gitbot.decisions.freeze.waiting import choose_environment
from gitbot.decisions.time.obstacles import words_of_freeze
from gitbot.errors import ConversationClosedError, RefusedError
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stacks_here
from gitbot.jobs.steps.expiry.letting_go import let_go
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.rights import require_right
from gitbot.jobs.steps.telling import Telling
from gitbot.jobs.steps.wake import wake_stale
from gitbot.model.desired import Environment
from gitbot.model.forge import CloseReason, NewIssue
from gitbot.model.freeze import HandFreeze
from gitbot.model.keys import OpenWindows
from gitbot.model.said import Topic, TopicKind, issue_topic
from gitbot.render.comments import command_answer
from gitbot.render.freeze import FROZEN, freeze_issue, unfrozen_comment

NO_ISSUE = "No issue tells of it: they are switched off here, or gitbot may not write them"


def freeze(request: Request) -> str:
    """Freeze the environment, and tell it on an issue. Safe to run again after a crash."""
    seen, command, freezes = request.seen, request.command, request.ports.records.freezes
    rules = _rules(request)
    require_right(request.ports, seen, rules, "freeze", command.author, command.author_id)
    wanted = HandFreeze(
        environment=seen.key(rules.name),
        by=command.author,
        since=request.ports.engine.calendar.now(),
        because=command.because or "",
        command=str(command.ref),
    )
    found = freezes.freeze(wanted)
    if found.command != wanted.command:
        raise RefusedError(f"it is frozen already: {words_of_freeze(found)}")
    issue = found.issue or _tell(request, found)
    if issue is not None:
        freezes.note_issue(found.environment, issue)
    wake_stale(request.ports, seen)
    told = f"#{issue} tells of it" if issue else NO_ISSUE
    return command_answer(
        command.author,
        f"freeze {rules.name}",
        f"`{rules.name}` is frozen. {told}. {FROZEN} It ends with `/unfreeze {rules.name}`",
    )


def _tell(request: Request, freeze: HandFreeze) -> int | None:
    """The number of the issue that tells of the freeze; None where issues are switched off."""
    forge = request.seen.forge
    for found in forge.find_own_issues(_topic(freeze).marker):
        return found.number
    title, text = freeze_issue(freeze, request.command.number)
    try:
        new = NewIssue(title=title, body=f"{_topic(freeze).marker}\n{text}")
        return forge.create_issue(new).number
    except ConversationClosedError:
        return None


def unfreeze(request: Request) -> str:
    """End the freeze, close its issue, and let go on what waits."""
    seen, command, freezes = request.seen, request.command, request.ports.records.freezes
    rules = _rules(request)
    require_right(request.ports, seen, rules, "unfreeze", command.author, command.author_id)
    found = freezes.frozen(seen.key(rules.name))
    if found is not None:
        # The row goes last: who dies before it says all of this again.
        _close(request, found)
        freezes.unfreeze(found.environment)
    request.later.append(
        OpenWindows(
            repository=seen.repository.id,
            environment=rules.name,
            reason=f"unfrozen:{command.ref}",
        )
    )
    if found is None:
        raise RefusedError(f"nobody froze `{rules.name}` by hand")
    wake_stale(request.ports, seen)
    text = f"`{rules.name}` is not frozen by hand any more: what waited goes on, unless a window is open"
    ends = let_go(request.ports, seen, rules)
    if ends:
        text += f". gitbot looks now at what expires there: {'; '.join(ends)}"
    return command_answer(command.author, f"unfreeze {rules.name}", text)


def _close(request: Request, freeze: HandFreeze) -> None:
    """Say on the issue who ended the freeze, and close it."""
    ports, forge, command = request.ports, request.seen.forge, request.command
    if freeze.issue is None:
        return
    text = unfrozen_comment(freeze, command.author, command.number)
    topic = replace(_topic(freeze), subject=f"{_topic(freeze).subject}:ended")
    say = partial(keep_comment, ports, forge, command.repository, freeze.issue, topic, text)
    telling = Telling()
    telling.say("the end of a freeze", say)
    telling.say(
        "the issue of a freeze",
        lambda: forge.close_issue(freeze.issue or 0, CloseReason.COMPLETED),
    )
    telling.end()


def _rules(request: Request) -> Environment:
    """The environment that the command names, or the only one that it can be about here."""
    ports, seen, number = request.ports, request.seen, request.command.number
    told = ports.records.freezes.of_issue(seen.repository.id, number)
    here = {stack.environment for stack in stacks_here(ports, seen, number)}
    here = {told.environment.environment} if told else here
    return seen.rules(choose_environment(request.command, here or seen.at_tip.environments.keys()))


def _topic(freeze: HandFreeze) -> Topic:
    return issue_topic(TopicKind.FREEZE, freeze.environment, f":{freeze.command}")
