"""What the check of the tip says of what stacks use and do not manage."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gitbot.model.forge import CheckState
from gitbot.model.names import Address
from gitbot.model.newer import LostSecret, Newer, NewerAnswer, Rotation
from gitbot.render.drift_checks import drift_check
from tests.unit.decisions.drift.drift_by_hand import STACK, row

IMAGE = NewerAnswer(lookup=Address("lookups.image"), says="ami-2 would be found now; it stays")
SECRETS = ("ssm:/a (version 1 → 2)", "ssm:/b (version 3 → 4)")
NAMES = (Address("user"), Address('data["x"].bucket'))


@pytest.mark.parametrize(
    ("one", "says"),
    [
        (IMAGE, "`dev/web`: `lookups.image`: ami-2 would be found now; it stays."),
        (
            LostSecret(reference="ssm:/a", says="It does not exist. Create it."),
            "`dev/web`: `ssm:/a` cannot be had any more, so the stack cannot be planned. It does not "
            "exist. Create it.",
        ),
        (
            Rotation(secrets=SECRETS, updates=NAMES),
            "rotated: `ssm:/a (version 1 → 2), ssm:/b (version 3 → 4)`. The next apply updates "
            '`user`, `data["x"].bucket`.',
        ),
        (Rotation(secrets=SECRETS[:1], replaces=NAMES[:1]), "The next apply replaces `user`."),
        (
            Rotation(secrets=(), updates=NAMES[1:], replaces=NAMES[:1]),
            "a secret in `replaceWhen` was rotated. The next apply updates "
            '`data["x"].bucket` and replaces `user`.',
        ),
        (Rotation(secrets=SECRETS), "The next apply changes nothing for it."),
        (
            Rotation(secrets=SECRETS, refused="user is protected."),
            "What the next apply would do is not known: user is protected.",
        ),
    ],
)
def test_each_thing_is_one_line_and_no_alarm(one: Newer, says: str) -> None:
    check = drift_check("dev", [], (), (), {STACK: [one]})
    assert check.state is CheckState.SUCCESS
    assert says in check.summary
    assert check.title == (
        "The cloud is as it was applied; one stack uses something that has a newer version"
    )


def test_what_is_newer_stands_beside_drift_and_is_cut_where_it_is_much() -> None:
    other = replace(STACK, name="other")
    check = drift_check("dev", [row()], (), (), {STACK: [IMAGE] * 60, other: [IMAGE]})
    assert (check.state, check.title) == (CheckState.NEUTRAL, "Drift: dev/web")
    assert "And 11 more." in check.summary
    two = drift_check("dev", [], (), (), {STACK: [IMAGE], other: [IMAGE]})
    assert two.title.endswith("2 stacks use something that has a newer version")
    assert drift_check("dev", [], (), (), {}).title == "The cloud is as it was applied"
