"""Do what people do in the repositories of a local GitHub, in the name of a login. Shell."""

from __future__ import annotations

from collections.abc import Sequence

from gitbot_sandbox.github.access import Actor
from gitbot_sandbox.github.actions import (
    checks,
    comments,
    devices,
    issues,
    merges,
    opening,
    pulls,
    pushes,
    queue,
)
from gitbot_sandbox.github.actions import reviews as review_actions
from gitbot_sandbox.github.administration import Files, encoded
from gitbot_sandbox.github.entities import Comment, Issue, Pull
from gitbot_sandbox.github.hub import Hub


class Acting:
    """Acts as a user does by hand on GitHub's pages; a part of ``LocalGitHub``."""

    hub: Hub

    def push_files(
        self,
        full_name: str,
        branch: str,
        files: Files,
        author: str,
        *,
        message: str = "Change files",
        start: str | None = None,
    ) -> str:
        """Commit files to a branch as a user; returns the hash. A file of None is removed.

        A branch that does not exist begins at ``start``, or else at the default branch.
        """
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            return pushes.commit_files(
                self.hub,
                repository,
                branch,
                encoded(files),
                login=self.hub.user(author).login,
                message=message,
                start=start,
            )

    def authorize_device(self, user_code: str, login: str) -> None:
        """Enter a code at ``/login/device`` as a user, and agree."""
        with self.hub.store.lock:
            devices.decide(self.hub, user_code, self.hub.user(login).login, agree=True)

    def deny_device(self, user_code: str, login: str) -> None:
        """Enter a code at ``/login/device`` as a user, and cancel."""
        with self.hub.store.lock:
            devices.decide(self.hub, user_code, self.hub.user(login).login, agree=False)

    def open_pull_request(
        self,
        full_name: str,
        *,
        author: str,
        head: str,
        title: str,
        base: str | None = None,
        body: str = "",
        draft: bool = False,
    ) -> int:
        """Open a pull request and return its number; ``head`` is ``branch`` or ``owner:branch``."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            pull = opening.open_pull(
                self.hub,
                repository,
                login=self.hub.user(author).login,
                title=title,
                head=head,
                base=base or repository.default_branch,
                body=body,
                draft=draft,
            )
            return pull.number

    def pull_request(self, full_name: str, number: int) -> Pull:
        """The entity of a pull request."""
        with self.hub.store.lock:
            return self.hub.repository(full_name).pulls[number]

    def leave_mergeability_open(self, times: int) -> None:
        """Answer the next ``times`` reads of open pull requests with ``mergeable: null``.

        GitHub does so while it still computes the answer.
        """
        with self.hub.store.lock:
            self.hub.undecided = times

    def require_checks(self, full_name: str, *names: str) -> None:
        """Let the merge queue wait for these checks."""
        with self.hub.store.lock:
            self.hub.repository(full_name).required_checks = names

    def require_approvals(self, full_name: str, number: int, *bypass: str) -> None:
        """Ask for so many approvals of a merge, but not of the logins that may bypass it."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            repository.required_approvals, repository.bypass = number, frozenset(bypass)

    def allow_drafts(self, full_name: str, *, allowed: bool) -> None:
        """Have drafts or not: a private repository of some plans has none."""
        with self.hub.store.lock:
            self.hub.repository(full_name).drafts = allowed

    def queue(self, full_name: str, number: int, author: str) -> str:
        """Press "Merge when ready"; returns the commit that waits for its checks."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            pull, by = repository.pulls[number], self.hub.user(author).login
            return queue.enqueue(self.hub, repository, pull, by).head_sha

    def leave_merges_unseen(self) -> None:
        """Leave pull requests open whose heads are pushed to their base, until ``see_merge``.

        GitHub can take a second and more to say that such a pull request is merged.
        """
        with self.hub.store.lock:
            self.hub.sees_merges = False

    def see_merge(self, full_name: str, number: int, pusher: str) -> None:
        """Say that a pushed pull request is merged, and see later ones at once again."""
        with self.hub.store.lock:
            self.hub.sees_merges = True
            repository = self.hub.repository(full_name)
            pulls.see_merge(self.hub, repository, repository.pulls[number], pusher)

    def push_merge(self, full_name: str, number: int, author: str) -> str:
        """Merge by pushing, as bors does: move the base branch to the head; returns the commit."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            pull = repository.pulls[number]
            ref, old = f"refs/heads/{pull.base_ref}", pulls.base_tip(self.hub, repository, pull)
            self.hub.git(repository).update_ref(ref, pull.head_sha, old)
            login = self.hub.user(author).login
            pushes.ref_moved(self.hub, repository, ref, old, pull.head_sha, login)
            return pull.head_sha

    def comment(self, full_name: str, number: int, author: str, body: str) -> int:
        """Comment on an issue or pull request; returns the comment's id."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            return comments.create_comment(self.hub, repository, number, by, body).id

    def comments(self, full_name: str, number: int) -> list[Comment]:
        """The comments of an issue or pull request, oldest first."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            return [c for c in repository.comments.values() if c.number == number]

    def create_issue(
        self, full_name: str, author: str, title: str, body: str = "", labels: Sequence[str] = ()
    ) -> Issue:
        """Open an issue."""
        with self.hub.store.lock:
            return issues.create_issue(
                self.hub,
                self.hub.repository(full_name),
                Actor(user=self.hub.user(author)),
                title=title,
                body=body,
                labels=list(labels),
            )

    def edit_comment(self, full_name: str, comment: int, author: str, body: str) -> None:
        """Replace a comment's text."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            comments.edit_comment(self.hub, repository, repository.comments[comment], by, body)

    def delete_comment(self, full_name: str, comment: int, author: str) -> None:
        """Delete a comment."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            comments.delete_comment(self.hub, repository, repository.comments[comment], by)

    def issue(self, full_name: str, number: int) -> Issue:
        """The entity of an issue, or of the issue side of a pull request."""
        with self.hub.store.lock:
            return self.hub.repository(full_name).issues[number]

    def delete_issue(self, full_name: str, number: int, author: str) -> None:
        """Delete an issue for good."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            issues.delete(self.hub, repository, repository.issues[number], by)

    def transfer_issue(self, full_name: str, number: int, target: str, author: str) -> int:
        """Move an issue to another repository of the owner; returns its number there."""
        with self.hub.store.lock:
            repository, there = self.hub.repository(full_name), self.hub.repository(target)
            by = self.hub.user(author).login
            return issues.transfer(self.hub, repository, repository.issues[number], there, by)

    def lock(self, full_name: str, number: int, author: str, *, locked: bool = True) -> None:
        """Lock or unlock the conversation of an issue or pull request."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            issues.set_lock(self.hub, repository, repository.issues[number], by, locked=locked)

    def approve(self, full_name: str, number: int, author: str, body: str = "") -> int:
        """Approve a pull request; returns the review's id."""
        return self.review(full_name, number, author, "APPROVE", body)

    def request_changes(self, full_name: str, number: int, author: str, body: str) -> int:
        """Request changes; returns the review's id."""
        return self.review(full_name, number, author, "REQUEST_CHANGES", body)

    def review(self, full_name: str, number: int, author: str, event: str, body: str = "") -> int:
        """Submit a review (APPROVE, REQUEST_CHANGES or COMMENT); returns its id."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pull = repository.pulls[number]
            return review_actions.submit(self.hub, repository, pull, by, event, body=body).id

    def edit_review(self, full_name: str, number: int, review: int, author: str, body: str) -> None:
        """Replace a review's text."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            pull, by = repository.pulls[number], self.hub.user(author).login
            found = next(each for each in pull.reviews if each.id == review)
            review_actions.edit(self.hub, repository, pull, found, by, body)

    def merge(
        self,
        full_name: str,
        number: int,
        author: str,
        *,
        method: str = "merge",
        sha: str | None = None,
    ) -> str:
        """Merge (merge, squash or rebase); returns the new commit of the base branch."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pull = repository.pulls[number]
            return merges.merge(self.hub, repository, pull, by, method=method, sha=sha)

    def close(self, full_name: str, number: int, author: str, reason: str = "completed") -> None:
        """Close an issue for this reason, or a pull request unmerged."""
        self._set_state(full_name, number, author, "closed", reason)

    def reopen(self, full_name: str, number: int, author: str) -> None:
        """Reopen an issue or pull request."""
        self._set_state(full_name, number, author, "open")

    def _set_state(
        self, full_name: str, number: int, author: str, state: str, reason: str | None = None
    ) -> None:
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            if number in repository.pulls:
                pulls.set_state(self.hub, repository, repository.pulls[number], by, state)
            else:
                issue = repository.issues[number]
                issues.set_state(self.hub, repository, issue, by, state, reason)

    def mark_ready(self, full_name: str, number: int, author: str) -> None:
        """Turn a draft into a pull request that is ready for review."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            by = self.hub.user(author).login
            pulls.set_draft(self.hub, repository, repository.pulls[number], by, draft=False)

    def rerequest_check(self, full_name: str, check_run: int, author: str) -> None:
        """Press "Re-run" on a check run."""
        with self.hub.store.lock:
            repository = self.hub.repository(full_name)
            run = repository.check_runs[check_run]
            checks.rerequest(self.hub, repository, run, self.hub.user(author).login)
