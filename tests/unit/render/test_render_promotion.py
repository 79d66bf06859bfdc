"""The sentences about a promotion: each says what, where, why and what to do."""

from __future__ import annotations

from gitbot.model.promotion import (
    Bound,
    Conflict,
    Difference,
    Lacking,
    PlacedConflict,
    PromotedStack,
    Why,
)
from gitbot.render.promotion import decisions, pointer, shown, stays

SIZE = ("spec", "resources", "vm", "Size")


def stack(**given: object) -> PromotedStack:
    return PromotedStack(
        name="web", source="dev", target="staging", path="specs/staging/web.yaml", **given
    )  # type: ignore[arg-type]


def test_what_a_person_must_decide() -> None:
    found = stack(
        conflicts=(
            PlacedConflict(
                conflict=Conflict(path=SIZE, source="big", target=None),
                source="specs/dev/web.yaml:7",
                target="specs/staging/web.yaml:9",
            ),
        ),
        bound=(Bound(path=("spec", "a/b"), value="ami-12345678", what="it is of one region"),),
        lacking=(
            Lacking(
                file="specs/staging/environment.yaml", path=("spec", "variables", "x"), of=SIZE
            ),
            Lacking(file="", path=("spec", "values", "x"), of=("spec", "variables", "x")),
        ),
    )
    assert found.is_draft
    assert list(decisions(found)) == [
        "`/spec/resources/vm/Size` was changed in both: dev has `big` (specs/dev/web.yaml:7), staging "
        "has nothing (specs/staging/web.yaml:9). staging's value is left: write what is right on this "
        "branch, or keep it.",
        "`/spec/a~1b` becomes `ami-12345678`: it is of one region. Write what is right for staging, or "
        "make it a variable of the environment.",
        "`/spec/resources/vm/Size` needs `/spec/variables/x` in `specs/staging/environment.yaml`, which "
        "staging does not have. Add it.",
        "`/spec/variables/x` needs `/spec/values/x` in `specs/staging/web.yaml`, which staging does not "
        "have. Add it.",
    ]


def test_what_stays_and_why() -> None:
    found = stack(
        deleted=("disk",),
        differences=tuple(
            Difference(path=SIZE, source=1, target={"a": True}, why=why) for why in Why
        ),
    )
    assert not found.is_draft
    head = '`/spec/resources/vm/Size` stays `{"a": true}` (dev: `1`): '
    assert list(stays(found)) == [
        f"{head}`promotesFrom.keep` of staging names it.",
        f"{head}every environment has its own.",
        f"{head}staging had set a value of its own.",
        f"{head}only staging has changed it.",
        "`disk` is not in dev any more and stays in staging: deletions come in a pull request of their "
        "own.",
    ]
    assert next(iter(stays(stack(deleted=("a", "b"))))).startswith(
        "`a`, `b` are not in dev any more"
    )


def test_a_value_is_shown_on_one_line_and_shortened() -> None:
    assert [shown("a\n`b`"), shown(""), shown("x" * 200), pointer(("a~", 0))] == [
        "`a 'b'`",
        "`(empty)`",
        f"`{'x' * 120}…`",
        "/a~0/0",
    ]
