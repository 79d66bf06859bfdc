"""Open pull requests. Shell."""

from __future__ import annotations

from gitbot_sandbox.github.actions.pulls import NO_DRAFTS, announce
from gitbot_sandbox.github.entities import Issue, Pull, Repository
from gitbot_sandbox.github.hub import Hub
from gitbot_sandbox.github.problems import Problem, check_length, invalid


def open_pull(
    hub: Hub,
    repository: Repository,
    *,
    login: str,
    title: str,
    head: str,
    base: str,
    body: str | None = None,
    draft: bool = False,
) -> Pull:
    """Open a pull request and return it; ``head`` is ``branch`` or ``owner:branch``.

    Raises:
        Problem: 422, worded as GitHub does: no such branch, no commits, or one is open already.
    """
    check_length("PullRequest", "title", title, 256)
    check_length("PullRequest", "body", body or "")
    source, head_ref = _head_repository(hub, repository, head)
    head_sha = _newest(hub, source, head_ref, "head")
    base_sha = _newest(hub, repository, base, "base")
    _refuse_second(repository, source, head_ref, base)
    if draft and not repository.drafts:
        raise _custom(NO_DRAFTS)
    pull = Pull(
        id=hub.store.new_id(),
        number=repository.last_number + 1,
        head_repository=source.id,
        head_owner=source.owner,
        head_ref=head_ref,
        head_sha=head_sha,
        base_ref=base,
        base_sha=base_sha,
        draft=draft,
    )
    _fetch_head(hub, repository, pull, source, head)
    _register(hub, repository, pull, login=login, title=title, body=body)
    announce(hub, repository, pull, "opened", login)
    return pull


def _newest(hub: Hub, repository: Repository, branch: str, field: str) -> str:
    """The newest commit of the branch. Raises Problem for the field when there is no such branch."""
    sha = hub.git(repository).branch(branch)
    if sha is None:
        raise invalid("PullRequest", field)
    return sha


def _fetch_head(
    hub: Hub, repository: Repository, pull: Pull, source: Repository, head: str
) -> None:
    """Fetch the head into the base's repository. Raises Problem 422 if it has nothing new."""
    git, ref = hub.git(repository), f"refs/pull/{pull.number}/head"
    git.fetch_from(hub.git(source), pull.head_sha, ref)
    if git.is_ancestor(pull.head_sha, pull.base_sha):
        git.delete_ref(ref)
        raise _custom(f"No commits between {pull.base_ref} and {head}")


def _register(
    hub: Hub, repository: Repository, pull: Pull, *, login: str, title: str, body: str | None
) -> None:
    """Add the pull request and its issue under their common number."""
    now = hub.now()
    repository.issues[pull.number] = Issue(
        id=hub.store.new_id(),
        number=repository.take_number(),
        title=title,
        body=body,
        author=login,
        created_at=now,
        updated_at=now,
    )
    repository.pulls[pull.number] = pull


def _refuse_second(repository: Repository, source: Repository, head_ref: str, base: str) -> None:
    for pull in repository.pulls.values():
        same = (pull.head_repository, pull.head_ref, pull.base_ref) == (source.id, head_ref, base)
        if same and repository.issues[pull.number].state == "open":
            raise _custom(f"A pull request already exists for {source.owner}:{head_ref}.")


def _head_repository(hub: Hub, repository: Repository, head: str) -> tuple[Repository, str]:
    owner, colon, ref = head.partition(":")
    if not colon:
        return repository, head
    if owner.lower() == repository.owner.lower():
        return repository, ref
    for candidate in hub.store.repositories.values():
        if candidate.owner.lower() == owner.lower() and candidate.parent == repository.id:
            return candidate, ref
    raise invalid("PullRequest", "head")


def _custom(message: str) -> Problem:
    return Problem(
        422,
        "Validation Failed",
        [{"resource": "PullRequest", "code": "custom", "message": message}],
    )
