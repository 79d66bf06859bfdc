"""The file of the target after a promotion: its own bytes, and the lines of the change."""

from __future__ import annotations

import difflib

import pytest

from gitbot.decisions.promotion.proposal import (
    Proposal,
    StackText,
    line_of,
    promoted,
    propose,
    target_path,
)
from gitbot.decisions.promotion.stacks import Edge, edge_of
from gitbot.errors import InvariantError
from gitbot.language.editing.pieces import EditError
from gitbot.language.editing.whole import document_text
from gitbot.model.desired import Environment
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.promotion import PromotionRules

EDGE = Edge(source="dev", target="staging", variables=frozenset({"ami"}))

DEV = """\
# Of the team.
kind: Stack
metadata: {name: web}
spec:
  ttl: 3d
  values:
    size: small   # cheap
  resources:
    vm:
      type: A
      properties: {Size: "${vars.size}"}
"""
STAGING = """\
kind:   Stack
metadata: {name: web}
spec:
    # ours
    values: {size: big}

    resources:
        vm:   # the machine
            type: A
            properties: {Size: "${vars.size}"}
        # the last
"""
DISK = """\
    # where the data is
    disk:
      type: AWS::EC2::Volume   # gp3
      properties:
        Tags: [{Key: a, Value: "${stack.name}"}]
"""


def at(text: str, environment: str = "dev", document: int = 0) -> StackText:
    return StackText(path=f"specs/{environment}/web.yaml", text=text, document=document)


def lines_of(found: Proposal) -> str:
    before = (found.before or "").splitlines(keepends=True)
    diff = difflib.unified_diff(before, found.text.splitlines(keepends=True), n=0)
    return "".join(line for line in diff if not line.startswith(("---", "+++", "@@")))


def test_what_is_new_is_written_as_in_the_source_with_its_comments() -> None:
    found = propose(DEV, at(DEV + DISK), at(STAGING, "staging"), EDGE)
    assert lines_of(found) == (
        "+        # where the data is\n"
        "+        disk:\n"
        "+          type: AWS::EC2::Volume   # gp3\n"
        "+          properties:\n"
        '+            Tags: [{Key: a, Value: "${stack.name}"}]\n'
    )
    assert (found.path, found.before) == ("specs/staging/web.yaml", STAGING)
    again = propose(DEV, at(DEV + DISK), at(found.text, "staging"), EDGE)
    assert again.is_nothing
    back = propose(found.base, at(DEV), at(found.text, "staging"), EDGE)
    assert back.is_nothing
    assert back.without == STAGING


def test_a_line_break_of_the_target_stays_its_own() -> None:
    staging = STAGING.replace("\n", "\r\n")
    found = propose(DEV, at(DEV + DISK), at(staging, "staging"), EDGE)
    assert found.text.count("\r\n") == found.text.count("\n") == staging.count("\n") + 5


def test_a_renamed_resource_keeps_its_place_and_its_comments() -> None:
    source = DEV.replace("    vm:\n", "    server:\n      lifecycle: {moved: vm}\n")
    found = propose(DEV, at(source), at(STAGING, "staging"), EDGE)
    assert lines_of(found) == (
        "-        vm:   # the machine\n"
        "+        server:   # the machine\n"
        "+            lifecycle: {moved: vm}\n"
    )


def test_a_deletion_comes_apart_and_the_base_waits_for_it() -> None:
    before = DEV + DISK
    staging = STAGING + "".join(f"    {line}\n" for line in DISK.splitlines())
    source = DEV.replace("type: A", "type: B")
    found = propose(before, at(source), at(staging, "staging"), EDGE)
    assert lines_of(found) == "-            type: A\n+            type: B\n"
    assert found.merged.deleted == ("disk",)
    assert found.without == STAGING.replace("type: A", "type: B")
    assert "disk:" in found.base
    assert found.base.startswith("# Of the team.")
    later = propose(found.base, at(source), at(found.text, "staging"), EDGE)
    assert later.is_nothing
    assert (later.merged.deleted, later.without) == (("disk",), found.without)
    over = propose(found.base, at(source), at(found.without, "staging"), EDGE)
    assert over.is_nothing
    assert (over.merged.deleted, over.base) == ((), source)


