"""Tests for comments and checks, word for word, and for what holds for all of them."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from gitbot.model.begun import Begun, BegunChange
from gitbot.model.forge import CheckState
from gitbot.model.names import Address
from gitbot.model.plan import (
    Action,
    Cause,
    Drift,
    DriftKind,
    Guard,
    GuardHit,
    PathChange,
    ResourceFailure,
    WalkResult,
)
from gitbot.model.values import Sensitive, Unknown
from gitbot.render.checks import (
    check_for_group,
    check_for_pull_request,
    check_left_over,
    checks_for_plans,
    nothing_check,
)
from gitbot.render.comments import (
    check_for_apply,
    check_for_plan,
    command_answer,
    help_comment,
    refusal_comment,
    slow_comment,
    turn_comment,
    turn_over_comment,
)
from gitbot.render.views import (
    ApplyCommentView,
    EnvironmentPlanView,
    Outcome,
    PlanCommentView,
    StackApplyView,
    StackPlanView,
)
from gitbot.render.waiting import waiting_comment, waiting_issue
from tests.unit.render.plans_by_hand import (
    DELETED,
    DRIFTED,
    EXCERPTS,
    HEAD,
    HELD,
    KEPT,
    RESTARTED,
    SECRET,
    WARNING,
    WHOLE,
    apply_text,
    created,
    dev,
    diagnostic,
    plan,
    plan_text,
    plan_view,
    without_words,
)


def test_a_plan_is_shown_resource_by_resource() -> None:
    assert (
        plan_text(plan_view(dev(WHOLE)))
        == """\
## gitbot plan

Commit `aaaaaaaa` merged with `main` at `bbbbbbbb`.

### dev

#### `dev/gpu-trainer`

**1 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt.** Digest `1a2b3c4d00000000` names exactly this plan.

- **⚠ A merge does not do this by itself** (stateful-replace): all data in `data-1` (data) is lost when it is replaced: nothing is copied.
- **⚠ Cannot be reviewed**: a value that is marked sensitive is hidden in `UserData` of `trainer`, which says who may do what, or what runs. A merge does not agree to what nobody can read: it is applied when somebody names its digest.

<details><summary>- <b><code>old</code></b> AWS::IAM::Role will be deleted</summary>

In the cloud it is `old-role`.

</details>

<details><summary>-/+ <b><code>data</code></b> AWS::S3::Bucket will be replaced</summary>

Replacement: afterwards it is a new object with a new identity.

The old object is deleted first.

All data in `data-1` is lost: nothing is copied to the new one.

BucketName can only be set at creation, so changing it means replacing.

In the cloud it is `data-1`.

```diff
! BucketName: "data-1" → ${x.Y} (known after apply)  # forces replacement
```

</details>

<details><summary>~ <b><code>trainer</code></b> AWS::EC2::Instance will be updated in place</summary>

Restart: it is stopped, changed, and started again if it was running.

In the cloud it is `i-0abc`.

```diff
! InstanceType: "g4dn.xlarge" → "g5.xlarge"
! UserData: (sensitive) → (sensitive)
  Changed behind gitbot's back; an apply puts it back:
! Tags.owner: "somebody" → "ml"
```

</details>

<details><summary>⇐ <b><code>logs</code></b> AWS::S3::Bucket will be adopted</summary>

The existing object logs-1 is taken over.

In the cloud it is `logs-1`.

</details>

<details><summary>+ <b><code>ssh</code></b> AWS::EC2::SecurityGroup will be created</summary>

```diff
+ GroupDescription: "SSH from my IP only"
```

</details>

<details><summary>⇒ <b><code>outputs</code></b> 2 outputs change</summary>

```diff
+ trainer_id: ${trainer.InstanceId} (known after apply)
! password: (sensitive)
```

</details>

To apply it: comment `/apply dev`. After a merge, what is marked ⚠ waits until somebody says so."""
    )


def test_diagnostics_stand_with_their_line_and_a_link() -> None:
    environment = EnvironmentPlanView(name="dev", diagnostics=(WARNING, diagnostic()))
    assert (
        plan_text(plan_view(environment, excerpts=EXCERPTS))
        == """\
## gitbot plan

Commit `aaaaaaaa` merged with `main` at `bbbbbbbb`.

### dev

**The specs have 1 error, 1 warning.**

