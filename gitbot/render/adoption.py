"""Renders the pull requests that ``/drift adopt`` and ``/drift ignore`` open. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gitbot.render.escape import code, plain, sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionView:
    """What an adoption brings: ``taken`` are (resource, path, line) of ``file``, ``left`` are
    (resource, path, why) that a person must write. ``issue`` is where it was asked for."""

    stack: str
    file: str
    taken: Sequence[tuple[str, str, int]]
    left: Sequence[tuple[str, str, str]]
    actor: str
    issue: int


def adoption(view: AdoptionView) -> tuple[str, str]:
    """The title and the body of the pull request."""
    title = f"Adopt what {view.stack} has in the cloud"
    parts = [
        f"{code(view.actor)} asked on #{view.issue} to keep what somebody changed in the cloud. This "
        f"writes it into {code(view.file)}, so that the next apply leaves it as it is.",
        "\n".join(
            f"- {_place(resource, path)}, line {line}" for resource, path, line in view.taken
        ),
    ]
    if view.left:
        parts.append(
            "**It is a draft**, because these also differ, and a person must write them, here or in "
            "another pull request. Until then an apply puts them back:"
        )
        parts.append(
            "\n".join(
                f"- {_place(resource, path)}: {sentence(why)}" for resource, path, why in view.left
            )
        )
    else:
        parts.append("gitbot has planned this: nothing is left to change in the cloud.")
    parts.append(f"{code(view.actor)} counts as an author, and so does not approve it.")
    return title, "\n\n".join(parts)


def ignoring(entry: dict[str, str], environment: str, actor: str, issue: int) -> tuple[str, str]:
    """The title and the body of the pull request that adds the entry."""
    title = f"Ignore drift of {environment}/{entry['stack']} until {entry['until']}"
    body = (
        f"{code(actor)} asked for this on #{issue}: {plain(entry['because'])}\n\n"
        f"Until {code(entry['until'])}, {code(entry['path'])} of {code(entry['resource'])} in "
        f"{code(environment + '/' + entry['stack'])} may differ from the specs: it is neither reported "
        "nor corrected, unless the spec changes that very path. Plans remark it.\n\n"
        f"{code(actor)} counts as an author, and so does not approve it."
    )
    return title, body


def adopted_answer(number: int, view: AdoptionView) -> str:
    """The answer on the issue, without the names in front."""
    if not view.left:
        return (
            f"#{number} writes what the cloud has into `{view.file}`; it leaves nothing to change."
        )
    return (
        f"#{number} writes into `{view.file}` what can be written. It is a draft: it says what a person "
        "must write."
    )


def not_adopted(left: Sequence[tuple[str, str, str]]) -> str:
    """Why nothing can be written, as one sentence."""
    listed = "; ".join(
        f"`{resource}`{f' `{path}`' if path else ''}: {why}" for resource, path, why in left
    )
    return f"there is nothing that gitbot can write: {listed}"


def _place(resource: str, path: str) -> str:
    return f"{code(resource)} {code(path)}" if path else code(resource)