def test_a_new_stack_is_the_sources_text_without_its_lifetime() -> None:
    found = propose(None, at(DEV), None, EDGE)
    assert (found.path, found.before) == ("specs/staging/web.yaml", None)
    assert found.text == DEV.replace("  ttl: 3d\n", "")
    assert not found.is_nothing


def test_a_new_stack_of_a_shared_file_joins_the_file_of_the_target() -> None:
    text = "kind: Stack\nmetadata: {name: a}\n---\n" + DEV
    other = "kind: Stack\nmetadata: {name: b}"
    found = propose(None, at(text, document=1), None, EDGE, beside=other)
    assert found.text == other + "\n---\n" + DEV.replace("  ttl: 3d\n", "")
    assert found.before == other


def test_a_file_that_cannot_be_read_is_refused() -> None:
    with pytest.raises(EditError, match="Line 2 cannot be read"):
        propose(DEV, at(DEV), at("a: [\n", "staging"), EDGE)


def test_a_file_of_a_folder_has_its_place_in_the_targets_folder() -> None:
    assert target_path("specs/dev/ml/web.yaml", EDGE) == "specs/staging/ml/web.yaml"


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ((), 2),
        (("spec", "values", "size"), 7),
        (("spec", "values", "missing"), 6),
        (("spec", "resources", "disk", "properties", "Tags", "a", "Value"), 16),
        (("spec", "resources", "disk", "properties", "Tags", 0), 16),
        (("spec", "resources", "disk", "properties", "Tags", "z"), 16),
        (("spec", "ttl", "x"), 5),
    ],
)
def test_a_path_has_a_line(path: tuple[str | int, ...], line: int) -> None:
    assert line_of(at(DEV + DISK), path) == line


def test_a_document_alone_has_its_comments() -> None:
    assert document_text("a: 1\n---\n# x\nb: 1\n", 1) == "# x\nb: 1\n"


def test_people_are_told_where_both_values_stand_and_never_a_sensitive_one() -> None:
    secret = (
        "kind: Stack\nmetadata: {name: web}\nspec:\n  variables:\n"
        "    token: {type: string, sensitive: true}\n    size: {type: string}\n  values:\n"
        "    token: one\n    size: small\n  resources: {vm: {type: A, x: '1'}}\n"
    )
    source = secret.replace("one", "arn:aws:iam::123456789012:role/x").replace("small", "big")
    source = source.replace("'1'", "'2'")
    ours = "# ours\n" + secret.replace("small", "huge").replace("'1'", "'3'")
    found = promoted(
        "web", propose(secret, at(source), at(ours, "staging"), EDGE), at(source), EDGE
    )
    assert [(one.source, one.target, one.conflict.path[-1]) for one in found.conflicts] == [
        ("specs/dev/web.yaml:10", "specs/staging/web.yaml:11", "x")
    ]
    assert [one.value for one in found.bound] == ["(sensitive)"]
    assert [(one.source, one.target) for one in found.differences] == [("big", "huge")]
    assert (found.name, found.path, found.new) == ("web", "specs/staging/web.yaml", False)
    bare = ours.replace("  values:\n    token: one\n    size: huge\n", "")
    whole = promoted(
        "web", propose(secret, at(source), at(bare, "staging"), EDGE), at(source), EDGE
    )
    assert [one.conflict.source for one in whole.conflicts][:1] == [
        {"token": "(sensitive)", "size": "big"}
    ]
    new = promoted("web", propose(None, at(DEV), None, EDGE), at(DEV), EDGE)
    assert (new.new, new.conflicts) == (True, ())


def test_the_edge_is_what_the_target_says() -> None:
    span = SourceSpan(file="a", line=1, column=1)
    rules = PromotionRules(source="dev", keep=(("spec", "x"),))
    target = Environment(
        name="staging", region="eu-west-1", variables={"ami": 1}, promotes_from=rules, source=span
    )
    assert edge_of(target) == Edge(
        source="dev",
        target="staging",
        keep=(("spec", "x"),),
        variables=frozenset({"ami"}),
        region="eu-west-1",
    )
    with pytest.raises(InvariantError, match="dev is promoted from no environment"):
        edge_of(Environment(name="dev", region="eu-west-1", source=span))
