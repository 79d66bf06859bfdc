"""Make moto's environments and queues of Batch keep, change and refuse as AWS's do. Shell.

https://docs.aws.amazon.com/batch/latest/APIReference/API_UpdateComputeEnvironment.html
https://docs.aws.amazon.com/batch/latest/APIReference/API_DeleteComputeEnvironment.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import wraps
from typing import Any

from moto.batch.exceptions import ClientException
from moto.batch.models import BatchBackend, batch_backends
from moto.batch.responses import BatchResponse

from gitbot_sandbox.aws.moto_patch import by_name, wrap
from gitbot_sandbox.aws.tag_index import index

_SERVICE_ROLE = "arn:aws:iam::{0}:role/aws-service-role/batch.amazonaws.com/AWSServiceRoleForBatch"
_OF_ENVIRONMENTS = ("eksConfiguration",)
_OF_QUEUES = ("jobStateTimeLimitActions", "jobQueueType")
_SCALED = ("minvCpus", "maxvCpus", "desiredvCpus")


def patch() -> None:
    """Make the patches of this module."""
    wrap(BatchBackend, "create_compute_environment", _made)
    wrap(BatchBackend, "update_compute_environment", _scaled)
    wrap(BatchBackend, "delete_compute_environment", _free)
    wrap(BatchBackend, "create_job_queue", _named_once)
    wrap(BatchBackend, "update_job_queue", _by_arn)
    wrap(BatchBackend, "delete_job_queue", _disabled)
    for call in ("createcomputeenvironment", "updatecomputeenvironment"):
        wrap(
            BatchResponse,
            call,
            _remembers("_compute_environments", "computeEnvironment", _OF_ENVIRONMENTS),
        )
    for call in ("createjobqueue", "updatejobqueue"):
        wrap(BatchResponse, call, _remembers("_job_queues", "jobQueue", _OF_QUEUES))
    wrap(BatchBackend, "describe_compute_environments", _shows_more)
    wrap(BatchBackend, "describe_job_queues", _shows_more)
    index(batch_backends, "batch:compute-environment", _indexed("_compute_environments"))
    index(batch_backends, "batch:job-queue", _indexed("_job_queues"))


def _made(original: Any) -> Any:
    """Defects: another refusal for a name that is taken; a role of the service is not Batch's own."""

    @wraps(original)
    def create_compute_environment(self: Any, *given: Any, **named: Any) -> Any:
        asked = by_name(original, *given, **named)
        if self.get_compute_environment_by_name(asked["compute_environment_name"]) is not None:
            raise ClientException("Object already exists")
        role = asked["service_role"] or _SERVICE_ROLE.format(self.account_id)
        resources = asked["compute_resources"]
        if resources is not None:
            resources.setdefault("securityGroupIds", [])
            if "FARGATE" not in resources["type"]:
                resources.setdefault("minvCpus", 0)
                resources.setdefault("desiredvCpus", resources["minvCpus"])
                resources.setdefault("allocationStrategy", "BEST_FIT")
        if not asked["service_role"] or "/" not in role:
            role = _own_role(self, role)
        state = asked["state"] or "ENABLED"
        return original(self, **{**asked, "state": state, "service_role": role})

    return create_compute_environment


def _own_role(backend: Any, role: str) -> str:
    """The ARN of the role by this name or ARN; Batch's own is made when it is first needed."""
    name = role.split("/")[-1]
    for one in backend.iam_backend.get_roles():
        if one.name.lower() == name.lower():
            return str(one.arn)
    if name != "AWSServiceRoleForBatch":
        return role
    made = backend.iam_backend.create_service_linked_role("batch.amazonaws.com", "", "")
    return str(made.arn)


def _scaled(original: Any) -> Any:
    """Defect: changed numbers of vCPUs are ignored."""

    @wraps(original)
    def update_compute_environment(self: Any, compute_environment_name: str, **asked: Any) -> Any:
        environment = self.get_compute_environment(compute_environment_name)
        if environment is None:
            raise ClientException(f"{compute_environment_name} does not exist")
        resources = asked["compute_resources"] or {}
        wanted = {name: resources[name] for name in _SCALED if name in resources}
        has = environment.compute_resources or {}
        if wanted.get("desiredvCpus", 0) < has.get("desiredvCpus", 0) and "desiredvCpus" in wanted:
            raise ClientException(
                "Manually scaling down compute environment is not supported. Disconnecting job queues "
                "from compute environment will cause it to scale-down to minvCpus."
            )
        role = asked["service_role"]
        if role is not None and "/" not in role:
            asked = {**asked, "service_role": _own_role(self, role)}
        answer = original(self, compute_environment_name, **asked)
        if environment.compute_resources is not None:
            environment.compute_resources |= wanted
        return answer

    return update_compute_environment


