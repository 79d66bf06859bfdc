"""Actions that the plan's changes need and the role that applies may not do. Shell."""

from __future__ import annotations

from collections.abc import Iterator

from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.cloud_control.rights import CHANGES, MAKES, REMOVES
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question
from gitbot.providers.aws.foretelling.simulating import RIGHTS, Verdicts, may_do
from gitbot.providers.aws.types import NATIVE_TYPES

_MOST = 5


def actions_of(deed: Deed) -> frozenset[str]:
    """The actions that the deed surely needs. What else it may need is not known before it is done."""
    native = NATIVE_TYPES.get(deed.type)
    made = isinstance(deed, Making)
    changed = deed.changed if isinstance(deed, Making) else None
    if native is None:
        return frozenset({CHANGES if changed else MAKES if made else REMOVES})
    rights = native.declaration.rights
    if changed is None:
        return frozenset({rights.makes if made else rights.removes} - {""})
    return frozenset(rights.changes[name] for name in changed if name in rights.changes)


def concerns(deed: Deed) -> bool:
    """Whether an action is known that the deed needs."""
    return bool(actions_of(deed))


def ask(facts: Facts, deeds: Deeds) -> Verdicts:
    """One simulation for all actions."""
    return may_do(facts, {action for deed in deeds for action in actions_of(deed)})


def say(answer: Verdicts, concerned: Deeds, _: Deeds) -> Iterator[Objection]:
    """One remark for each action that is denied, at the first deed that needs it."""
    for action, decision in sorted(answer.denied.items()):
        needing = [deed.address for deed in concerned if action in actions_of(deed)]
        if not needing:
            continue
        others = [f"`{one}`" for one in dict.fromkeys(needing[1:]) if one != needing[0]]
        more = f" So does {', '.join(others[:_MOST])}." if others else ""
        yield Objection(
            address=needing[0],
            why=_why(answer.who, action, decision) + more,
            fix=_fix(action, decision),
            remark=True,
        )


def _why(who: str, action: str, decision: str) -> str:
    if decision == "explicitDeny":
        return f"it needs `{action}`, and a policy denies that to {who}."
    return (
        f"it needs `{action}`, and no policy allows that to {who}, as far as IAM's simulation can tell without "
        "the name of the object."
    )


def _fix(action: str, decision: str) -> str:
    if decision == "explicitDeny":
        return "Take it out of what is denied, also by the boundary and the organization."
    return f"Allow `{action}` in its policy: `gitbot permissions` prints a whole one."


MISSING_RIGHTS = Question(concerns=concerns, ask=ask, say=say, rights=RIGHTS)