**✗ This property is not known** (`unknown-property`) at [`specs/dev/trainer.yaml:7:9`](https://github.test/o/r/blob/aaaa/specs/dev/trainer.yaml#L7): `SecurityGroupIngres` is not a property of `AWS::EC2::SecurityGroup`. Did you mean `SecurityGroupIngress`?

```yaml
        SecurityGroupIngres:
        ^
```

**⚠ This is old** (`unknown-property`) at [`specs/dev/trainer.yaml:3:9`](https://github.test/o/r/blob/aaaa/specs/dev/trainer.yaml#L3): `SecurityGroupIngres` is not a property of `AWS::EC2::SecurityGroup`. Did you mean `SecurityGroupIngress`?"""
    )


def test_what_is_only_validated_says_why() -> None:
    environment = EnvironmentPlanView(
        name="prod",
        validated_only="it comes from a fork; someone with write access can say `/plan`",
        stacks=(StackPlanView(name="data"),),
    )
    assert plan_text(plan_view(environment)).endswith(
        """\
### prod

**Validated only**: it comes from a fork; someone with write access can say `/plan`

The specs are valid. Stacks that change: `data`."""
    )


def test_a_stack_that_another_pull_request_holds_says_whose_it_is() -> None:
    blocked = StackPlanView(name="data", plan=plan(KEPT), blocked="#7 has applied this stack")
    body = plan_text(plan_view(EnvironmentPlanView(name="dev", stacks=(blocked,))))
    assert body.endswith(
        """\
#### `dev/data`

**⚠ Blocked**: #7 has applied this stack

**Nothing to do: the cloud is as the specs say.**"""
    )


@pytest.mark.parametrize(
    ("merge", "comment", "says"),
    [
        (True, False, "To apply it: merge this pull request."),
        (False, True, "To apply it: comment `/apply dev`. A merge does not apply it."),
        (False, False, "Neither a merge nor a comment applies it here now."),
    ],
)
def test_how_to_apply_depends_on_the_environment(merge: bool, comment: bool, says: str) -> None:
    offers = ("/apply dev",) if comment else ()
    view = dev(plan(DELETED), applies_on_merge=merge, offers=offers)
    assert plan_text(plan_view(view)).endswith(says)


def test_a_freeze_is_said_before_how_to_apply_and_why_there_is_no_command() -> None:
    view = dev(
        plan(DELETED),
        applies_on_merge=False,
        offers=(),
        unoffered=("it is frozen", "another pull request holds it"),
        frozen=("the window `weekend`. A merge waits.",),
    )
    assert plan_text(plan_view(view)).endswith(
        "**⏳ Frozen now**: the window `weekend`. A merge waits.\n\nNeither a merge nor a comment "
        "applies it here now: it is frozen; another pull request holds it."
    )


def test_a_missing_approval_is_said_in_place_of_the_command() -> None:
    view = dev(plan(DELETED), applies_on_merge=False, offers=(), missing=("it needs an approval",))
    says = "Before the merge a comment can apply it once this holds: it needs an approval."
    assert plan_text(plan_view(view)).endswith(f"applies it here now. {says}")


def test_no_way_to_apply_is_offered_that_would_be_refused() -> None:
    blocked = EnvironmentPlanView(
        name="dev", stacks=(StackPlanView(name="a", plan=plan(DELETED), blocked="#7 holds it"),)
    )
    assert "To apply it" not in plan_text(plan_view(blocked))
    broken = dev(plan(DELETED), diagnostics=(diagnostic(),))
    assert plan_text(plan_view(broken)).endswith("To apply it: correct the errors first.")


def test_errors_that_were_there_before_do_not_keep_a_merge_from_applying() -> None:
    """Kind: advice that is not true. Errors of the tracked branch block deletions and comments."""
    view = dev(plan(DELETED), known=(diagnostic(),), offers=())
    says = plan_text(plan_view(view))
    assert "To apply it: merge this pull request. A comment cannot apply it while" in says


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        (Outcome.FAILED, "What was done is recorded and is not done again. Remove the cause, then"),
        (Outcome.BLOCKED, "Nothing was changed there. Remove the cause, then"),
        (Outcome.APPLIED, ""),
    ],
)
def test_how_an_apply_is_gone_on_with(outcome: Outcome, says: str) -> None:
    stack = StackApplyView(name="a", outcome=outcome, message="because", plan=plan(DELETED))
    body = apply_text(apply_view(stack))
    assert ("Remove the cause" in body) is bool(says)
    assert says in body


