"""Renders what is said about freezes: the issue of a freeze by hand, and the answers to commands. Pure."""

from __future__ import annotations

from collections.abc import Collection

from gitbot.model.freeze import HandFreeze
from gitbot.render.applies import WAITS
from gitbot.render.escape import code


def freeze_issue(freeze: HandFreeze, number: int) -> tuple[str, str]:
    """The title and the text of the issue; ``number`` is where the command was written."""
    place = freeze.environment.environment
    text = (
        f"{code(freeze.by)} froze {code(place)} on #{number}, because {code(freeze.because)}.\n\n"
        f"{FROZEN} They wait and go on when somebody with the right comments {code(f'/unfreeze {place}')}, "
        "here or on any other issue or pull request. What runs already finishes."
    )
    return f"{place} is frozen", text


def unfrozen_comment(freeze: HandFreeze, by: str, number: int) -> str:
    """What the issue says when the freeze is over."""
    place = freeze.environment.environment
    return f"{code(by)} ended it on #{number}. What waited for {code(place)} goes on now."


def reopened_comment(freeze: HandFreeze) -> str:
    """What the issue says when somebody closed it while the freeze stands."""
    place = freeze.environment.environment
    return (
        f"Closing this issue does not end the freeze: {code(place)} is still frozen, so the issue is "
        f"open again. Comment {code(f'/unfreeze {place}')} to end it."
    )


def wait_over(body: str, stacks: Collection[str]) -> str:
    """The comment about an apply, when the freeze is over for which these stacks waited.

    ``stacks`` are labels. What it says of others stays.
    """
    headings = {f"### {code(label)}" for label in stacks}
    lines, over = [], False
    for line in body.split("\n"):
        over = line in headings if line.startswith("#") else over
        lines.append(WAITED if over and line.startswith(f"**{WAITS}**") else line)
    return "\n".join(lines)


WAITED = (
    "**⌛ Waited: it was frozen.** That is over: what became of it stands in gitbot's later comments, "
    "or in the issue about what waits for somebody."
)
"""What stands in the place of a wait when it is over."""

FROZEN = "Merges are not applied there, and nothing is promoted, put back, destroyed, stopped or started."
"""What does not happen while an environment is frozen."""
