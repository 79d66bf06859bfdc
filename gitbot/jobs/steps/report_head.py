"""Report on the pull request what an apply of its plans did. Shell."""

from __future__ import annotations

from gitbot.decisions.apply_report import runs_to_report
from gitbot.decisions.claims import words_of_claims
from gitbot.jobs.steps.head_plans import HeadApply
from gitbot.jobs.steps.publish import keep_comments, set_checks
from gitbot.jobs.steps.run_views import stack_view
from gitbot.jobs.steps.telling import Telling
from gitbot.jobs.steps.turns import end_turns
from gitbot.model.commands import Source
from gitbot.model.forge import Check, DeploymentState
from gitbot.model.runs import RunStatus
from gitbot.model.said import Topic, TopicKind
from gitbot.render.comments import apply_comment, check_for_apply
from gitbot.render.secrecy import without_secrets
from gitbot.render.views import ApplyCommentView


def show_deployment(apply: HeadApply, state: DeploymentState) -> None:
    """Show the apply as a deployment of the head, in this state."""
    number, head = apply.pull_request.number, apply.pull_request.head
    deployment = apply.seen.forge.deployment(
        head,
        apply.environment,
        f"gitbot applies #{number} to {apply.environment}",
        f"{apply.environment}:#{number}:{head}",
    )
    words = f"#{number} in {apply.environment}"
    apply.seen.forge.set_deployment(deployment, state, words, None)


def is_reported(apply: HeadApply) -> bool:
    """Whether the pull request shows the result already."""
    number, said = apply.pull_request.number, apply.ports.records.said
    return said.comment(apply.seen.repository.id, number, _topic(apply)) is not None


def report_head(apply: HeadApply, error: str) -> None:
    """Report on the pull request everything that the command did, also before a crash.

    Where the conversation takes no comment, the check of the pull request's head says it.

    Raises:
        TransientError: GitHub does not answer; run the job again.
    """
    reported = runs_to_report([run for run in apply.runs() if run.shown_at is None])
    failed = bool(error) or any(v.run.status is not RunStatus.APPLIED for v in reported)
    telling, asked = Telling(), apply.command.ref
    if reported:
        state = DeploymentState.FAILURE if failed else DeploymentState.SUCCESS
        telling.say("the end of the deployment", lambda: show_deployment(apply, state))
    if asked.source is Source.COMMENT:
        reaction = "-1" if failed else "rocket"
        telling.say("a reaction", lambda: apply.seen.forge.react(asked.comment, reaction))
    # Write the comment last: it says that all of this was reported.
    telling.end()
    view = ApplyCommentView(
        environment=apply.environment,
        commit=apply.pull_request.head,
        actor=apply.command.author,
        stacks=tuple(stack_view(apply.ports, one) for one in reported),
        before_merge=True,
        error=error,
        claim=words_of_claims(
            apply.ports.records.claims.of_pull_request(
                apply.seen.repository.id, apply.pull_request.number
            ),
            apply.environment,
        ),
    )
    view = without_secrets(view, apply.seen.secrets)
    end_turns(apply.ports, apply.seen, apply.pull_request.number, apply.environment)
    said = telling.say(f"the result on #{apply.pull_request.number}", lambda: _comment(apply, view))
    telling.end()
    if not said:
        _set_check(apply, check_for_apply(view))


def _comment(apply: HeadApply, view: ApplyCommentView) -> None:
    forge, repository = apply.seen.forge, apply.seen.repository.id
    number, pages = apply.pull_request.number, apply_comment(view)
    keep_comments(apply.ports, forge, repository, number, _topic(apply), pages)


def _set_check(apply: HeadApply, check: Check) -> None:
    set_checks(apply.ports, apply.seen, apply.pull_request.head, [check], apply.pull_request.url)


def mark_reported(apply: HeadApply) -> None:
    """Record that everything the command did has been reported."""
    untold = [run.id for run in apply.runs() if run.shown_at is None]
    apply.ports.records.runs.mark_shown(untold, apply.ports.clock.now())


def _topic(apply: HeadApply) -> Topic:
    return Topic(kind=TopicKind.APPLY, subject=f"{apply.environment}:{apply.command.ref}")