def test_a_pull_request_without_stacks_says_so() -> None:
    assert plan_text(plan_view()).endswith("every stack is as this pull request has it.")
    noted = plan_text(plan_view(notes=("It conflicts with `main`.",)))
    assert noted.endswith("It conflicts with `main`.")


def test_long_values_are_spread_over_lines_and_scripts_compared_by_line() -> None:
    rules = [{"IpProtocol": "tcp", "FromPort": port, "CidrIp": "10.0.0.0/8"} for port in (22, 443)]
    script = "\n".join(f"echo {number}" for number in range(9))
    changed = replace(
        RESTARTED,
        paths=(
            PathChange(path="/SecurityGroupIngress", after=rules, added=True),
            PathChange(
                path="/UserData", before=script, after=script.replace("echo 4", "echo four")
            ),
        ),
    )
    assert """\
+ SecurityGroupIngress:
+   - {IpProtocol: "tcp", FromPort: 22, CidrIp: "10.0.0.0/8"}
+   - {IpProtocol: "tcp", FromPort: 443, CidrIp: "10.0.0.0/8"}
! UserData:
    … 2 equal lines
    echo 2
    echo 3
-   echo 4
+   echo four
    echo 5
    echo 6
    … 2 equal lines
```""" in plan_text(plan_view(dev(plan(changed))))


def test_drift_that_no_change_puts_back_is_shown_by_itself() -> None:
    body = plan_text(plan_view(dev(plan(KEPT, drift=(DRIFTED,)))))
    assert (
        """\
<details><summary>≠ <b><code>trainer</code></b> AWS::EC2::Instance was changed behind gitbot's back</summary>

```diff
! Tags.owner: "ml" → "somebody"
```"""
        in body
    )


def test_a_plan_that_nobody_can_read_is_not_said_to_be_applied_by_a_merge() -> None:
    """`trainer` hides its user data: a merge does not agree to that."""
    text = plan_text(plan_view(dev(plan(RESTARTED))))
    assert "A merge does not agree to what nobody can read" in text
    assert "merge this pull request" not in text
    ends = "To apply it: comment `/apply dev`. After a merge, what is marked ⚠ waits until somebody says so."
    assert text.rstrip().endswith(ends)
    merged = plan_text(plan_view(dev(plan(RESTARTED), offers=())))
    assert "merge this pull request. Then what is marked ⚠ waits until somebody says so." in merged


def test_what_an_unfinished_apply_may_have_changed_is_not_said_to_be_anothers() -> None:
    drifted = replace(
        RESTARTED, paths=tuple(replace(one, cause=Cause.DRIFT) for one in RESTARTED.paths)
    )

    def text(begun: str) -> str:
        changes = (BegunChange(address=Address(begun), kind="update"),)
        unfinished = Begun(changes=changes, since=datetime(2026, 11, 30, tzinfo=UTC))
        plans = (plan(KEPT, drift=(DRIFTED,), begun=unfinished), plan(drifted, begun=unfinished))
        return "".join(plan_text(plan_view(dev(one))) for one in plans)

    ours, anothers = text("trainer"), text("other")
    assert "AWS::EC2::Instance was changed, maybe by the apply that is not finished<" in ours
    assert "Changed, maybe by the apply that is not finished; an apply puts it back:" in ours
    assert "behind" not in ours
    assert "AWS::EC2::Instance was changed behind gitbot's back<" in anothers
    assert "Changed behind gitbot's back; an apply puts it back:" in anothers


def test_what_is_created_again_is_told_once() -> None:
    gone = Drift(address=Address("ssh"), type="AWS::EC2::SecurityGroup", kind=DriftKind.DELETED)
    again = replace(created(), reasons=("It was deleted outside gitbot, so it is created again.",))
    assert "≠" not in plan_text(plan_view(dev(plan(again, drift=(gone,)))))


def test_list_elements_that_come_and_go_have_no_index() -> None:
    rule = {"IpProtocol": "tcp", "FromPort": 22}
    changed = replace(
        RESTARTED,
        paths=(
            PathChange(path="/SecurityGroupIngress/0", after=rule, added=True),
            PathChange(path="/SecurityGroupIngress/0", before=rule, removed=True),
            PathChange(path="/SecurityGroupIngress/1/FromPort", before=1, after=2),
            PathChange(path="/Tags/2024", after="x", added=True),
        ),
    )
    assert """\
+ SecurityGroupIngress[…]: {IpProtocol: "tcp", FromPort: 22}
- SecurityGroupIngress[…]: {IpProtocol: "tcp", FromPort: 22}
! SecurityGroupIngress[1].FromPort: 1 → 2
+ Tags[2024]: "x"
```""" in plan_text(plan_view(dev(plan(changed))))


