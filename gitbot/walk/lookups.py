"""Answer lookups in a walk: as planned, or by the cloud once what they ask is known. Shell."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.errors import CloudError, GitbotError, TransientError, UserError
from gitbot.model.desired import DesiredStack
from gitbot.model.lookups import DesiredLookup, KeptLookup, question_hash, same_answer
from gitbot.model.names import Address
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Unknown, leaves
from gitbot.reconciler.binding import Scope
from gitbot.reconciler.looked_up import Asked, Lookups, out_of, question_of
from gitbot.walk.means import Means


class Answers:
    """The answers of one walk. Each is recorded before anything is made with it.

    ``failed`` says why a lookup has none. Only the walking thread uses this object.
    """

    def __init__(
        self, means: Means, plan: Plan, desired: DesiredStack | None, recorded: RecordedStack
    ) -> None:
        self._means = means
        self._plan = plan
        self._planned = out_of((one.found for one in plan.lookups if one.found), (), fresh=False)
        self._state = dict(recorded.lookups)
        self._wanted = {} if desired is None else desired.lookups
        self._lookups = Lookups(self._wanted, self._answer)
        self.failed: dict[Address, GitbotError] = {}

    def settle(self, scope: Scope) -> None:
        """Let expressions use every answer that can be given by now.

        Raises:
            LeaseLostError: another process took the environment over.
        """
        if not self._wanted:
            return
        try:
            self._lookups.settle(scope)
        except (UserError, TransientError) as error:
            # What one of them asks cannot be evaluated; nobody knows which.
            for address in self._wanted.keys() - self._lookups.found.keys():
                self.failed.setdefault(address, error)
        if not self._plan.empty:
            self._record({**self._state, **self._found()})

    def failure_of(self, tree: Any) -> GitbotError | None:
        """The error of a lookup whose answer the tree needs; None when it needs no such answer."""
        for leaf in leaves(tree) if self.failed else ():
            if isinstance(leaf, Unknown):
                for address in sorted(leaf.references.values()):
                    if address in self.failed:
                        return self.failed[address]
        return None

    def close(self) -> None:
        """Record exactly the answers of this walk: those of lookups that are gone are dropped."""
        if self._plan.empty:
            self._record({one.address: one.before for one in self._plan.lookups if one.before})
        else:
            self._record(self._found())

    def _found(self) -> Mapping[Address, KeptLookup]:
        """The answers by address. One that state has already stays as it is there."""
        return {
            address: before
            if (before := self._state.get(address)) is not None and same_answer(one, before)
            else one
            for address, one in self._lookups.found.items()
        }

    def _record(self, lookups: Mapping[Address, KeptLookup]) -> None:
        if lookups != self._state:
            means = self._means
            means.store.look_up(means.lease(), means.stack, means.lineage, lookups)
            self._state = dict(lookups)

    def _answer(self, lookup: DesiredLookup, asked: Asked) -> KeptLookup | None:
        if lookup.address in self.failed:
            return None
        planned = self._planned(lookup, asked)
        if planned is not None or self._plan.empty:
            return planned
        try:
            answer = self._means.cloud.look_up(question_of(lookup, asked, ()))
        except (CloudError, TransientError) as error:
            self.failed[lookup.address] = error
            return None
        return KeptLookup(
            question=question_hash(asked),
            identifiers=answer.identifiers,
            attributes=answer.attributes,
            at=self._means.clock.now(),
        )
