"""Show check runs, check suites and deployments as JSON. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitbot_sandbox.github.shapes import apps
from gitbot_sandbox.github.shapes.common import Json, maybe, node_id, user, when
from gitbot_sandbox.github.shapes.repositories import api, html

if TYPE_CHECKING:
    from gitbot_sandbox.github.entities import (
        CheckRun,
        CheckSuite,
        Deployment,
        DeploymentStatus,
        Pull,
        Repository,
    )
    from gitbot_sandbox.github.hub import Hub


def _reference(hub: Hub, repository: Repository) -> Json:
    return {"id": repository.id, "url": api(hub, repository), "name": repository.name}


def _pulls(hub: Hub, repository: Repository, sha: str) -> list[Json]:
    """The open pull requests whose head is the commit, from branches of this repository."""
    return [
        _pull(hub, repository, p)
        for p in repository.pulls.values()
        if p.head_sha == sha
        and p.head_repository == repository.id
        and repository.issues[p.number].state == "open"
    ]


def _pull(hub: Hub, repository: Repository, pull: Pull) -> Json:
    here = _reference(hub, repository)
    return {
        "url": f"{api(hub, repository)}/pulls/{pull.number}",
        "id": pull.id,
        "number": pull.number,
        "head": {"ref": pull.head_ref, "sha": pull.head_sha, "repo": here},
        "base": {"ref": pull.base_ref, "sha": pull.base_sha, "repo": here},
    }


def check_run(hub: Hub, repository: Repository, found: CheckRun) -> Json:
    """A check run as the API shows it."""
    url = f"{api(hub, repository)}/check-runs/{found.id}"
    page = f"{html(hub, repository)}/runs/{found.id}"
    return {
        "id": found.id,
        "name": found.name,
        "node_id": node_id("CheckRun", found.id),
        "head_sha": found.sha,
        "external_id": found.external_id,
        "url": url,
        "html_url": page,
        "details_url": found.details_url or page,
        "status": found.status,
        "conclusion": found.conclusion,
        "started_at": when(found.started_at),
        "completed_at": maybe(found.completed_at),
        "output": {
            "title": found.title,
            "summary": found.summary,
            "text": found.text,
            "annotations_count": len(found.annotations),
            "annotations_url": f"{url}/annotations",
        },
        "check_suite": {"id": found.suite_id},
        "app": _app(hub, found.app_id),
        "pull_requests": _pulls(hub, repository, found.sha),
    }


def _app(hub: Hub, id_: int) -> Json | None:
    """The App; null when it was deleted."""
    found = hub.store.apps.get(id_)
    return None if found is None else apps.app(hub, found)


def annotation(hub: Hub, repository: Repository, found: CheckRun, given: Json) -> Json:
    """An annotation of a check run."""
    return {
        "path": given["path"],
        "blob_href": f"{html(hub, repository)}/blob/{found.sha}/{given['path']}",
        "start_line": given["start_line"],
        "end_line": given["end_line"],
        "start_column": given.get("start_column"),
        "end_column": given.get("end_column"),
        "annotation_level": given["annotation_level"],
        "title": given.get("title"),
        "message": given["message"],
        "raw_details": given.get("raw_details"),
    }


def suite_result(found: CheckSuite, runs: list[CheckRun]) -> tuple[str, str | None]:
    """The status and conclusion of a suite, computed from its runs."""
    if found.queued:
        return "queued", None
    if any(r.status != "completed" for r in runs):
        return "in_progress", None
    for bad in ("failure", "timed_out", "action_required", "cancelled"):
        if any(r.conclusion == bad for r in runs):
            return "completed", bad
    good = any(r.conclusion == "success" for r in runs)
    return "completed", "success" if good else "neutral"


def webhook_suite(hub: Hub, repository: Repository, found: CheckSuite) -> Json:
    """The suite as the delivery of a check run shows it."""
    runs = [r for r in repository.check_runs.values() if r.suite_id == found.id]
    status, conclusion = suite_result(found, runs)
    pulls = _pulls(hub, repository, found.sha)
    return {
        "id": found.id,
        "node_id": node_id("CheckSuite", found.id),
        "head_branch": pulls[0]["head"]["ref"] if pulls else _queued(repository, found.sha),
        "head_sha": found.sha,
        "status": status,
        "conclusion": conclusion,
        "url": f"{api(hub, repository)}/check-suites/{found.id}",
        "before": None,
        "after": found.sha,
        "pull_requests": pulls,
        "app": _app(hub, found.app_id),
        "created_at": when(found.created_at),
        "updated_at": when(max([r.completed_at or r.started_at for r in runs])),
    }


def _queued(repository: Repository, sha: str) -> str | None:
    """The merge queue's branch at this commit."""
    found = (each.ref for each in repository.queue if each.head_sha == sha)
    return next((ref.removeprefix("refs/heads/") for ref in found), None)


def webhook_check_run(hub: Hub, repository: Repository, found: CheckRun) -> Json:
    """A check run as deliveries show it, with its whole suite."""
    suite = repository.check_suites[found.suite_id]
    return {
        **check_run(hub, repository, found),
        "check_suite": webhook_suite(hub, repository, suite),
    }


def deployment(hub: Hub, repository: Repository, found: Deployment) -> Json:
    """A deployment as the API shows it."""
    root = api(hub, repository)
    url = f"{root}/deployments/{found.id}"
    updated = found.statuses[-1].created_at if found.statuses else found.created_at
    return {
        "url": url,
        "id": found.id,
        "node_id": node_id("Deployment", found.id),
        "task": found.task,
        "original_environment": found.environment,
        "environment": found.environment,
        "description": found.description,
        "created_at": when(found.created_at),
        "updated_at": when(updated),
        "statuses_url": f"{url}/statuses",
        "repository_url": root,
        "creator": user(hub, found.creator),
        "sha": found.sha,
        "ref": found.ref,
        "payload": found.payload,
        "transient_environment": found.transient,
        "production_environment": found.production,
        "performed_via_github_app": None,
    }


def deployment_status(
    hub: Hub, repository: Repository, found: Deployment, status: DeploymentStatus
) -> Json:
    """One status of a deployment as the API shows it."""
    root = api(hub, repository)
    url = f"{root}/deployments/{found.id}"
    return {
        "url": f"{url}/statuses/{status.id}",
        "id": status.id,
        "node_id": node_id("DeploymentStatus", status.id),
        "state": status.state,
        "description": status.description,
        "environment": found.environment,
        "target_url": status.log_url,
        "log_url": status.log_url,
        "environment_url": status.environment_url,
        "created_at": when(status.created_at),
        "updated_at": when(status.created_at),
        "deployment_url": url,
        "repository_url": root,
        "creator": user(hub, status.creator),
        "performed_via_github_app": None,
    }


def webhook_deployment_status(
    hub: Hub, repository: Repository, found: Deployment, status: DeploymentStatus
) -> Json:
    """One status of a deployment as deliveries show it: without empty addresses."""
    shape = deployment_status(hub, repository, found, status)
    return {k: v for k, v in shape.items() if v or k not in ("log_url", "environment_url")}