def test_an_apply_that_destroyed_or_had_nothing_to_do_says_that() -> None:
    done = WalkResult(done=((Address("old"), Action.DELETE),))
    gone = StackApplyView(
        name="a", outcome=Outcome.APPLIED, plan=plan(DELETED, destroys=True), result=done
    )
    assert "**✓ Destroyed**: 1 deleted." in apply_text(apply_view(gone))
    idle = StackApplyView(name="a", outcome=Outcome.APPLIED, plan=plan(KEPT), result=WalkResult())
    assert "**✓ Nothing to do**." in apply_text(apply_view(idle))


def test_an_apply_that_started_what_an_earlier_one_left_stopped_says_that() -> None:
    owed = plan(replace(KEPT, starts=True))
    shown = StackApplyView(name="a", outcome=Outcome.APPLIED, plan=owed, result=WalkResult(done=()))
    assert "**✓ Applied**: 1 started." in apply_text(apply_view(shown))
    more = replace(shown, result=WalkResult(done=((Address("old"), Action.DELETE),)))
    assert "**✓ Applied**: 1 deleted, 1 started." in apply_text(apply_view(more))
    text = plan_text(plan_view(dev(owed)))
    assert "**1 to start.**" in text
    assert "names exactly this plan" not in text, "nobody is asked for it"


def test_an_apply_that_only_renamed_something_says_that() -> None:
    result = WalkResult(moved=((Address("crate"), Address("kept")),))
    renamed = plan(replace(KEPT, moved_from=Address("crate")))
    shown = StackApplyView(name="a", outcome=Outcome.APPLIED, plan=renamed, result=result)
    text = apply_text(apply_view(shown))
    assert "**✓ Applied**: 1 renamed in state." in text
    assert "- `crate` renamed in state to `kept`" in text


def test_what_was_deleted_outside_is_drift() -> None:
    gone = Drift(address=Address("ssh"), type="AWS::EC2::SecurityGroup", kind=DriftKind.DELETED)
    body = plan_text(plan_view(dev(plan(created(), drift=(gone,)))))
    assert (
        "<p>≠ <b><code>ssh</code></b> AWS::EC2::SecurityGroup was deleted behind gitbot's back</p>"
        in body
    )


# --- applies -------------------------------------------------------------------------------------

FAILED = WalkResult(
    done=((Address("ssh"), Action.CREATE),),
    failures=(
        ResourceFailure(
            address=Address("trainer"), action=Action.UPDATE, message="InsufficientCapacity @all"
        ),
        ResourceFailure(
            address=Address("data"), action=Action.REPLACE, message="`trainer` failed", skipped=True
        ),
    ),
    outputs={"trainer_id": "i-0abc", "password": "s3cret2"},
)


def apply_view(*stacks: StackApplyView, error: str = "") -> ApplyCommentView:
    return ApplyCommentView(
        environment="dev", commit=HEAD, actor="alice", stacks=stacks, error=error
    )


def test_a_failed_apply_says_what_was_done_what_was_not_and_how_to_go_on() -> None:
    stack = StackApplyView(name="gpu-trainer", outcome=Outcome.FAILED, plan=WHOLE, result=FAILED)
    text = apply_text(apply_view(stack))
    assert text.endswith(
        "\n\nWhat was done is recorded and is not done again. Remove the cause, then comment "
        "`/apply dev` to continue."
    )
    assert text.startswith(
        """\
## gitbot apply: dev

Commit `aaaaaaaa`, asked for by `alice`.

### `dev/gpu-trainer`

**✗ Failed**.

- **✗ \\~** `trainer` failed: InsufficientCapacity @\u2060all

- `ssh` created

- `data` was not tried: `trainer` failed

Not begun: `old`, `logs`.

**Outputs**

- `password` = `(sensitive)`
- `trainer_id` = `"i-0abc"`

<details>"""
    )


