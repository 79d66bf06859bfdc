"""The port to what gitbot has written on GitHub. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

from gitbot.model.names import Sha
from gitbot.model.said import SaidComment, Topic, TopicKind


class Said(Protocol):
    """The comments and checks that gitbot has written, so that it does not write them twice."""

    def comment(self, repository: str, number: int, topic: Topic) -> SaidComment | None:
        """The comment about the topic; None when none was written."""

    def put_comment(
        self, repository: str, number: int, topic: Topic, comment: SaidComment, body: str
    ) -> None:
        """Record the comment about the topic, and its text. It replaces the earlier record."""

    def body(self, repository: str, number: int, topic: Topic) -> str | None:
        """The text that we wrote about the topic; None when it was not recorded."""

    def comments(
        self, repository: str, number: int, kind: TopicKind
    ) -> Mapping[Topic, SaidComment]:
        """The comments of this kind on the pull request or issue, by topic."""

    def topic_of(self, repository: str, comment: int) -> Topic | None:
        """What our comment with this id is about; None when it is not recorded as ours."""

    def doubt(self, repository: str, comment: int) -> None:
        """Record that somebody changed or deleted our comment: it must be written again."""

    def waiting_issue(self, repository: str) -> SaidComment | None:
        """The issue about what waits: its number as ``comment``, and the hash of what it lists."""

    def put_waiting_issue(self, repository: str, number: int, listed: str) -> None:
        """Record the issue about what waits. It replaces the earlier record."""

    def checks(self, repository: str, commit: Sha) -> Mapping[str, str]:
        """The checks that were set on a commit: state and hex SHA-256 of the content, by name."""

    def put_check(self, repository: str, commit: Sha, name: str, body_hash: str) -> None:
        """Record the check. It replaces the earlier record of that name."""

    def forget_checks(self, repository: str, commit: Sha, names: Collection[str]) -> None:
        """Forget these checks of the commit, so that they are set again even if they are the same."""

    def told(self, repository: str, environment: str, occasion: str) -> frozenset[int]:
        """The pull requests that were told of this occasion in the environment."""

    def put_told(self, repository: str, number: int, environment: str, occasion: str) -> None:
        """Record that the pull request was told of the occasion."""
