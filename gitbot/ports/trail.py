"""The port to the cloud's record of who called what. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from gitbot.model.causes import Subject, Told
from gitbot.model.names import Address


class Trail(Protocol):
    """Who changed what in one account and region."""

    def told(
        self, subjects: Sequence[Subject], since: datetime, until: datetime
    ) -> Mapping[Address, Told]:
        """What is known of each resource within the window; a missing right is part of the answer.

        It is slow: the trail takes two questions a second. Events may come minutes late.

        Raises:
            CloudError: the cloud refuses for another reason than a missing right.
            TransientError: it does not answer, or was asked too often by others.
        """
