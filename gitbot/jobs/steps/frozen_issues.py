"""Keep the issue of a freeze by hand open while the freeze stands. Shell."""

from __future__ import annotations

from functools import partial

from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.publish import keep_comment
from gitbot.jobs.steps.telling import Telling
from gitbot.model.said import Topic, TopicKind
from gitbot.render.freeze import reopened_comment


def keep_frozen_issue(ports: Ports, seen: Look, environment: str) -> None:
    """Open the issue of the environment's freeze again if somebody closed it, and say why, once.

    Does nothing without a freeze, and where its issue is deleted. Idempotent.
    """
    freezes, key = ports.records.freezes, seen.key(environment)
    found = freezes.frozen(key)
    number = None if found is None else found.issue
    if found is None or number is None:
        return
    issue = seen.forge.issue(number)
    # Read the row last: `/unfreeze` closes the issue, and ends the freeze then.
    if issue is None or issue.open or freezes.frozen(key) != found:
        return
    topic = Topic(kind=TopicKind.FREEZE, subject=f"{environment}:{found.command}:reopened")
    text, repository = reopened_comment(found), seen.repository.id
    telling = Telling()
    telling.say("that a freeze stands", partial(seen.forge.reopen_issue, number))
    telling.say(
        "why the issue of a freeze is open again",
        partial(keep_comment, ports, seen.forge, repository, number, topic, text),
    )
    telling.end()


def keep_frozen_issues(ports: Ports, seen: Look) -> None:
    """The same for every environment at the tip, for when a webhook was lost."""
    for name in sorted(seen.at_tip.environments):
        keep_frozen_issue(ports, seen, name)