def test_the_plan_that_was_agreed_to_stays_readable_after_it_was_applied() -> None:
    """The kind: the apply replaces what people had reviewed."""
    done = WalkResult(done=((Address("ssh"), Action.CREATE),))
    stack = StackApplyView(name="gpu-trainer", outcome=Outcome.APPLIED, plan=WHOLE, result=done)
    claim = "From now on only #7 can change `dev/gpu-trainer`."
    text = apply_text(replace(apply_view(stack), claim=claim))
    fold = text[text.index("<details>") :]
    assert fold.startswith(
        "<details><summary>≡ <b><code>plan</code></b> that was agreed to, digest 1a2b3c4d00000000"
        "</summary>\n\n```diff\n  - old AWS::IAM::Role will be deleted\n"
    )
    assert '! InstanceType: "g4dn.xlarge" → "g5.xlarge"' in fold
    assert "+ trainer_id: ${trainer.InstanceId} (known after apply)" in fold
    assert text.endswith(claim)


def test_a_done_apply_counts_what_was_done_and_gives_the_outputs() -> None:
    done = WalkResult(
        done=((Address("a"), Action.CREATE), (Address("b"), Action.CREATE), (Address("c"), Action.DELETE)),
        outputs={"bucket": "data-1"},
    )  # fmt: skip
    stack = StackApplyView(
        name="data", outcome=Outcome.APPLIED, plan=plan(created("a"), created("b")), result=done
    )
    text = apply_text(apply_view(stack))
    assert (
        """\
### `dev/data`

**✓ Applied**: 2 created, 1 deleted.

- `a` created
- `b` created
- `c` deleted

**Outputs**

- `bucket` = `"data-1"`

<details>"""
        in text
    )


def test_a_held_apply_shows_both_plans_and_what_releases_it() -> None:
    reviewed = plan(created(Name="x"), digest="9" * 64)
    now = plan(created(Name="y"), guards=(HELD,))
    stack = StackApplyView(
        name="gpu-trainer",
        outcome=Outcome.HELD,
        plan=now,
        reviewed=reviewed,
        message="its plan is not the reviewed one",
    )
    body = apply_text(apply_view(stack))
    assert body.index("**What was reviewed**, digest `9999999999999999`:") < body.index('Name: "x"')
    assert body.index('Name: "x"') < body.index(
        "**What would be done now**, digest `1a2b3c4d00000000`:"
    )
    assert body.endswith("To do exactly this, comment `/apply dev 1a2b3c4d00000000`.")


def test_a_hold_that_no_consent_releases_offers_none() -> None:
    wall = GuardHit(guard=Guard.DIAGNOSTICS_BLOCK_DELETE, detail="Specs have errors.", blocks=True)
    stack = StackApplyView(name="x", outcome=Outcome.HELD, plan=plan(DELETED, guards=(wall,)))
    body = apply_text(apply_view(stack))
    assert "**⚠ Blocked** (diagnostics-block-delete): Specs have errors." in body
    assert "/apply dev" not in body


@pytest.mark.parametrize(
    ("view", "says"),
    [
        (apply_view(), "Nothing to do: every stack of this environment is as the specs say."),
        (apply_view(error="no credentials"), "**✗ The apply could not begin**: no credentials"),
        (apply_view(StackApplyView(name="a", outcome=Outcome.NOTHING)), "**✓ Nothing to do**."),
        (
            apply_view(StackApplyView(name="a", outcome=Outcome.BLOCKED, message="#7 holds it")),
            "**⚠ Not applied**: #7 holds it",
        ),
        (
            apply_view(
                StackApplyView(
                    name="a", outcome=Outcome.FAILED, result=WalkResult(interrupted=True)
                )
            ),
            "**⚠ It was interrupted**; changes that were running have finished.",
        ),
    ],
)
def test_other_ends_of_an_apply(view: ApplyCommentView, says: str) -> None:
    assert says in apply_text(view)


def test_what_waits_is_listed_with_its_plan_and_the_command_that_goes_on() -> None:
    held = StackApplyView(name="a", outcome=Outcome.HELD, plan=plan(created("ssh")), message="why")
    text = without_words(*waiting_comment(apply_view(held)))
    assert text.startswith(
        "## Waiting in dev\n\n### `dev/a`\n\n**⏸ Held until somebody says so**: why"
    )
    assert "/apply dev " in text
    assert waiting_comment(apply_view())[0].endswith("Nothing waits here any more.")
    title, body = waiting_issue("main")
    assert title == "gitbot: stacks that wait for somebody"
    assert "on `main`" in body


def test_what_was_held_and_told_before_is_named_and_not_shown_again() -> None:
    view = replace(apply_view(), waiting=(("db", 7, "1a" * 32), ("base", None, "2b" * 32)))
    text = apply_text(view)
    assert "Nothing to do: every other stack of this environment is as the specs say." in text
    assert text.endswith(
        "**⏸ Still held until somebody says so**: `dev/base` (`/apply dev 2b2b2b2b2b2b2b2b` in the "
        "issue about what waits), `dev/db` (`/apply dev 1a1a1a1a1a1a1a1a` on #7)."
    )


