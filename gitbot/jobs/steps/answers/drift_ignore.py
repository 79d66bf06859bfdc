"""``/drift ignore``: let one property differ for a while, by a pull request. Shell."""

from __future__ import annotations

from gitbot.decisions.drift.ignoring import check_differs, with_ignored
from gitbot.errors import InvariantError, RefusedError
from gitbot.jobs.steps.answers.request import Request
from gitbot.jobs.steps.conversation import stack_of
from gitbot.jobs.steps.drift.adoption import new_errors, text_of, with_text
from gitbot.jobs.steps.proposals import propose
from gitbot.jobs.steps.rights import require_right
from gitbot.language.files import home_path_of
from gitbot.model.commands import Command
from gitbot.model.desired import Environment
from gitbot.model.drift import Finding
from gitbot.model.names import StackId
from gitbot.model.proposals import Proposal
from gitbot.render.adoption import ignoring
from gitbot.render.comments import command_answer


def answer(request: Request) -> str:
    """Open or update the pull request with the entry; the answer names it.

    The environment's file is loaded with the entry before: what the specs do not take is refused.
    """
    ports, seen, command = request.ports, request.seen, request.command
    stack = stack_of(ports, seen, command)
    rules = seen.rules(stack.environment)
    require_right(ports, seen, rules, "drift", command.author, command.author_id)
    entry = _entry(stack, command)
    _check_resource(request, stack, entry["resource"])
    row = ports.records.drift.of_stack(stack, Finding.DRIFT)
    check_differs(entry["resource"], entry["path"], row.differences if row else ())
    file = home_path_of(rules.name)
    text = with_ignored(text_of(seen.tree, file), rules.name, entry)
    _check_rules(request, rules, file, text)
    title, body = ignoring(entry, rules.name, command.author, command.number)
    opened = propose(
        ports,
        seen,
        Proposal(
            branch=f"gitbot/ignore/{stack.label}/{command.ref.comment}-{command.ref.line}",
            base=seen.tip,
            files={file: text},
            message=f"{title}\n\nAsked for by {command.author} on #{command.number}.",
            title=title,
            body=body,
            makers=frozenset({command.author}),
        ),
    )
    words = f"#{opened.number} adds the entry to `{file}`; it counts once it is merged."
    return command_answer(command.author, command.line, words)


def _entry(stack: StackId, command: Command) -> dict[str, str]:
    found = {
        "stack": stack.name,
        "resource": command.resource,
        # An element that was added has no index of its own: the list is what differs.
        "path": (command.path or "").removesuffix("/-"),
        "until": command.until,
        "because": command.because,
    }
    if not all(found.values()):
        raise InvariantError("the grammar takes no /drift ignore without all of its arguments")
    return {name: value or "" for name, value in found.items()}


def _check_resource(request: Request, stack: StackId, resource: str) -> None:
    known = request.ports.engine.state.read(stack).resources
    if resource not in known:
        names = ", ".join(f"`{name}`" for name in sorted(known)) or "none"
        raise RefusedError(f"`{stack.label}` has no resource `{resource}`; it has: {names}")


def _check_rules(request: Request, rules: Environment, file: str, text: str) -> None:
    seen = request.seen
    loaded = request.ports.engine.loader.load(with_text(seen.tree, file, text))
    if errors := new_errors(seen.at_tip, loaded, rules.name):
        raise RefusedError(f"the specs do not take this entry: {'; '.join(errors)}")
    new = set(loaded.environments[rules.name].drift.ignore) - set(rules.drift.ignore)
    if not new:
        raise RefusedError("the tracked branch has this very entry already")
    now = request.ports.engine.calendar.now()
    if all(rule.until <= now for rule in new):
        raise RefusedError("that time has passed: name a later one")
