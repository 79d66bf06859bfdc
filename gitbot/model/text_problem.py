"""What a reader of a text found wrong in it, and where. Pure."""

from __future__ import annotations


class TextProblemError(Exception):
    """The text cannot be read.

    ``detail`` says what is wrong, as a sentence. ``fix`` says how to write it. ``at`` is the index
    in the text of the first character that is wrong.
    """

    def __init__(self, detail: str, fix: str, at: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.fix = fix
        self.at = at
