"""What is marked as sensitive, redacted or unknown."""

from __future__ import annotations

from gitbot.model.values import Redacted, Sensitive, Unknown
from gitbot.reconciler.secretive import is_marked


def test_marks_are_found_at_any_depth() -> None:
    hidden = Redacted(digest="d", key_id="k")
    assert is_marked({"a": [hidden]})
    assert is_marked([Sensitive("x")])
    assert is_marked(Unknown(template="${a.Id}"))
    assert not is_marked({"a": ["x", None, 1]})
