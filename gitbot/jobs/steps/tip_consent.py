"""Find out whether people agreed to a plan of the tip. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot.decisions.agreements import lost
from gitbot.decisions.consent import Consent, ConsentFacts, consent, only_by_release
from gitbot.errors import RefusedError
from gitbot.jobs.steps.agreements import Review, agreement, earlier_consent
from gitbot.jobs.steps.planning import Planned
from gitbot.jobs.steps.rights import require_right
from gitbot.jobs.steps.tip_facts import TipApply
from gitbot.model.desired import ChangedPlan, Environment
from gitbot.model.runs import Claim, RunKind


def ask(apply: TipApply, rules: Environment, each: Planned, found: Sequence[Review]) -> Consent:
    """Whether people agreed to this plan of the tip. ``found``: the reviews, newest merge first."""
    claim = apply.claim(each.plan.stack)
    answer = consent(each.plan, _consent_facts(apply, rules, each, found, claim))
    if answer.released_by is not None:
        try:
            require_right(apply.ports, apply.seen, rules, "apply", answer.released_by)
        except RefusedError as error:
            return Consent(why=str(error))
    return answer


def _consent_facts(
    apply: TipApply,
    rules: Environment,
    each: Planned,
    found: Sequence[Review],
    claim: Claim | None,
) -> ConsentFacts:
    ports, seen, plan = apply.ports, apply.seen, each.plan
    given_back = claim is not None and claim.closed
    history = ports.records.runs.of_stack(plan.stack, RunKind.APPLY)
    earlier = earlier_consent(ports, seen, apply.merged, plan, history)
    agreed = agreement(ports, seen, plan, found)
    commit = each.recorded.commit
    gone = "" if commit is None or seen.mirror.has(commit) else lost(commit)
    return ConsentFacts(
        reviewed=None if given_back else agreed.reviewed,
        parts=() if given_back else agreed.parts,
        released=earlier.released,
        unfinished=earlier.unfinished,
        changed_plan=rules.changed_plan if apply.place_known else ChangedPlan.HOLD,
        ask=only_by_release(rules, claim),
        notes=tuple(filter(None, (agreed.ended, earlier.ended, gone, _unknown(apply, rules)))),
    )


def _unknown(apply: TipApply, rules: Environment) -> str:
    """Why changed plans are held although the environment applies them; empty when they are not."""
    if apply.place_known or rules.changed_plan is ChangedPlan.HOLD:
        return ""
    return (
        "`changedPlan: apply` counts once something was applied by consent to this account and "
        "region, with these roles"
    )
