"""Make and change check runs, statuses and deployments. Shell."""

from __future__ import annotations

from typing import Any

from gitbot_sandbox.github.entities import (
    App,
    CheckRun,
    CheckSuite,
    Deployment,
    DeploymentStatus,
    Repository,
    Status,
)
from gitbot_sandbox.github.events import emit
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, invalid
from gitbot_sandbox.github.shapes import checks as shapes

STATUSES = ("queued", "in_progress", "completed")
CONCLUSIONS = (
    "action_required",
    "cancelled",
    "failure",
    "neutral",
    "success",
    "skipped",
    "timed_out",
)
ANNOTATION_LEVELS = ("notice", "warning", "failure")
MAX_ANNOTATIONS = 50
MAX_TEXT = 65_535


def create_run(
    hub: Hub, repository: Repository, app: App, *, name: str, sha: str, fields: dict[str, Any]
) -> CheckRun:
    """Make a check run on a commit, and return it."""
    suite = next(
        (s for s in repository.check_suites.values() if (s.app_id, s.sha) == (app.id, sha)),
        None,
    )
    if suite is None:
        suite = CheckSuite(id=hub.store.new_id(), app_id=app.id, sha=sha, created_at=hub.now())
    run = CheckRun(
        id=hub.store.new_id(),
        suite_id=suite.id,
        app_id=app.id,
        name=name,
        sha=sha,
        started_at=hub.now(),
    )
    _set(hub, run, fields)
    suite.queued = False
    repository.check_suites[suite.id] = suite
    repository.check_runs[run.id] = run
    announce(hub, repository, run, "created", app.bot)
    return run


def update_run(hub: Hub, repository: Repository, run: CheckRun, fields: dict[str, Any]) -> None:
    """Change a check run. Annotations are added to those that it has."""
    was = run.status
    _set(hub, run, fields)
    repository.check_suites[run.suite_id].queued = False
    if run.status == "completed" and was != "completed":
        bot = hub.store.apps[run.app_id].bot
        announce(hub, repository, run, "completed", bot)


def _set(hub: Hub, run: CheckRun, fields: dict[str, Any]) -> None:
    status = fields.get("status", run.status)
    conclusion = fields.get("conclusion")
    if status not in STATUSES:
        raise invalid("CheckRun", "status")
    if conclusion is not None and conclusion not in CONCLUSIONS:
        raise invalid("CheckRun", "conclusion")
    if status == "completed" and "status" in fields and conclusion is None:
        raise Problem(422, 'Invalid request.\n\n"conclusion" wasn\'t supplied.')
    output = fields.get("output") or {}
    _set_output(run, output)
    if conclusion is not None:
        run.status, run.conclusion, run.completed_at = "completed", conclusion, hub.now()
    elif "status" in fields:
        run.status, run.conclusion, run.completed_at = status, None, None
    run.name = fields.get("name", run.name)
    run.details_url = fields.get("details_url", run.details_url)
    run.external_id = fields.get("external_id", run.external_id)


def _set_output(run: CheckRun, output: dict[str, Any]) -> None:
    annotations = output.get("annotations") or []
    if len(annotations) > MAX_ANNOTATIONS:
        raise Problem(
            422,
            "Invalid request.\n\nNo more than 50 items are allowed; "
            f"{len(annotations)} were supplied.",
        )
    for given in annotations:
        for needed in ("path", "start_line", "end_line", "annotation_level", "message"):
            if needed not in given:
                raise Problem(422, f'Invalid request.\n\n"{needed}" wasn\'t supplied.')
        if given["annotation_level"] not in ANNOTATION_LEVELS:
            raise invalid("CheckRun", "annotation_level")
    if output and not ("title" in output and "summary" in output):
        raise Problem(422, 'Invalid request.\n\n"title" and "summary" must be supplied.')
    for text in (output.get("summary"), output.get("text")):
        if text is not None and len(text) > MAX_TEXT:
            raise Problem(
                422, f"Invalid request.\n\nOnly {MAX_TEXT} characters are allowed in output."
            )
    run.title = output.get("title", run.title)
    run.summary = output.get("summary", run.summary)
    run.text = output.get("text", run.text)
    run.annotations.extend(annotations)


def announce(hub: Hub, repository: Repository, run: CheckRun, action: str, sender: str) -> None:
    """Send a ``check_run`` event. A request to run it again goes only to the App that made the run.

    https://docs.github.com/webhooks/webhook-events-and-payloads#check_run
    """
    payload = {
        "action": action,
        "check_run": shapes.webhook_check_run(hub, repository, run),
    }
    only_app = run.app_id if action == "rerequested" else None
    emit(hub, repository, "check_run", payload, sender, only_app)


