"""``gitbot state rotate``: bring all values of a store under the newest key. Shell."""

from __future__ import annotations

import sys

import click

from gitbot.adapters.clock import SystemClock
from gitbot.adapters.processes import LocalProcesses
from gitbot.bootstrap.stores import open_stores
from gitbot.cli.common import EXIT_ERROR, json_option, note, say, show_json, tells_errors
from gitbot.cli.stores import require_store, store_option
from gitbot.model.places import Place

_TOLD_EVERY = 500


@click.command("rotate", short_help="Encrypt all values with the first key.")
@store_option
@click.option("--check", is_flag=True, help="Change nothing: only tell what is left.")
@json_option
@tells_errors
def rotate(store: Place, check: bool, as_json: bool) -> None:
    """Seal all values of the store with the first key of GITBOT_STATE_KEY.

    Servers and other commands go on meanwhile. It goes on where it was interrupted. With the first key
    `plain` the values are put back into plain text. Exits with 1 when something is left.

    \b
    To turn encryption on: give everybody plain,KEY, then KEY; then run this.
    To change the key:     give everybody OLD,NEW, then NEW,OLD; run this; then give everybody NEW.
    """
    require_store(store)
    with open_stores(store, SystemClock(), LocalProcesses()) as stores:
        sealing = stores.sealing
        notes = () if check else sealing.rotate(_tell)
        left = sealing.left()
    if as_json:
        show_json({"key": sealing.key_id, "left": dict(left), "notes": list(notes)})
    else:
        what = f"sealed with the key {sealing.key_id}" if sealing.key_id else "in plain text"
        for where, count in left.items():
            say(f"{where}: {count} left", "default")
        for one in notes:
            note(one)
        if not left and not notes:
            say(f"All values of {store} are {what}. Nothing is left.", "default")
    sys.exit(EXIT_ERROR if left or notes else 0)


def _tell(done: int, total: int) -> None:
    if done == total or done % _TOLD_EVERY == 0:
        note(f"{done} of {total} are written anew")
