"""Make the lookups of a plan: ask the cloud where no answer is kept. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from gitbot.decisions.lookups import (
    LookupWish,
    no_longer_listed,
    not_listed,
    refusal,
    remark,
    usable,
)
from gitbot.errors import CloudError, SpecError, TransientError
from gitbot.jobs.steps.look import Engine
from gitbot.model.desired import DesiredStack
from gitbot.model.diagnostic import Diagnostic
from gitbot.model.lookups import (
    Answer,
    DesiredLookup,
    KeptLookup,
    PlannedLookup,
    Unanswered,
    question_hash,
)
from gitbot.model.names import Address
from gitbot.model.observed import Observation
from gitbot.model.ownership import Owner
from gitbot.model.plan import Plan
from gitbot.model.recorded import RecordedStack
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.looked_up import out_of, question_of, unanswered


def require_listed(desired: DesiredStack, cloud: Cloud) -> None:
    """Return when the environment lists what the stack looks up. Raises SpecError otherwise."""
    if missing := tuple(not_listed(desired, cloud.lookup_rules)):
        raise SpecError(missing)


class Looking:
    """Makes plans of one stack, for which each lookup is made once at most."""

    def __init__(
        self,
        engine: Engine,
        cloud: Cloud,
        make: Callable[..., Plan],
        recorded: RecordedStack,
        wish: LookupWish,
    ) -> None:
        """``make`` is ``make_plan`` without what ``plan`` gives it."""
        self._engine, self._cloud, self._make, self._wish = engine, cloud, make, wish
        self._kept = usable(recorded.lookups.values(), wish)
        self._own: tuple[KeptLookup, ...] = wish.agreed

    def plan(
        self,
        desired: DesiredStack,
        observed: Mapping[Address, Observation],
        owners: Mapping[Address, Owner],
        *,
        ask: bool = True,
    ) -> Plan:
        """The plan, with an answer to every lookup that can be made by now.

        Without ``ask`` the cloud is not asked: what is not kept stays unknown.

        Raises:
            SpecError: a lookup finds nothing, too much, something secret or what may not be read; or
                the plan has diagnostics.
            TransientError: the cloud did not answer.
        """
        while True:
            plan = self._make(
                desired=desired,
                observed=observed,
                owners=owners,
                answering=out_of(self._kept, self._own, fresh=self._wish.fresh),
            )
            due = tuple(unanswered(plan.lookups)) if ask else ()
            if not due:
                return plan
            self._own += self._look_up(desired, due)

    def checked(self, desired: DesiredStack, plan: Plan) -> Plan:
        """The plan with what the cloud would answer now to lookups whose answers were kept.

        Raises:
            SpecError: what was kept is about an object that the environment does not list.
        """
        rules = self._cloud.lookup_rules
        if missing := tuple(no_longer_listed(desired, plan.lookups, rules)):
            raise SpecError(missing)
        if not self._wish.remarks:
            return plan
        looks = (
            one
            if one.found is None or one.found in self._own
            else remarked(self._cloud, desired.lookups[one.address], one)
            for one in plan.lookups
        )
        return replace(plan, lookups=tuple(looks))

    def _known(self, lookup: DesiredLookup) -> tuple[KeptLookup, ...]:
        """The answers whose objects are asked again for what they lack."""
        looks_anew = lookup.always and self._wish.fresh
        return self._own if looks_anew else (*self._kept, *self._own)

    def _look_up(
        self, desired: DesiredStack, due: Sequence[PlannedLookup]
    ) -> tuple[KeptLookup, ...]:
        found: list[KeptLookup] = []
        problems: list[Diagnostic] = []
        since = self._wish.since
        for one in due:
            lookup = desired.lookups[one.address]
            try:
                answer = self._cloud.look_up(question_of(lookup, one.asked, self._known(lookup)))
            except CloudError as error:
                hidden = CloudError(self._engine.hide(str(error)), code=error.code)
                problems.append(refusal(desired, lookup, hidden))
                continue
            now = self._engine.clock.now()
            found.append(
                KeptLookup(
                    question=question_hash(one.asked),
                    identifiers=answer.identifiers,
                    attributes=answer.attributes,
                    # ``since`` is the end of a second of GitHub's, so it may not have come yet.
                    at=now if since is None else max(now, since),
                )
            )
        if problems:
            raise SpecError(problems)
        return tuple(found)


def remarked(cloud: Cloud, lookup: DesiredLookup, planned: PlannedLookup) -> PlannedLookup:
    """The lookup with a remark, if the cloud would answer otherwise now than what is kept.

    No failure to ask is an error: nothing is remarked then.
    """
    kept = planned.found
    if kept is None:
        return planned
    try:
        now: Answer | None = cloud.look_up(question_of(lookup, planned.asked, ()))
    except TransientError:
        return planned
    except CloudError as error:
        if error.code != Unanswered.NOT_FOUND:
            return planned
        now = None
    return replace(planned, remark=remark(kept, now, always=lookup.always))
