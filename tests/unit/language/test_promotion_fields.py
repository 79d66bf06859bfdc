"""What ``promotesFrom`` of an environment means, and what is refused in it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gitbot.language.hashing import rules_hash
from gitbot.language.places import place_in
from gitbot.model.codec import from_data, to_open_data
from gitbot.model.desired import LoadedTree
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.promotion import How, PromotionRules
from gitbot.model.tree import SpecTree
from tests.unit.language.specs_by_hand import codes, load_files

HEAD = (
    "apiVersion: gitbot/v1\nkind: Environment\nmetadata: {{name: {}}}\nspec:\n  region: eu-west-1\n"
)


def tree(**promotes: str) -> LoadedTree:
    return load_files(
        {
            f"specs/{name}/environment.yaml": HEAD.format(name)
            + (f"  promotesFrom: {given}\n" if given else "")
            for name, given in promotes.items()
        }
    )


def rules(given: str) -> PromotionRules | None:
    loaded = tree(dev="", staging=given)
    assert codes(loaded) == []
    found = loaded.environments["staging"]
    assert rules_hash(found) != rules_hash(loaded.environments["dev"])
    # What the loader's child sends comes back as it was.
    return from_data(to_open_data(found.promotes_from), PromotionRules)


def test_an_environment_is_promoted_from_none_unless_it_says_so() -> None:
    assert tree(dev="").environments["dev"].promotes_from is None


@pytest.mark.parametrize("given", ["dev", "{environment: dev}"])
def test_an_environment_alone_is_enough(given: str) -> None:
    assert rules(given) == PromotionRules(source="dev", how=How.PR, soak=timedelta())


def test_everything_can_be_said() -> None:
    given = (
        "{environment: dev, how: merge, soak: 1h30m, keep: [/spec/values/my_ip, /spec/resources/*/a~1b],"
        " labels: [promotion], reviewers: [mona, acme/sre], assign: authors, titlePrefix: 'chore: ',"
        " commitPrefix: 'ops: '}"
    )
    assert rules(given) == PromotionRules(
        source="dev",
        how=How.MERGE,
        soak=timedelta(hours=1, minutes=30),
        keep=(("spec", "values", "my_ip"), ("spec", "resources", "*", "a/b")),
        labels=("promotion",),
        reviewers=("mona", "acme/sre"),
        assign_authors=True,
        title_prefix="chore: ",
        commit_prefix="ops: ",
    )


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{how: pr}", "environment"),
        ("{environment: dev, how: never}", "off, pr, merge"),
        ("{environment: dev, soak: 60d}", "too long"),
        ("{environment: dev, keep: [values/my_ip]}", "begins neither with /spec/"),
        ("{environment: dev, reviewers: ['a b']}", "is not allowed"),
        ("{environment: dev, assign: mona}", "authors, nobody"),
        ("staging", "cannot be promoted from itself"),
        ("devv", '"devv", which the specs do not have'),
    ],
)
def test_what_cannot_be_is_refused(given: str, says: str) -> None:
    found = tree(dev="", staging=given).diagnostics
    assert len(found) == 1
    assert says in found[0].detail
    assert found[0].environment == "staging"


@pytest.mark.parametrize(
    ("given", "line", "column"),
    [("devv", 6, 17), ("{environment: devv}", 6, 31), ("\n    environment: devv", 7, 18)],
)
def test_a_source_that_is_not_there_is_told_where_it_is_named(
    given: str, line: int, column: int
) -> None:
    (found,) = tree(dev="", staging=given).diagnostics
    assert (found.line, found.column) == (line, column)


def test_what_a_file_says_elsewhere_is_told_at_its_document() -> None:
    nothing = SpecTree(id="t")
    assert place_in(nothing, SourceSpan(file="x", line=3, column=2), "(?P<at>x)") == (3, 2)


def test_a_circle_is_refused_where_it_is() -> None:
    found = tree(dev="", staging="prod", prod="staging", other="dev", more="prod").diagnostics
    assert [(one.environment, one.detail) for one in found] == [
        ("prod", "prod is promoted from staging, which is promoted from prod in turn."),
        ("staging", "staging is promoted from prod, which is promoted from staging in turn."),
    ]


def test_a_source_that_does_not_load_is_told_where_it_is_wrong_and_only_there() -> None:
    found = tree(dev="{environment: qa, how: never}", staging="dev").diagnostics
    assert [one.environment for one in found] == ["dev"]
