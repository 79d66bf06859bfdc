"""Handles a webhook delivery inside its request: records commands and wakes jobs. Shell."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace

from gitbot.decisions.commands.new_commands import new_commands
from gitbot.model.commands import CommandStatus
from gitbot.model.events import (
    CommentChanged,
    Event,
    IssueChanged,
    PullRequestChanged,
    Pushed,
    ReviewSubmitted,
    TextWritten,
)
from gitbot.ports.jobs import JobQueue
from gitbot.ports.records import Commands, DriftRows, Freezes, Journal, PullRequests, Said
from gitbot.ports.time import Clock
from gitbot.webhooks.parse import Delivery
from gitbot.webhooks.route import route


class Listener:
    """Receives deliveries and texts. Receiving the same one again does nothing.

    ``served`` are the ids of the repositories that this server serves; deliveries of others are
    ignored. ``login`` is the bot's own login: its texts have no commands.
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
        journal: Journal,
        queue: JobQueue,
        clock: Clock,
        served: Container[str],
        login: str,
        branch: str = "",
    ) -> None:
        self._commands = commands
        self._pull_requests = pull_requests
        self._said = said
        self._drift = drift
        self._freezes = freezes
        self._journal = journal
        self._queue = queue
        self._clock = clock
        self._served = served
        self._login = login
        self._branch = branch

    def hear(self, delivery: Delivery) -> None:
        """Wake the jobs of a delivery.

        Every step is idempotent: a command is known by its text and line, a job by its id.
        Record the delivery last: if we crash before that, GitHub's redelivery is processed again.

        Raises:
            TransientError: the store or the queue is not available now.
        """
        event = delivery.event
        if getattr(event, "repository", None) not in self._served:
            return
        if isinstance(event, TextWritten):
            self.hear_text(event)
        elif isinstance(event, CommentChanged):
            self._hear_change(event, delivery.id)
        elif isinstance(event, IssueChanged):
            self._hear_issue(event, delivery.id)
        else:
            self._hear(event, delivery.id)
        self._journal.hear_delivery(delivery.id, delivery.event_name, self._clock.now())

    def hear_text(self, text: TextWritten) -> None:
        """Record the new commands of a comment or review, and wake the job that answers them.

        Raises:
            TransientError: the store or the queue is not available now.
        """
        known = self._commands.of_comment(text.source, text.id)
        new = new_commands(text, known, self._login)
        for command in new:
            self._commands.hear(command)
        # Wake it even if no command is new: an earlier call may have crashed before it did.
        if any(command.status is CommandStatus.HEARD for command in (*known, *new)):
            self._wake(text, f"{text.source}:{text.id}")

    def _hear_change(self, event: CommentChanged, delivery_id: str) -> None:
        """Have a comment of ours written again, or read the new text of its own author.

        Who else edited a comment is not its author, so it holds no commands of theirs.
        """
        if event.author.lower() == self._login.lower():
            if event.sender.lower() != self._login.lower():
                self._said.doubt(event.repository, event.comment)
                self._wake(event, delivery_id)
        elif event.text is not None and event.text.by_author:
            self.hear_text(event.text)

    def _hear_issue(self, event: IssueChanged, delivery_id: str) -> None:
        """Look at once at the drift or freeze whose issue somebody else closed or opened."""
        if event.sender.lower() == self._login.lower():
            return
        row = self._drift.of_issue(event.repository, event.number)
        freeze = self._freezes.of_issue(event.repository, event.number)
        told = replace(
            event,
            environment="" if row is None else row.stack.environment,
            frozen="" if freeze is None else freeze.environment.environment,
        )
        self._wake(told, delivery_id)

    def _hear(self, event: Event, delivery_id: str) -> None:
        if isinstance(event, Pushed):
            self._note_push(event)
        if isinstance(event, PullRequestChanged) and event.pushed_by:
            self._pull_requests.note_push(event.repository, [event.head], [event.pushed_by])
        self._wake(event, delivery_id)
        if isinstance(event, ReviewSubmitted) and event.text is not None:
            self.hear_text(event.text)

    def _note_push(self, event: Pushed) -> None:
        """Record who pushed the commits.

        The push of a merge names the commits of its pull request once more, and who merges has not
        made them: on the tracked branch only what nobody is known to have pushed counts.
        """
        commits = set(event.commits)
        if event.ref == f"refs/heads/{self._branch or event.default_branch}":
            commits -= self._pull_requests.pushers(event.repository, commits).keys()
        self._pull_requests.note_push(event.repository, commits, event.pushers)

    def _wake(self, event: Event, reason: str) -> None:
        for key in route(event, reason, branch=self._branch):
            self._queue.enqueue(key)