# --- checks and answers --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("view", "state", "title"),
    [
        (dev(WHOLE), CheckState.ACTION_REQUIRED, "1 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt; needs consent"),
        (dev(plan(DELETED)), CheckState.SUCCESS, "1 to delete"),
        (dev(plan(KEPT)), CheckState.SUCCESS, "nothing to do"),
        (EnvironmentPlanView(name="dev", diagnostics=(diagnostic(), WARNING)), CheckState.FAILURE, "1 error, 1 warning"),
        (EnvironmentPlanView(name="dev", stacks=(StackPlanView(name="a", problems=(diagnostic(),)),)), CheckState.FAILURE, "1 error"),
        (EnvironmentPlanView(name="dev", validated_only="a fork"), CheckState.NEUTRAL, "validated only: a fork"),
        (EnvironmentPlanView(name="dev", stacks=(StackPlanView(name="a", blocked="#7 holds it"),)), CheckState.ACTION_REQUIRED, "not planned; blocked"),
    ],
)  # fmt: skip
def test_the_check_of_an_environment(
    view: EnvironmentPlanView, state: CheckState, title: str
) -> None:
    check = check_for_plan(view)
    assert (check.name, check.state, check.title) == ("gitbot/dev", state, title)


def test_all_new_environments_share_one_check() -> None:
    """The kind: calls to GitHub whose number somebody without rights chooses."""
    new = [EnvironmentPlanView(name=f"n{at}", validated_only="new", new=True) for at in range(100)]
    many = [diagnostic(line=at + 1) for at in range(200)]
    broken = replace(new[0], diagnostics=tuple(many))
    old = EnvironmentPlanView(name="dev", validated_only="a fork")
    checks = checks_for_plans(plan_view(*new, old))
    assert [check.name for check in checks] == ["gitbot/dev", "gitbot/new environments"]
    assert checks[1].state is CheckState.NEUTRAL
    assert checks[1].title.startswith("100 new environments: n0, n1")
    assert "n99" in checks[1].summary
    (failed,) = checks_for_plans(plan_view(broken, *new[1:]))
    assert failed.state is CheckState.FAILURE
    assert failed.title.startswith("200 errors in 100 new environments")
    assert len(failed.annotations) == 50
    (one,) = checks_for_plans(plan_view(new[0]))
    assert one.name == "gitbot/n0"


GREEN, RED = dev(plan(KEPT)), EnvironmentPlanView(name="dev", diagnostics=(diagnostic(),))
FORK = EnvironmentPlanView(name="dev", validated_only="a fork")
TAKEN = EnvironmentPlanView(name="dev", stacks=(StackPlanView(name="a", blocked="#7 holds it"),))


@pytest.mark.parametrize(
    ("view", "state", "title"),
    [
        (plan_view(), CheckState.SUCCESS, "nothing changes here"),
        (plan_view(GREEN), CheckState.SUCCESS, "dev: nothing to do"),
        (plan_view(dev(WHOLE)), CheckState.NEUTRAL, "dev: 1 to create, 1 to update, 1 to replace, 1 to delete, 1 to adopt; needs consent"),
        (plan_view(TAKEN), CheckState.ACTION_REQUIRED, "dev: not planned; blocked"),
        (plan_view(RED), CheckState.FAILURE, "dev: 1 error"),
        (replace(plan_view(), diagnostics=(diagnostic(),)), CheckState.FAILURE, "the specs have problems"),
        (replace(plan_view(), notes=("It conflicts. Merge it.",)), CheckState.FAILURE, "It conflicts"),
        (replace(plan_view(FORK), notes=("It comes from a fork.",)), CheckState.NEUTRAL, "It comes from a fork."),
        (replace(plan_view(GREEN), untold=True), CheckState.ACTION_REQUIRED, "the conversation is locked, so the plans could not be shown there: unlock it first"),
    ],
)  # fmt: skip
def test_one_check_stands_on_every_head_and_waits_for_nothing_that_only_a_merge_brings(
    view: PlanCommentView, state: CheckState, title: str
) -> None:
    """A required check that never comes, or that can never turn green, blocks a merge for ever."""
    environments = [check_for_plan(each) for each in view.environments]
    check = check_for_pull_request(view, environments)
    assert (check.name, check.state, check.title) == ("gitbot", state, title)


