"""Propose to remove the file of a destroyed stack. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.missing_rights import cannot_propose
from gitbot.errors import UserError
from gitbot.jobs.steps.expiry.moment import Moment
from gitbot.jobs.steps.expiry.noting import note
from gitbot.jobs.steps.look import Look, Ports
from gitbot.jobs.steps.proposals import propose
from gitbot.language.editing.pieces import EditError
from gitbot.language.editing.whole import stack_in, without_document
from gitbot.model.desired import Environment
from gitbot.model.expiry import Expiry
from gitbot.model.proposals import Proposal
from gitbot.render.expiry import removal_body, removal_title


def propose_removal(
    ports: Ports, seen: Look, rules: Environment, row: Expiry, path: str, moment: Moment
) -> None:
    """Open the pull request that takes the stack out of its file, and record its number.

    It is opened once: whoever closes it wants the file to stay. Idempotent. Nothing is opened where
    gitbot's App may not.

    Raises:
        UserError: the stack cannot be taken out of the file, or GitHub refuses.
    """
    if cannot_propose(seen.forge.missing_rights()):
        return  # the check `gitbot/rights` of the tip tells it
    content = seen.tree.entries[path].content or b""
    text = content.decode()
    try:
        document = stack_in(text, row.stack.name)
        rest = "" if document is None else without_document(text, document)
    except EditError as error:
        raise UserError(f"{path} cannot be edited: {error}") from error
    opened = propose(
        ports,
        seen,
        Proposal(
            branch=f"gitbot/expired/{row.stack.environment}/{row.stack.name}",
            base=seen.tip,
            files={path: rest or None},
            message=removal_title(row),
            title=removal_title(row),
            body=removal_body(row, path, rules.timezone),
        ),
    )
    note(ports, row, lambda now: replace(now, removal=opened.number), moment.latest)
