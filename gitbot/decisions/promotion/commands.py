"""Decides what ``/promote`` does to the rows of promotions. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from gitbot.decisions.promotion.life import resumed
from gitbot.decisions.promotion.makers import REBUILT, who_made
from gitbot.errors import RefusedError
from gitbot.model.names import written_name
from gitbot.model.promotion import PromotionRow


def chosen(
    rows: Iterable[PromotionRow], environment: str | None, stack: str | None
) -> tuple[PromotionRow, ...]:
    """The rows that the command names, out of those that it could be about.

    Raises:
        RefusedError: none of them is a promotion, or it names one region of a stack.
    """
    if stack is not None and written_name(stack) != stack:
        where = f"{environment}/" if environment else ""
        raise RefusedError(
            f"a promotion brings the file of a stack with all of its regions: write `{where}{written_name(stack)}`"
        )
    found = tuple(
        row
        for row in rows
        if environment in (None, row.target.environment) and stack in (None, row.stack)
    )
    if not found:
        raise RefusedError(
            "no promotion is known here: write it on the pull request of the promotion, or name the "
            "stack in the environment that it goes to, such as `/promote resume staging/web`"
        )
    return found


def one_pull_request(
    rows: Iterable[PromotionRow], form: str, environment: str | None, stack: str | None
) -> tuple[PromotionRow, ...]:
    """The rows that ``/promote approve`` and ``rebuild`` are about: those of one pull request.

    Where only an environment is named, what else is on its way there is not meant by it.

    Raises:
        RefusedError: more than one could be meant; the words say what to write.
    """
    found = tuple(rows)
    if environment is None or stack is not None:
        return found
    live = tuple(row for row in found if row.live is not None)
    if len({row.live.number for row in live if row.live is not None}) == 1:
        return live
    found = live or found
    if len(found) > 1:
        raise _unclear(f"more than one stack is promoted to {environment}", form, found)
    return found


def _unclear(what: str, form: str, rows: Iterable[PromotionRow]) -> RefusedError:
    """The question which of these rows a command means."""
    words = ", ".join(f"`/promote {form} {row.target.environment}/{row.stack}`" for row in rows)
    return RefusedError(f"{what}: write the one that you mean: {words}")


def resume(rows: Iterable[PromotionRow], stack: str | None) -> tuple[PromotionRow, ...]:
    """The rows without their holds. Without a stack it is about those of one pull request.

    Raises:
        RefusedError: none is held, or more than one could be meant; the words say what to write.
    """
    held = tuple(row for row in rows if row.hold is not None)
    if not held:
        raise RefusedError("nothing is held here: there is nothing to resume")
    if stack is None and len({_ended(row) for row in held}) > 1:
        raise _unclear("more than one promotion is held", "resume", held)
    return tuple(map(resumed, held))


def _ended(row: PromotionRow) -> int | None:
    """The pull request whose end made the hold."""
    return row.former or (row.merged.number if row.merged is not None else None)


def approve(
    rows: Iterable[PromotionRow],
    author: str,
    makers_of: Callable[[PromotionRow], tuple[Mapping[str, str], str]],
    hash_of: Callable[[PromotionRow], str | None],
) -> tuple[PromotionRow, ...]:
    """The rows whose verification and soak ``author`` waives for what the source wants now.

    ``makers_of`` gives who made what is to be promoted and how, also before its pull request is opened, and why
    somebody else may have made it, too; empty when everybody is known. ``hash_of`` gives the desired hash
    of the source's stack; None when it has none.

    Raises:
        RefusedError: the author made what is promoted, not everybody is known who did, or the source does not have
            the stack.
    """
    found = []
    for row in rows:
        known = row.live.authors if row.live is not None else ()
        others, doubt = makers_of(row)
        parts = [*(({one}, what) for one, what in others.items()), (row.makers, REBUILT)]
        made = who_made(parts, known)
        did = next((what for one, what in made.items() if one.lower() == author.lower()), None)
        if did is not None:
            raise RefusedError(
                f"you are an author of what is promoted to {row.target.environment} (you {did}): somebody "
                "else must approve it"
            )
        if doubt or not made:
            why = doubt or f"no merged pull request is known that changed it in {row.source}"
            raise RefusedError(
                f"nobody can tell who else made what is promoted to {row.target.environment}, because "
                f"{why}; so nobody can waive its soak: wait for it"
            )
        wanted = hash_of(row)
        if wanted is None:
            raise RefusedError(f"{row.source} has no stack {row.stack} that loads")
        found.append(replace(row, waived=wanted, waived_by=author))
    return tuple(found)


def rebuild(rows: Iterable[PromotionRow], author: str) -> tuple[PromotionRow, ...]:
    """The rows whose branch is made anew; ``author`` counts as a maker of it from now on.

    Raises:
        RefusedError: none has an open pull request.
    """
    live = tuple(
        replace(row, makers=tuple(sorted({*row.makers, author})), rebuild=True)
        for row in rows
        if row.live is not None
    )
    if not live:
        raise RefusedError(
            "no pull request of a promotion is open here: there is nothing to rebuild"
        )
    return live
