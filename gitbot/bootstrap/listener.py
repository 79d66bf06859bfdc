"""Records what a webhook delivery tells, and names the jobs that it wakes. Shell."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.commands.new_commands import new_commands
from gitbot.model.commands import CommandStatus
from gitbot.model.events import (
    CommentChanged,
    Delivery,
    Event,
    IssueChanged,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.model.keys import JobKey
from gitbot.ports.jobs import JobQueue
from gitbot.ports.records import Commands, DriftRows, Freezes, PullRequests, Said
from gitbot.webhooks.route import route


class Listener:
    """Receives deliveries and texts. Receiving the same one again does nothing.

    ``login`` is the bot's own login: its texts have no commands.
    ``branch`` is the tracked branch; empty: the default one of each repository.
    """

    def __init__(
        self,
        *,
        commands: Commands,
        pull_requests: PullRequests,
        said: Said,
        drift: DriftRows,
        freezes: Freezes,
        queue: JobQueue,
        login: str,
        branch: str = "",
    ) -> None:
        self._commands = commands
        self._pull_requests = pull_requests
        self._said = said
        self._drift = drift
        self._freezes = freezes
        self._queue = queue
        self._login = login
        self._branch = branch

    def note(self, delivery: Delivery) -> tuple[JobKey, ...]:
        """Record what a delivery tells; returns the keys of the jobs that it wakes.

        Every step is idempotent: a command is known by its text and line, a job by its id.

        Raises:
            TransientError: the store is not available now.
        """
        event = delivery.event
        if isinstance(event, TextWritten):
            return self._note_text(event)
        if isinstance(event, CommentChanged):
            return self._note_change(event, delivery.id)
        if isinstance(event, IssueChanged):
            return self._note_issue(event, delivery.id)
        return self._note(event, delivery.id)

    def hear_text(self, text: TextWritten) -> None:
        """Record the new commands of a comment or review, and wake the job that answers them.

        Raises:
            TransientError: the store or the queue is not available now.
        """
        for key in self._note_text(text):
            self._queue.enqueue(key)

    def _note_text(self, text: TextWritten) -> tuple[JobKey, ...]:
        known = self._commands.of_comment(text.source, text.id)
        new = new_commands(text, known, self._login)
        for command in new:
            self._commands.hear(command)
        # Wake it even if no command is new: an earlier call may have crashed before it did.
        if any(command.status is CommandStatus.HEARD for command in (*known, *new)):
            return self._keys(text, f"{text.source}:{text.id}")
        return ()

    def _note_change(self, event: CommentChanged, delivery_id: str) -> tuple[JobKey, ...]:
        """Have a comment of ours written again, or read the new text of its own author.

        Who else edited a comment is not its author, so it holds no commands of theirs.
        """
        if event.author.lower() == self._login.lower():
            if event.sender.lower() != self._login.lower():
                self._said.doubt(event.repository, event.comment)
                return self._keys(event, delivery_id)
        elif event.text is not None and event.text.by_author:
            return self._note_text(event.text)
        return ()

    def _note_issue(self, event: IssueChanged, delivery_id: str) -> tuple[JobKey, ...]:
        """Look at once at the drift or freeze whose issue somebody else closed or opened."""
        if event.sender.lower() == self._login.lower():
            return ()
        row = self._drift.of_issue(event.repository, event.number)
        freeze = self._freezes.of_issue(event.repository, event.number)
        told = replace(
            event,
            environment="" if row is None else row.stack.environment,
            frozen="" if freeze is None else freeze.environment.environment,
        )
        return self._keys(told, delivery_id)

    def _note(self, event: Event, delivery_id: str) -> tuple[JobKey, ...]:
        if isinstance(event, Pushed):
            self._note_push(event)
        if isinstance(event, PullRequestChanged) and event.pushed_by:
            self._pull_requests.note_push(event.repository, [event.head], [event.pushed_by])
        keys = self._keys(event, delivery_id)
        if isinstance(event, ReviewSubmitted) and event.text is not None:
            return (*keys, *self._note_text(event.text))
        return keys

    def _note_push(self, event: Pushed) -> None:
        """Record who pushed the commits.

        The push of a merge names the commits of its pull request once more, and who merges has not
        made them: on the tracked branch only what nobody is known to have pushed counts.
        """
        commits = set(event.commits)
        if event.ref == f"refs/heads/{self._branch or event.default_branch}":
            commits -= self._pull_requests.pushers(event.repository, commits).keys()
        self._pull_requests.note_push(event.repository, commits, event.pushers)

    def _keys(self, event: Event, reason: str) -> tuple[JobKey, ...]:
        return route(event, reason, branch=self._branch)
