"""Check that nobody needs the state of a store any more that is to be in another one. Shell."""

from __future__ import annotations

from gitbot.bootstrap.no_server import no_server
from gitbot.bootstrap.stores import Stores
from gitbot.cli.common import note
from gitbot.decisions.claims import refuse_command_line
from gitbot.errors import RefusedError, UserError
from gitbot.model.places import BucketPlace, Place


def tell_refusals(source: Place, target: Place) -> None:
    """Tell what would be refused as things are now, beside what pull requests hold."""
    from gitbot.adapters.object_store.opening import check_bucket

    for place in (source, target):
        try:
            with no_server(place):
                if isinstance(place, BucketPlace):
                    check_bucket(place)
        except UserError as error:
            note(f"This would be refused now: {error}")


def refuse_held(ours: Stores, dry_run: bool) -> None:
    """Return when no pull request holds a stack: what it has applied would have no protection in another store.

    Raises:
        RefusedError: one does.
    """
    for key in ours.state.known():
        try:
            refuse_command_line(
                ours.records.claims.of_environment(key), frozenset(ours.state.stacks(key))
            )
        except RefusedError as error:
            if not dry_run:
                raise
            note(f"This would be refused now: {error}")
