"""Say several things on GitHub, so that one that fails keeps no other from being said. Shell."""

from __future__ import annotations

import logging
from collections.abc import Callable

from gitbot.errors import StaleError, TransientError, UserError

log = logging.getLogger(__name__)


class Telling:
    """Says things one after the other, and remembers what must be said again later.

    What GitHub refuses for good (a locked conversation, a commit that is gone, a missing right) is
    logged and left out: trying again cannot help, and the others wait for their news. ``refused``
    says what, for jobs that tell it elsewhere.
    """

    def __init__(self) -> None:
        self.refused: list[tuple[str, UserError | StaleError]] = []
        self._later: TransientError | None = None
        self._owed: set[str] = set()

    @property
    def whole(self) -> bool:
        """Whether nothing has to be said again: each thing was said, or refused for good."""
        return self._later is None

    def owes(self, what: str) -> bool:
        """Whether this must be said again later."""
        return what in self._owed

    def say(self, what: str, say: Callable[[], object]) -> bool:
        """Whether it was said. ``what`` names it in the log."""
        try:
            say()
        except TransientError as error:
            log.warning("%s could not be written yet: %s", what, error)
            self._later = self._later or error
            self._owed.add(what)
        except (UserError, StaleError) as error:
            log.warning("%s cannot be written: %s", what, error)
            self.refused.append((what, error))
        else:
            return True
        return False

    def end(self) -> None:
        """Return when everything was said or refused for good.

        Raises:
            TransientError: something must be said again; the queue runs the job later.
        """
        if self._later is not None:
            raise self._later