def _free(original: Any) -> Any:
    """Defect: an environment that takes jobs is deleted, and one that queues use."""

    @wraps(original)
    def delete_compute_environment(self: Any, compute_environment_name: str) -> None:
        environment = self.get_compute_environment(compute_environment_name)
        if environment is None:
            return
        if environment.state == "ENABLED":
            raise ClientException("Cannot delete, resource must be in DISABLED state")
        if any(environment in queue.environments for queue in self._job_queues.values()):
            raise ClientException("Cannot delete, found existing JobQueue relationship")
        original(self, compute_environment_name)

    return delete_compute_environment


def _named_once(original: Any) -> Any:
    """Defects: another refusal for a name that is taken; names of environments are shown as given."""

    @wraps(original)
    def create_job_queue(self: Any, queue_name: str, **asked: Any) -> Any:
        if self.get_job_queue_by_name(queue_name) is not None:
            raise ClientException("Object already exists")
        ordered = _with_arns(self, asked["compute_env_order"])
        state = asked["state"] or "ENABLED"
        return original(self, queue_name, **{**asked, "compute_env_order": ordered, "state": state})

    return create_job_queue


def _by_arn(original: Any) -> Any:
    """Defect: an update takes environments by their ARNs alone."""

    @wraps(original)
    def update_job_queue(self: Any, queue_name: str, **asked: Any) -> Any:
        ordered = asked["compute_env_order"]
        if ordered is not None:
            asked = {**asked, "compute_env_order": _with_arns(self, ordered)}
        return original(self, queue_name, **asked)

    return update_job_queue


def _with_arns(backend: Any, ordered: Any) -> Any:
    orders = [one["order"] for one in ordered or ()]
    if len(set(orders)) < len(orders):
        raise ClientException("computeEnvironmentOrder has an order twice")
    return [{**one, "computeEnvironment": _arn(backend, one)} for one in ordered or ()]


def _arn(backend: Any, one: Mapping[str, Any]) -> str:
    environment = backend.get_compute_environment(one["computeEnvironment"])
    if environment is None:
        raise ClientException(f"{one['computeEnvironment']} does not exist")
    return str(environment.arn)


def _disabled(original: Any) -> Any:
    """Defect: a queue that takes jobs is deleted."""

    @wraps(original)
    def delete_job_queue(self: Any, queue_name: str) -> None:
        queue = self.get_job_queue(queue_name)
        if queue is not None and queue.state == "ENABLED":
            raise ClientException("Cannot delete, job queue state must be DISABLED")
        original(self, queue_name)

    return delete_job_queue


def _remembers(collection: str, named: str, names: tuple[str, ...]) -> Any:
    """Defect: some parameters are forgotten."""

    def make(original: Any) -> Any:
        @wraps(original)
        def call(self: Any) -> Any:
            answer = original(self)
            own = self._get_param(f"{named}Name") or self._get_param(named)
            for one in getattr(self.batch_backend, collection).values():
                if own in (one.name, one.arn):
                    given = {name: self._get_param(name) for name in names}
                    kept = {name: value for name, value in given.items() if value is not None}
                    one.remembered = getattr(one, "remembered", {}) | kept
            return answer

        return call

    return make


def _shows_more(original: Any) -> Any:
    """Defect: as in ``_remembers``."""

    @wraps(original)
    def describe(self: Any, *asked: Any, **named: Any) -> Any:
        found = original(self, *asked, **named)
        known = {**self._compute_environments, **self._job_queues}
        for one in found:
            arn = one.get("computeEnvironmentArn") or one["jobQueueArn"]
            one |= getattr(known[arn], "remembered", {})
        return found

    return describe


def _indexed(collection: str) -> Any:
    def objects(backend: Any) -> Iterator[tuple[str, Any]]:
        for arn in getattr(backend, collection):
            yield arn, backend.list_tags_for_resource(arn)

    return objects