def rerequest(hub: Hub, repository: Repository, run: CheckRun, sender: str) -> None:
    """Ask the App to run the check again. Its suite is queued until the App writes a run.

    https://docs.github.com/en/rest/checks/runs#rerequest-a-check-run
    """
    if run.status != "completed":
        raise Problem(422, "This check run is not rerequestable")
    # GitHub describes the suite of this delivery as completed: it is queued after it.
    announce(hub, repository, run, "rerequested", sender)
    repository.check_suites[run.suite_id].queued = True


def latest_runs(repository: Repository, sha: str) -> list[CheckRun]:
    """The newest check run of each App and name on a commit."""
    newest: dict[tuple[int, str], CheckRun] = {}
    for run in repository.check_runs.values():
        if run.sha == sha:
            newest[run.app_id, run.name] = run
    return list(newest.values())


def set_status(
    hub: Hub, repository: Repository, sha: str, login: str, fields: dict[str, Any]
) -> Status:
    """Put a status on a commit, and return it."""
    if fields.get("state") not in ("error", "failure", "pending", "success"):
        raise invalid("Status", "state")
    description = fields.get("description")
    if description is not None and len(description) > 140:
        raise invalid(
            "Status", "description", "custom", "description is too long (maximum is 140 characters)"
        )
    status = Status(
        id=hub.store.new_id(),
        sha=sha,
        state=fields["state"],
        context=fields.get("context", "default"),
        description=description,
        target_url=fields.get("target_url"),
        creator=login,
        created_at=hub.now(),
    )
    repository.statuses.append(status)
    return status


def statuses_of(repository: Repository, sha: str) -> list[Status]:
    """All statuses of a commit, newest first."""
    return [s for s in reversed(repository.statuses) if s.sha == sha]


def newest_statuses(repository: Repository, sha: str) -> list[Status]:
    """The newest status of each context on a commit."""
    newest: dict[str, Status] = {}
    for status in statuses_of(repository, sha):
        newest.setdefault(status.context, status)
    return list(newest.values())


def create_deployment(
    hub: Hub, repository: Repository, login: str, *, sha: str, fields: dict[str, Any]
) -> Deployment:
    """Record a deployment of a commit, and return it."""
    environment = fields.get("environment") or "production"
    made = Deployment(
        id=hub.store.new_id(),
        sha=sha,
        ref=fields["ref"],
        task=fields.get("task", "deploy"),
        environment=environment,
        description=fields.get("description"),
        payload=fields.get("payload", {}),
        creator=login,
        transient=bool(fields.get("transient_environment", False)),
        production=bool(fields.get("production_environment", environment == "production")),
        created_at=hub.now(),
    )
    repository.deployments[made.id] = made
    payload = {
        "action": "created",
        "deployment": shapes.deployment(hub, repository, made),
        "workflow": None,
        "workflow_run": None,
    }
    emit(hub, repository, "deployment", payload, login)
    return made


def add_deployment_status(
    hub: Hub, repository: Repository, found: Deployment, login: str, fields: dict[str, Any]
) -> DeploymentStatus:
    """Add a status to a deployment; a success makes earlier ones of its environment inactive."""
    known = ("error", "failure", "inactive", "in_progress", "queued", "pending", "success")
    if fields.get("state") not in known:
        raise invalid("DeploymentStatus", "state")
    made = _deployment_status(hub, login, fields["state"], fields)
    if made.state == "success" and fields.get("auto_inactive", True):
        for other in repository.deployments.values():
            same = other.environment == found.environment and other.id != found.id
            if same and other.statuses and other.statuses[-1].state == "success":
                other.statuses.append(_deployment_status(hub, login, "inactive", {}))
    found.statuses.append(made)
    payload = {
        "action": "created",
        "deployment_status": shapes.webhook_deployment_status(hub, repository, found, made),
        "deployment": shapes.deployment(hub, repository, found),
    }
    if made.state != "inactive":  # GitHub tells of none that becomes inactive
        emit(hub, repository, "deployment_status", payload, login)
    return made


def _deployment_status(
    hub: Hub, login: str, state: str, fields: dict[str, Any]
) -> DeploymentStatus:
    return DeploymentStatus(
        id=hub.store.new_id(),
        state=state,
        creator=login,
        description=fields.get("description") or "",
        log_url=fields.get("log_url") or fields.get("target_url") or "",
        environment_url=fields.get("environment_url") or "",
        created_at=hub.now(),
    )
