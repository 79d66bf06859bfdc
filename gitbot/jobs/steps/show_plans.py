"""Show the plans of a pull request on it: the comment, the checks and what counts as seen. Shell."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from gitbot.decisions.freshness import touched_files
from gitbot.decisions.modules import staying_behind
from gitbot.errors import ConversationClosedError
from gitbot.jobs.steps.look import Glance, Look, Ports
from gitbot.jobs.steps.plan_environment import ShownEnvironment
from gitbot.jobs.steps.proposal import Proposal
from gitbot.jobs.steps.publish import keep_comments, page_hashes, set_checks
from gitbot.jobs.steps.shown_plans import record_shown
from gitbot.model.forge import PullRequest, Written
from gitbot.model.said import PLAN, Showing
from gitbot.model.secrets import Secrets
from gitbot.render.checks import check_for_pull_request, check_left_over, checks_for_plans
from gitbot.render.excerpts import excerpts
from gitbot.render.plan_comments import PlanTexts, plan_comment
from gitbot.render.promotion_gates import CHECK as PROMOTION
from gitbot.render.secrecy import conceals_plan, explained, without_secrets
from gitbot.render.views import Excerpts, PlanCommentView


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What became of the plan comment.

    ``written`` is None where there is nothing to say, or where the conversation takes no comment
    (``refused``). ``partly`` are the stacks (``dev/web``) whose plan people cannot read whole there.
    """

    written: Written | None = None
    refused: bool = False
    partly: Collection[str] = ()


def keep_plan_comment(
    ports: Ports,
    seen: Glance,
    pull_request: PullRequest,
    view: PlanCommentView,
    shown: Sequence[ShownEnvironment] = (),
) -> Told:
    """Create or edit the plan comment and those that it goes on in; returns what became of it.

    Records that the pull request shows the plans of ``shown`` from then on. What it is to show is
    recorded before it does, so that a process that dies between leaves that to others
    (``shown_plans``). A pull request that touches no spec gets no comment, unless it already has one.
    """
    texts = plan_comment(view)
    repository, number = seen.repository.id, pull_request.number
    says = view.environments or view.notes or view.diagnostics or view.behind
    if not says and ports.records.said.comment(repository, number, PLAN) is None:
        return Told()
    showing = _showing(texts, unconcealed(view, shown))
    ports.records.pull_requests.put_showing(repository, number, showing)
    try:
        written = keep_comments(ports, seen.forge, repository, number, PLAN, texts.pages)
    except ConversationClosedError:
        ports.records.pull_requests.end_showing(repository, number, showing)
        return Told(refused=True, partly=texts.partly)
    record_shown(ports, repository, number, showing, written.at)
    return Told(written=written, partly=texts.partly)


def _showing(texts: PlanTexts, shown: Sequence[ShownEnvironment]) -> Showing:
    runs = {label: run for each in shown for label, run in each.runs.items()}
    return Showing(
        pages=page_hashes(PLAN, texts.pages),
        runs=tuple(runs.values()),
        partly=tuple(run for label, run in runs.items() if label in texts.partly),
    )


def plan_view(
    seen: Glance,
    pull_request: PullRequest,
    proposal: Proposal | None,
    shown: Sequence[ShownEnvironment],
    notes: tuple[str, ...],
) -> PlanCommentView:
    """The view that the comment and the checks are made from, without sensitive values."""
    environments = tuple(each.view for each in shown)
    entries = proposal.tree.entries if proposal else {}
    covered = proposal.merged.covered if proposal else {}
    base = pull_request.url.split("/pull/")[0]
    view = PlanCommentView(
        head=pull_request.head,
        tip=seen.tip,
        tracked_branch=seen.repository.tracked_branch,
        environments=environments,
        diagnostics=proposal.problems(None) if proposal else (),
        notes=notes,
        behind=_behind(seen, proposal),
        excerpts=Excerpts(
            blob_base=f"{base}/blob/{pull_request.head}",
            lines=excerpts(entries, environments, covered),
        ),
    )
    secrets = seen.secrets | (proposal.merged.secrets if proposal else Secrets())
    cleaned = without_secrets(view, secrets)
    pairs = zip(environments, cleaned.environments, strict=True)
    return replace(cleaned, environments=tuple(explained(*pair) for pair in pairs))


def _behind(seen: Glance, proposal: Proposal | None) -> tuple[str, ...]:
    """Which environments go on with the former version of what the pull request changes."""
    if proposal is None or not isinstance(seen, Look):
        return ()
    return staying_behind(
        proposal.before,
        proposal.merged,
        touched_files(seen.tree.entries, proposal.tree.entries),
    )


def unconcealed(
    view: PlanCommentView, shown: Sequence[ShownEnvironment]
) -> tuple[ShownEnvironment, ...]:
    """The environments of whose plans the view conceals nothing. Only these count as shown."""
    pairs = zip(shown, view.environments, strict=True)
    return tuple(one for one, clean in pairs if not conceals_plan(one.view, clean))


def set_plan_checks(
    ports: Ports,
    seen: Glance,
    pull_request: PullRequest,
    view: PlanCommentView,
    partly: Collection[str],
) -> None:
    """Set the checks: of the environments that it touches, and one for the pull request.

    The last one stands on every head, so that it can be required. A check of this head that is not
    needed any more turns green, or neutral if the pull request cannot be planned now.
    """
    checks = checks_for_plans(view, partly)
    whole = check_for_pull_request(view, checks)
    known = ports.records.said.checks(seen.repository.id, pull_request.head)
    # What a promotion waits for is said by its own job.
    gone = known.keys() - {check.name for check in (*checks, whole)} - {PROMOTION}
    checks += [
        check_left_over(name, view, whole) for name in sorted(gone) if not name.endswith("/apply")
    ]
    set_checks(ports, seen, pull_request.head, (*checks, whole), pull_request.url)
