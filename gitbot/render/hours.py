"""Renders what people are told about the off-hours of machines. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.render.escape import code, sentence


def hours_issue(environment: str) -> tuple[str, str]:
    """The title and the text of the issue about machines that need somebody."""
    text = (
        f"The off-hours of some machines in {code(environment)} did not go as their schedule says. "
        "The comments below say which, why, and what to do. gitbot tries again by itself, closes "
        "this issue when every machine is as it should be, and opens it again if needed."
    )
    return f"gitbot: machines in {environment} that are not as their off-hours say", text


def hours_trouble(label: str, remote_id: str, says: str, people: Sequence[str] = ()) -> str:
    """The comment about one machine: ``label`` names its stack and address, ``people`` are mentioned."""
    to = "".join(f"@{name} " for name in people)
    return f"{to}{code(label)} ({code(remote_id)}): {sentence(says)}"
