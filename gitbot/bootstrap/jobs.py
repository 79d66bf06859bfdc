"""Says which function does the job of each key. Shell."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from gitbot.jobs.adopt_drift import adopt_drift
from gitbot.jobs.answer_comment import answer_comment
from gitbot.jobs.apply_drift import apply_drift
from gitbot.jobs.apply_environment import apply_environment
from gitbot.jobs.apply_pull_request import apply_pull_request
from gitbot.jobs.close_pull_request import close_pull_request
from gitbot.jobs.destroy_stack import destroy_stack
from gitbot.jobs.detect_drift import detect_drift
from gitbot.jobs.expire_stacks import expire_stacks
from gitbot.jobs.follow_tip import follow_tip
from gitbot.jobs.heal_drift import heal_drift
from gitbot.jobs.keep_hours import keep_hours
from gitbot.jobs.open_windows import open_windows
from gitbot.jobs.plan_commit import plan_commit
from gitbot.jobs.plan_merge_group import plan_merge_group
from gitbot.jobs.plan_pull_request import plan_pull_request
from gitbot.jobs.promote import promote
from gitbot.jobs.prune_runs import prune_runs
from gitbot.jobs.rerun_checks import rerun_checks
from gitbot.jobs.restore_comment import restore_comment
from gitbot.jobs.steps.look import Ports
from gitbot.jobs.sweep import sweep
from gitbot.jobs.switch_stack import switch_stack
from gitbot.jobs.tell_waiting import tell_waiting
from gitbot.model.keys import (
    AdoptDrift,
    AnswerComment,
    ApplyDrift,
    ApplyEnvironment,
    ApplyPullRequest,
    ClosePullRequest,
    DestroyStack,
    DetectDrift,
    ExpireStacks,
    FollowTip,
    HealDrift,
    JobKey,
    KeepHours,
    OpenWindows,
    PlanCommit,
    PlanMergeGroup,
    PlanPullRequest,
    Promote,
    PruneRuns,
    RerunChecks,
    RestoreComment,
    Sweep,
    SwitchStack,
    TellWaiting,
)

# ``Any``, because each function takes only its own type of key.
JOBS: Final[Mapping[type[JobKey], Callable[[Ports, Any], object]]] = {
    PlanPullRequest: plan_pull_request,
    ClosePullRequest: close_pull_request,
    AnswerComment: answer_comment,
    RestoreComment: restore_comment,
    FollowTip: follow_tip,
    ApplyEnvironment: apply_environment,
    ApplyDrift: apply_drift,
    AdoptDrift: adopt_drift,
    ApplyPullRequest: apply_pull_request,
    KeepHours: keep_hours,
    PlanCommit: plan_commit,
    PlanMergeGroup: plan_merge_group,
    RerunChecks: rerun_checks,
    Sweep: sweep,
    TellWaiting: tell_waiting,
    ExpireStacks: expire_stacks,
    SwitchStack: switch_stack,
    DestroyStack: destroy_stack,
    PruneRuns: prune_runs,
    OpenWindows: open_windows,
    DetectDrift: detect_drift,
    Promote: promote,
    HealDrift: heal_drift,
}
