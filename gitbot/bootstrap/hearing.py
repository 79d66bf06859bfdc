"""What is done with a webhook delivery inside its request: remember it and wake jobs. Shell."""

from __future__ import annotations

from gitbot.model.events import CommentCreated, Event, PullRequestChanged
from gitbot.model.run import Command, CommandStatus
from gitbot.ports import Clock, JobQueue, RunStore
from gitbot.webhooks.app import Delivery
from gitbot.webhooks.commands import parse_commands
from gitbot.webhooks.route import route

EDITED = (
    "this comment was changed after it was written, and it may have been changed by somebody else: "
    "write the command in a new comment."
)


class Ear:
    """Hears deliveries and comments; hearing the same one again does nothing.

    ``served`` are the ids of the repositories that this server works for; others are not heard.
    """

    def __init__(
        self, *, runs: RunStore, queue: JobQueue, clock: Clock, served: frozenset[str], login: str
    ) -> None:
        self._runs = runs
        self._queue = queue
        self._clock = clock
        self._served = served
        self._login = login

    def hear(self, delivery: Delivery) -> None:
        """Wake the jobs of a delivery.

        Every step may be done twice: commands are known by their comment, jobs by the delivery. The
        delivery itself is remembered last, so that one that died half-way is not taken for heard.
        """
        event = delivery.event
        if getattr(event, "repository", None) not in self._served:
            return
        if isinstance(event, CommentCreated):
            self.hear_comment(event)
        else:
            self._note(event)
            for request in route(event, delivery.id):
                self._queue.enqueue(request)
        self._runs.hear_delivery(delivery.id, delivery.event_name, self._clock.now())

    def hear_comment(self, event: CommentCreated) -> None:
        """Keep the comment's commands, as they are written now, and wake their job."""
        if event.author == self._login or not event.on_pull_request:
            return
        for command in _commands(event):
            self._runs.add_command(command)
        known = self._runs.commands_of_comment(event.comment)
        # Also when it was kept before: whoever kept it may have died before the next line.
        if any(command.status is CommandStatus.HEARD for command in known):
            for request in route(event, str(event.comment)):
                self._queue.enqueue(request)

    def _note(self, event: Event) -> None:
        if isinstance(event, PullRequestChanged) and event.pushed_by:
            self._runs.note_push(event.repository, event.head, event.pushed_by)


def _commands(event: CommentCreated) -> tuple[Command, ...]:
    return tuple(
        Command(
            comment=event.comment,
            line=number,
            repository=event.repository,
            pull_request=event.number,
            author=event.author,
            verb=parsed.verb,
            environment=parsed.environment,
            digest=parsed.digest,
            written_at=event.written_at,
            answer=parsed.problem or (EDITED if event.edited else None),
        )
        for number, parsed in enumerate(parse_commands(event.body))
    )
