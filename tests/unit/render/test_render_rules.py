"""What a pull request changes in the rules of an environment, in the comment and in its check."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.forge import CheckState
from gitbot.model.plan import SettingChange
from gitbot.model.rule_changes import Effect, RuleChange
from gitbot.render.checks import check_for_plan
from gitbot.render.views import EnvironmentPlanView, StackPlanView
from tests.unit.render.plans_by_hand import DELETED, KEPT, plan, plan_text, plan_view

LOOSER = RuleChange(rule="requirements", before=["approved"], after=[], effect=Effect.LOOSENS)
STRICTER = RuleChange(rule="account", after="111111111111", effect=Effect.TIGHTENS)
NAMED = RuleChange(
    rule="permissions.apply", before="write access", after="eve", effect=Effect.MAY_LOOSEN
)
OTHER = RuleChange(rule="variables.size", before=1, after="big")


def test_the_comment_says_of_each_rule_what_it_was_and_what_it_will_be() -> None:
    body = plan_text(plan_view(EnvironmentPlanView(name="prod", rules=(LOOSER, STRICTER, OTHER))))
    assert body.endswith(
        """\
### prod

**Rules** of this environment change. They count once it is merged:

- `requirements`: `["approved"]` → `[]` (**loosens the rules**)
- `account`: not set → `111111111111` (**is stricter than before**)
- `variables.size`: `1` → `big`"""
    )
    named = "(**may loosen the rules: who is named needs read access only**)"
    view = plan_view(EnvironmentPlanView(name="prod", rules=(NAMED,)))
    assert f"- `permissions.apply`: `write access` → `eve` {named}" in plan_text(view)


def test_teams_in_which_nobody_can_be_found_are_named_in_the_comment_and_the_check() -> None:
    view = EnvironmentPlanView(name="prod", rules=(OTHER,), unseen_teams=("acme/qa", "acme/sre"))
    says = "**⚠ Nobody can be found** in `acme/qa`, `acme/sre`: "
    assert says in plan_text(plan_view(view))
    assert says in (check_for_plan(view).summary or "")
    assert says not in plan_text(plan_view(replace(view, unseen_teams=())))


DELETES = (StackPlanView(name="a", plan=plan(DELETED)),)
UNPROTECTED = replace(KEPT, settings=(SettingChange(name="protect", before=True),))


@pytest.mark.parametrize(
    ("view", "state", "title"),
    [
        pytest.param(
            EnvironmentPlanView(name="prod", rules=(LOOSER, STRICTER)),
            CheckState.NEUTRAL,
            "loosens the rules: requirements",
            id="looser",
        ),
        pytest.param(
            EnvironmentPlanView(name="prod", rules=(NAMED, STRICTER)),
            CheckState.NEUTRAL,
            "may loosen the rules: permissions.apply",
            id="perhaps looser",
        ),
        pytest.param(
            EnvironmentPlanView(name="prod", rules=(STRICTER,)),
            CheckState.SUCCESS,
            "changes the rules: account",
            id="stricter",
        ),
        pytest.param(
            EnvironmentPlanView(name="prod", rules=(OTHER,), stacks=DELETES),
            CheckState.NEUTRAL,
            "changes the rules: variables.size; 1 to delete",
            id="with a plan",
        ),
        pytest.param(
            EnvironmentPlanView(name="prod", rules=(LOOSER,), validated_only="a fork"),
            CheckState.NEUTRAL,
            "loosens the rules: requirements; validated only: a fork",
            id="only validated",
        ),
        pytest.param(
            EnvironmentPlanView(
                name="prod", stacks=(StackPlanView(name="a", plan=plan(UNPROTECTED)),)
            ),
            CheckState.SUCCESS,
            "only lifecycle settings change",
            id="rules of one resource",
        ),
    ],
)
def test_the_check_is_green_only_when_the_rules_get_stricter(
    view: EnvironmentPlanView, state: CheckState, title: str
) -> None:
    check = check_for_plan(view)
    assert (check.state, check.title) == (state, title)
    assert ("**Rules**" in (check.summary or "")) is bool(view.rules)