def test_what_an_apply_did_for_other_pull_requests_is_named_in_one_line() -> None:
    others = (("db", Outcome.APPLIED, 8), ("dns", Outcome.HELD, 9))
    mine = StackApplyView(name="web", outcome=Outcome.APPLIED, plan=plan(KEPT))
    text = apply_text(replace(apply_view(mine), others=others))
    assert "✓ Nothing to do" in text
    assert text.endswith(
        "For other pull requests, in the same apply: `dev/db` was applied (see #8); "
        "`dev/dns` is held until somebody says so (see #9)."
    )
    alone = apply_text(replace(apply_view(), others=others))
    assert "Nothing to do: every other stack of this environment is as the specs say." in alone


@pytest.mark.parametrize(
    ("view", "state", "title"),
    [
        (plan_view(), CheckState.SUCCESS, "nothing changes here"),
        (plan_view(RED), CheckState.SUCCESS, "nothing changes here"),
        (replace(plan_view(), notes=("It conflicts. Merge it.",)), CheckState.NEUTRAL, "not planned: It conflicts"),
        (replace(plan_view(), diagnostics=(diagnostic(),)), CheckState.NEUTRAL, "not planned: the specs have problems"),
    ],
    ids=["no stack changes any more", "another environment", "a conflict", "broken specs"],
)  # fmt: skip
def test_an_environment_that_cannot_be_planned_any_more_is_not_green(
    view: PlanCommentView, state: CheckState, title: str
) -> None:
    """The kind: a check of an earlier tip that stays green although nobody knows what a merge does."""
    whole = check_for_pull_request(view, [check_for_plan(each) for each in view.environments])
    check = check_left_over("gitbot/prod", view, whole)
    assert (check.name, check.state, check.title) == ("gitbot/prod", state, title)


def test_a_queued_commit_that_does_something_else_than_reviewed_fails_its_check() -> None:
    environments = [check_for_plan(GREEN)]
    assert check_for_group(plan_view(GREEN), environments, ()).state is CheckState.SUCCESS
    check = check_for_group(plan_view(GREEN), environments, ("dev/web",))
    assert (check.name, check.state) == ("gitbot", CheckState.FAILURE)
    assert check.title.startswith("not as reviewed: dev/web; update the pull request")
    broken = check_for_group(plan_view(RED), [check_for_plan(RED)], ("dev/web",))
    assert broken.title == "dev: 1 error"
    assert nothing_check().title == "nothing changes here"


def test_problems_that_were_there_before_are_named_and_fail_nothing() -> None:
    view = replace(GREEN, known=(diagnostic(),))
    assert check_for_plan(view).state is CheckState.SUCCESS
    says = "Not from this pull request: 1 error at `specs/dev/trainer.yaml:7:9`."
    assert says in plan_text(plan_view(view))
    assert says in check_for_plan(view).summary


def test_each_diagnostic_annotates_its_line_once() -> None:
    stack = StackPlanView(name="a", problems=(diagnostic(),))
    check = check_for_plan(
        EnvironmentPlanView(name="dev", diagnostics=(diagnostic(), WARNING), stacks=(stack,))
    )
    assert [(each.file, each.line, each.warning) for each in check.annotations] == [
        ("specs/dev/trainer.yaml", 7, False),
        ("specs/dev/trainer.yaml", 3, True),
    ]
    assert check.annotations[0].message.endswith("\nDid you mean `SecurityGroupIngress`?")


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Outcome.APPLIED, CheckState.SUCCESS),
        (Outcome.NOTHING, CheckState.SUCCESS),
        (Outcome.HELD, CheckState.ACTION_REQUIRED),
        (Outcome.BLOCKED, CheckState.ACTION_REQUIRED),
        (Outcome.WAITS, CheckState.ACTION_REQUIRED),
        (Outcome.FAILED, CheckState.FAILURE),
    ],
)
def test_the_check_of_an_apply(outcome: Outcome, state: CheckState) -> None:
    check = check_for_apply(apply_view(StackApplyView(name="a", outcome=outcome)))
    assert (check.name, check.state) == ("gitbot/dev/apply", state)


def test_the_check_of_what_waits_names_the_freeze() -> None:
    why = "the window `weekend` (open until Mon 2026-11-30 08:00 UTC) denies apply. It goes on by itself."
    waits = StackApplyView(name="a", outcome=Outcome.WAITS, message=why)
    check = check_for_apply(apply_view(waits))
    assert check.title.startswith("frozen: the window")
    assert "goes on" not in check.title
    assert f"**⏳ Waits: frozen**: {why}" in (check.summary or "")


