"""The arguments that begin with a word of their own: ``until`` and ``because``. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from gitbot.decisions.commands.arguments import BadArgumentError, Read, shown

LONGEST_REASON = 500
_MOMENT = re.compile(
    r"(?P<date>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[T ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2})?) ?(?P<offset>Z|[+-][0-9]{2}:[0-9]{2})?)?",
    re.IGNORECASE | re.ASCII,
)
_MOST_WORDS = 3  # a date, a time and an offset


class UntilArgument:
    """``until`` and a date, or a date and a time: gives ``until``, as ``2026-12-24T18:00+01:00``.

    The time and the offset are left out of the value where they are left out of the line: whoever
    answers knows the time zone of the environment.
    """

    usage = "until date"
    required = True
    keyword = "until"

    def claims(self, word: str) -> bool:
        """Whether it is the word ``until``."""
        return is_keyword(word, self.keyword)

    def read(self, words: Sequence[str]) -> Read:
        """``until`` and the longest moment behind it.

        Raises BadArgumentError when the first word is another, or no valid moment follows.
        """
        if not self.claims(words[0]):
            raise BadArgumentError(f"say until when: {_HOW_UNTIL}.")
        after = words[1:]
        for count in range(min(_MOST_WORDS, len(after)), 0, -1):
            moment = _moment(" ".join(after[:count]))
            if moment is not None:
                return {"until": moment}, after[count:]
        if not after:
            raise BadArgumentError(f"say until when: {_HOW_UNTIL}.")
        raise BadArgumentError(f"{shown(after[0])} is no date: {_HOW_UNTIL}.")


class BecauseArgument:
    """``because`` and the rest of the line: gives ``because``, in any script."""

    keyword = "because"

    def __init__(self, *, required: bool = True) -> None:
        self.required = required
        self.usage = "because reason" if required else "[because reason]"

    def claims(self, word: str) -> bool:
        """Whether it is the word ``because``."""
        return is_keyword(word, self.keyword)

    def read(self, words: Sequence[str]) -> Read:
        """``because`` and every word behind it.

        Raises BadArgumentError when the first word is another, no word follows, the reason is too
        long, or it has a character that cannot be seen.
        """
        reason = " ".join(words[1:]) if self.claims(words[0]) else ""
        if not reason:
            raise BadArgumentError(
                "say why: write `because` and the reason at the end of the line."
            )
        if len(reason) > LONGEST_REASON:
            raise BadArgumentError(f"write the reason in at most {LONGEST_REASON} characters.")
        if not reason.isprintable():
            raise BadArgumentError(
                "there is a character behind `because` that cannot be seen: type the line again."
            )
        return {"because": reason}, ()


def is_keyword(word: str, keyword: str) -> bool:
    """Whether the word is the keyword, in any letter case and with or without a colon behind."""
    return word.rstrip(":,").lower() == keyword


def before_reason(line: str) -> str:
    """The part of a command line in front of its reason; only this part must be plain ASCII."""
    found = _BECAUSE.search(line)
    return line if found is None else line[: found.start()]


_BECAUSE = re.compile(r"[ \t]because[:,]?(?=[ \t])", re.IGNORECASE | re.ASCII)
_HOW_UNTIL = "write `until 2026-12-24` or `until 2026-12-24 18:00`"


def _moment(text: str) -> str | None:
    """The moment in ISO 8601, without what the text leaves out; None when it is none."""
    found = _MOMENT.fullmatch(text)
    if found is None:
        return None
    time = f"T{found['time']}{(found['offset'] or '').upper()}" if found["time"] else ""
    written = f"{found['date']}{time}"
    try:
        datetime.fromisoformat(written)
    except ValueError:
        return None
    return written
