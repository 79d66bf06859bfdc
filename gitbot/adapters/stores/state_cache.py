"""Keep the decoded states of recently used stacks in memory. Shell."""

from __future__ import annotations

import threading
from collections import OrderedDict

from gitbot.model.names import StackId
from gitbot.model.recorded import RecordedStack

CACHED_STACKS = 64


class StateCache:
    """The ``CACHED_STACKS`` states that were kept last. Safe to share between threads."""

    def __init__(self) -> None:
        self._states: OrderedDict[StackId, RecordedStack] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, stack: StackId, lineage: str, serial: int) -> RecordedStack | None:
        """The stack's state, if the kept one has this lineage and serial."""
        with self._lock:
            state = self._states.get(stack)
        if state and (state.lineage, state.serial) == (lineage, serial):
            return state
        return None

    def keep(self, state: RecordedStack) -> None:
        """Keep a committed state; a stack that was never written is not kept."""
        if state.serial == 0:
            return
        with self._lock:
            self._states[state.id] = state
            self._states.move_to_end(state.id)
            if len(self._states) > CACHED_STACKS:
                self._states.popitem(last=False)

    def drop(self, stack: StackId) -> None:
        """Forget the stack's state."""
        with self._lock:
            self._states.pop(stack, None)