def test_answers_to_commands() -> None:
    assert refusal_comment("apply prod", "you need `write` on `prod`, @bob") == (
        "`/apply prod` was not done: you need `write` on `prod`, @\u2060bob"
    )
    assert turn_comment("dev", "3 objects are deleted so far.").endswith(
        "turns other applies of `dev` have theirs. 3 objects are deleted so far."
    )
    assert slow_comment("dev", "box: no room") == (
        "The apply of `dev` is waiting for AWS. box: no room"
    )
    assert turn_over_comment("dev").startswith("The apply of `dev` is over.")
    assert command_answer("bob", "unlock", "Released: `dev/a`.") == (
        "`/unlock` by `bob`: Released: `dev/a`."
    )
    lines = [("/plan [environment]", "plan again")]
    assert "- `/plan [environment]`: plan again" in help_comment(lines, ())
    assert help_comment(lines, ("dev", "prod")).endswith("Environments: `dev`, `prod`.")


# --- what holds for any comment ------------------------------------------------------------------

MARKDOWN = MarkdownIt("commonmark")
TEXTS = st.text(alphabet=st.sampled_from(list("ab`<>!-@#\n[](){}~*|: /\\\"'$")), max_size=40)
VALUES = st.recursive(
    TEXTS | st.integers() | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(name=TEXTS, value=VALUES, other=VALUES)
def test_no_value_can_break_out_of_its_place(name: str, value: object, other: object) -> None:
    change = replace(
        created(name),
        type=name,
        reasons=(name,),
        remote_id=name,
        paths=(PathChange(path=f"/{name}", before=value, after=other),),  # type: ignore[arg-type]
    )
    body = plan_text(plan_view(dev(plan(change)), notes=(name,)))
    assert "<!--" not in body
    assert body.count("<details>") == body.count("</details>") == 1
    blocks = MARKDOWN.parse(body)
    html = [block.content.strip() for block in blocks if block.type == "html_block"]
    assert len(html) == 2
    assert html[0].startswith("<details><summary>")
    assert html[1] == "</details>"
    outside = [
        child
        for block in blocks
        for child in block.children or ()
        if child.type not in ("code_inline", "fence")
    ]
    assert not [
        child.type for child in outside if child.type in ("html_inline", "link_open", "image")
    ]
    assert not re.search(r"@\w|://", "".join(child.content for child in outside))


def test_a_sensitive_value_never_appears() -> None:
    hidden = PathChange(
        path="/Password",
        before=Sensitive("hunter2"),
        after={"nested": [Sensitive("hunter2"), SECRET, Unknown(template="${hunter2}", sensitive=True)]},
    )  # fmt: skip
    change = replace(RESTARTED, paths=(hidden,))
    body = plan_text(plan_view(dev(plan(change))))
    assert "hunter2" not in body
    assert SECRET.digest not in body
    assert "! Password: (sensitive) → {nested: [(sensitive), (sensitive), (sensitive)]}" in body


def test_what_the_cloud_will_refuse_stands_above_the_changes() -> None:
    words = "`data` (AWS::S3::Bucket): bucket `ml` is not empty. Empty it."
    text = plan_text(plan_view(dev(plan(created(), foretold=(words,)))))
    assert f"**⚠ The cloud will object**: {words}" in text
    assert text.index("will object") < text.index("will be created")


@pytest.mark.parametrize(("by", "may_run"), [("apply of dev for #4", True), ("", False)])
def test_a_comment_tells_what_an_apply_has_begun_and_not_recorded(by: str, may_run: bool) -> None:
    """Whoever reads the plan sees a create of what may be there."""
    begun = Begun(
        changes=(BegunChange(address=Address("ssh"), kind="create"),),
        since=datetime(2026, 11, 30, 12, 5, tzinfo=UTC),
        by=by,
        may_run=may_run,
    )
    text = plan_text(plan_view(dev(plan(created(), begun=begun))))
    whose = " (apply of dev for #4)" if by else ""
    ended = "It still runs, or was cut off." if may_run else "It was cut off."
    assert (
        f"**An apply is not finished**: one{whose} began on Mon 2026-11-30 12:05 UTC what it has not recorded: "
        f"create of `ssh`. {ended} The next apply settles that first"
    ) in text
    assert text.index("not finished") < text.index("will be created")
    assert ("still runs" in text) is may_run
