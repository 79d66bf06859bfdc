"""What was not shown is not agreed to.

The kind: a plan of which something finds no room, or hides behind other things, and that is taken
for read all the same.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeAlias

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from gitbot.model.forge import CheckState
from gitbot.model.names import StackId
from gitbot.model.plan import Action, Change, PathChange, Plan
from gitbot.model.values import Redacted, Unknown
from gitbot.render.checks import LONGEST_SUMMARY, check_for_apply, check_for_plan
from gitbot.render.comments import apply_comment
from gitbot.render.markdown import LONGEST_COMMENT
from gitbot.render.pages import MOST_PAGES
from gitbot.render.plan_comments import PlanTexts, plan_comment
from gitbot.render.views import (
    ApplyCommentView,
    EnvironmentPlanView,
    Outcome,
    StackApplyView,
    StackPlanView,
)
from tests.unit.render.plans_by_hand import (
    DELETED,
    HEAD,
    KEPT,
    SECRET,
    address,
    created,
    dev,
    diagnostic,
    plan,
    plan_view,
)

NO_SHRINKING = (Phase.explicit, Phase.reuse, Phase.generate)
"""Smaller plans take as long to understand, and shrinking them takes minutes."""


def stack(environment: str, name: str, *changes: Change) -> StackPlanView:
    id_ = StackId(repository="1", environment=environment, name=name, region="us-east-1")
    return StackPlanView(name=name, plan=replace(plan(*changes), stack=id_))


def deleted(name: str) -> Change:
    return replace(DELETED, address=address(name))


def texts_of(*environments: EnvironmentPlanView) -> PlanTexts:
    return plan_comment(plan_view(*environments))


def env(name: str, *stacks: StackPlanView) -> EnvironmentPlanView:
    return EnvironmentPlanView(name=name, stacks=stacks)


def test_what_is_deleted_comes_before_900_creations_and_all_of_it_is_shown() -> None:
    changes = (*(created(f"r{n}", Name="x" * 50) for n in range(900)), *map(deleted, "abcde"))
    texts = texts_of(dev(plan(*changes)))
    assert texts.partly == frozenset()
    assert len(texts.pages) > 1
    first = texts.pages[0]
    assert all(
        f"<code>{name}</code></b> AWS::IAM::Role will be deleted" in first for name in "abcde"
    )
    assert first.index("<code>e</code>") < first.index("<code>r0</code>")
    together = "".join(texts.pages)
    assert all(f"<code>r{number}</code>" in together for number in range(900))


def test_what_opens_access_comes_before_what_a_padded_pull_request_puts_before_it() -> None:
    rules = [{"IpProtocol": "tcp", "FromPort": 22, "CidrIp": "0.0.0.0/0"}]
    padding = tuple(created(f"pad{number}", Text="x" * 5_000) for number in range(200))
    texts = texts_of(dev(plan(*padding, created("ssh", SecurityGroupIngress=rules))))
    assert (
        "<code>ssh</code></b> AWS::EC2::SecurityGroup will be created; ⚠ it opens 0.0.0.0/0"
        in (texts.pages[0])
    )
    assert texts.partly == {"dev/gpu-trainer"}


def test_600_small_stacks_do_not_hide_the_one_in_prod() -> None:
    small = (stack("dev", f"s{number}", created("a", Name="x")) for number in range(600))
    texts = texts_of(env("dev", *small), env("prod", stack("prod", "one", deleted("data"))))
    assert texts.partly == frozenset()
    assert "By environment: dev: 600 to create; prod: 1 to delete." in texts.pages[0]
    assert "#### `prod/one`" in texts.pages[-1]
    assert "<code>data</code></b> AWS::IAM::Role will be deleted" in texts.pages[-1]


def test_what_finds_no_room_is_named_by_number_and_the_stack_is_not_shown_whole() -> None:
    changes = tuple(created(f"r{number}", Name="x" * 900) for number in range(900))
    small = stack("dev", "small", created("tiny", Name="x"))
    texts = texts_of(env("dev", small, stack("dev", "big", deleted("gone"), *changes)))
    assert MOST_PAGES - 2 < len(texts.pages) <= MOST_PAGES
    assert texts.partly == {"dev/big"}
    shown = "".join(texts.pages).count("AWS::EC2::SecurityGroup will be created")
    missing = 901 - shown
    assert 0 < missing < 900
    first = texts.pages[0]
    assert f"**⚠ Not all of this plan is shown**: {missing} parts found no room." in first
    assert f"- `dev/big`: {missing} left out" in first
    assert "<code>gone</code>" in first
    assert "<code>tiny</code>" in "".join(texts.pages)


def test_a_page_says_which_one_it_is_and_what_it_goes_on_with() -> None:
    changes = tuple(created(f"r{number}", Name="x" * 500) for number in range(120))
    texts = texts_of(dev(plan(*changes)))
    first, second = texts.pages
    assert first.startswith(
        "## gitbot plan\n\n_This is comment 1 of 2: the next comments of gitbot go on._\n\nCommit"
    )
    assert second.startswith("_The plan, comment 2 of 2, `dev/gpu-trainer` goes on:_\n\n<details>")
    assert "To apply it: merge this pull request, or comment `/apply dev`.\n\n" in second
    assert second.endswith("another digest.\n\n</details>")  # the meaning of our words comes last


def test_a_value_of_many_pages_goes_on_from_page_to_page() -> None:
    script = "\n".join(f"echo {number} {'x' * 60}" for number in range(2_000))
    texts = texts_of(dev(plan(created("a", UserData=base64.b64encode(script.encode()).decode()))))
    assert texts.partly == frozenset()
    together = "\n".join(texts.pages)
    assert all(f"+   echo {number} " in together for number in range(2_000))
    assert "(part 2 of " in together


def test_a_text_without_lines_is_wrapped_and_never_cut() -> None:
    text = "".join(f"{number:05}" for number in range(10_000))
    texts = texts_of(dev(plan(created("a", Name=text))))
    assert text in added_text(texts)
    assert texts.partly == frozenset()


HIDDEN = Redacted(digest="0123", key_id="k")
TRUST = {"Statement": [{"Effect": "Allow", "Principal": HIDDEN, "Action": "sts:AssumeRole"}]}


@pytest.mark.parametrize(
    ("path", "after", "read"),
    [
        pytest.param("/AssumeRolePolicyDocument", HIDDEN, False, id="a policy"),
        pytest.param("/AssumeRolePolicyDocument", TRUST, False, id="one leaf of a policy"),
        pytest.param("/Policies/0/PolicyDocument", HIDDEN, False, id="a policy in a list"),
        pytest.param("/Things", [{"CidrIp": HIDDEN}], False, id="a rule inside a value"),
        pytest.param("/UserData", HIDDEN, False, id="what a machine runs"),
        pytest.param(
            "/SecurityGroupIngress/0/CidrIp",
            Unknown(template="${x}", sensitive=True),
            False,
            id="a rule that is not even known",
        ),
        pytest.param("/MasterUserPassword", HIDDEN, True, id="a password"),
        pytest.param(
            "/AssumeRolePolicyDocument", {"Statement": []}, True, id="a policy in the clear"
        ),
    ],
)
def test_a_merge_does_not_agree_to_hidden_access(path: str, after: Any, read: bool) -> None:
    """The kind: `sensitive: true` hides who may do what, or what a machine runs."""
    change = replace(created("a"), paths=(PathChange(path=path, after=after, added=True),))
    texts = texts_of(dev(plan(change)))
    assert texts.partly == (frozenset() if read else {"dev/gpu-trainer"})
    assert ("**⚠ Cannot be reviewed**" in texts.pages[0]) is not read


def statement(**parts: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", **parts}]}


@pytest.mark.parametrize(
    ("path", "after", "opens"),
    [
        ("/CidrIp", "0.0.0.0/0", "0.0.0.0/0"),
        ("/CidrIp", "128.0.0.0/1", "128.0.0.0/1"),
        ("/CidrIpv6", "::/0", "::/0"),
        ("/CidrIp", "10.0.0.0/8", None),
        ("/CidrIp", "52.1.2.3/32", None),
        ("/CidrIpv6", "2001:db8::/64", None),
        ("/CidrIp", Unknown(template="${b.Arn == '' ? 'x' : '0.0.0.0/0'}"), "0.0.0.0/0"),
        ("/CidrIp", Unknown(template="${b.Arn + vars.x}", inputs={"vars": {"x": "::/0"}}), "::/0"),
        ("/PolicyDocument", statement(Principal="*"), 'Principal "*"'),
        ("/PolicyDocument", statement(Principal={"AWS": ["*"]}), 'Principal "*"'),
        ("/PolicyDocument", statement(Action="iam:*"), 'Action "iam:*"'),
        ("/PolicyDocument", statement(Action=["*"]), 'Action "*"'),
        ("/PolicyDocument", statement(Effect="Deny", Principal="*", Action="*"), None),
        ("/PolicyDocument", statement(Action="s3:GetObject", Resource="*"), None),
        ("/PolicyText", '{"Statement": {"Effect": "Allow", "Principal": "*"}}', 'Principal "*"'),
        ("/Principal", "*", 'Principal "*"'),
        ("/AuthType", "NONE", 'AuthType "NONE"'),
        ("/AccessControl", "PublicRead", "PublicRead"),
        ("/ManagedPolicyArns", ["arn:aws:iam::aws:policy/AdministratorAccess"], "AdministratorAccess"),
        ("/PublicAccessBlockConfiguration", {"BlockPublicAcls": False}, "BlockPublicAcls: false"),
        ("/PubliclyAccessible", True, "PubliclyAccessible: true"),
        ("/PubliclyAccessible", False, None),
        ("/Tags/owner", "*", None),
    ],
)  # fmt: skip
def test_what_opens_access_is_said_in_the_title(path: str, after: Any, opens: str | None) -> None:
    change = replace(created("a"), paths=(PathChange(path=path, after=after),))
    (text,) = texts_of(dev(plan(created("first"), change))).pages
    assert ("it opens" in text) is (opens is not None)
    assert opens is None or f"⚠ it opens {opens}</summary>" in text.replace("&quot;", '"')
    assert (text.index("<code>a</code>") < text.index("<code>first</code>")) is (opens is not None)


def test_what_is_opened_stands_on_the_first_line_and_in_the_checks_title() -> None:
    opening = PathChange(path="/SecurityGroupIngress/0", after={"CidrIp": "0.0.0.0/0"})
    change = replace(created("a"), action=Action.UPDATE, paths=(opening,))
    view = dev(plan(change))
    (text,) = texts_of(view).pages
    assert "**1 to update; opens 0.0.0.0/0.**" in text
    assert check_for_plan(view).title == "1 to update; opens 0.0.0.0/0"


def test_taking_a_block_of_public_access_away_opens_too() -> None:
    path = PathChange(path="/PublicAccessBlockConfiguration", before={"A": True}, removed=True)
    change = replace(created("a"), action=Action.UPDATE, paths=(path,))
    (text,) = texts_of(dev(plan(change))).pages
    assert "it opens PublicAccessBlockConfiguration is removed" not in text
    assert "⚠ it opens access: PublicAccessBlockConfiguration is removed" in text


@pytest.mark.parametrize(
    ("path", "opens"),
    [
        ("/SecurityGroupIngress/0", False),
        ("/SecurityGroupEgress/12", False),
        ("/ResourcesVpcConfig/PublicAccessCidrs/0", False),
        ("/ResourcesVpcConfig/PublicAccessCidrs", True),
        ("/TerminationPolicies/0", False),
        ("/SecurityGroupEgress", True),
        ("/PolicyDocument/Statement/0", True),
    ],
)
def test_taking_a_rule_that_allows_out_opens_nothing(path: str, opens: bool) -> None:
    gone = PathChange(path=path, before={"CidrIp": "203.0.113.5/32"}, removed=True)
    change = replace(created("a"), action=Action.UPDATE, paths=(gone,))
    (text,) = texts_of(dev(plan(change))).pages
    assert ("it opens" in text) is opens


WIDE = statement(Principal="*", Action="*")
DENIES = statement(Effect="Deny", Action="*")
TEXT = json.dumps(WIDE)
PUBLIC = {"FromPort": 443, "CidrIp": "0.0.0.0/0"}


@pytest.mark.parametrize(
    ("path", "before", "after", "opens"),
    [
        ("/Policies", [{"PolicyName": "evil", "PolicyDocument": WIDE}], None, False),
        ("/Policies", [{"PolicyName": "no", "PolicyDocument": DENIES}], None, True),
        ("/Policies", HIDDEN, None, True),
        ("/PolicyDocument/Statement/1", WIDE["Statement"][0], None, False),
        ("/PolicyDocument/Statement/1", DENIES["Statement"][0], None, True),
        ("/PolicyDocument/Statement/0/Condition", {"Bool": {"a": "b"}}, None, True),
        ("/PolicyText", TEXT, None, False),
        ("/PermissionsBoundary", "arn:aws:iam::1:policy/b", None, True),
        ("/ManagedPolicyArns/0", "arn:aws:iam::aws:policy/AdministratorAccess", None, False),
        ("/ManagedPolicyArns", ["arn:aws:iam::1:policy/team/read"], None, False),
        ("/ManagedPolicyArns/1", "arn:aws:iam::aws:policy/AWSDenyAll", None, True),
        ("/ManagedPolicyArns/1", "arn:aws:iam::1:policy/deny-prod", None, True),
        ("/ManagedPolicyArns", HIDDEN, None, True),
        (
            "/ManagedPolicyArns",
            ["arn:aws:iam::aws:policy/ReadOnlyAccess"],
            ["arn:aws:iam::aws:policy/AdministratorAccess"],
            True,
        ),
        ("/AccessControl", "PublicRead", None, False),
        ("/SecurityGroups/1", "sg-2", None, False),
        ("/VpcConfig/SecurityGroupIds/0", "sg-2", None, False),
        ("/SecurityGroupIngress/0/CidrIp", "10.0.0.0/8", None, False),
        ("/Policies", [WIDE, DENIES], [WIDE], True),
        ("/Policies", [WIDE, statement(Action="s3:*")], [WIDE], False),
        ("/Policies", [WIDE], [WIDE, WIDE | {"Id": "b"}], True),
        ("/PolicyText", TEXT, json.dumps({"Id": "b"} | WIDE), False),
        ("/PolicyText", json.dumps(statement(Principal="*")), TEXT, True),
        ("/SecurityGroupIngress", [PUBLIC, {"CidrIp": "10.0.0.1/32"}], [PUBLIC], False),
        ("/SecurityGroupIngress", [PUBLIC], [PUBLIC, PUBLIC | {"FromPort": 22}], True),
        ("/CidrIp", "0.0.0.0/0", "10.0.0.0/8", False),
    ],
)
def test_only_what_is_opened_is_said_to_open(
    path: str, before: Any, after: Any, opens: bool
) -> None:
    """The kind: a remark on what is closed, since it looks at names alone."""
    one = PathChange(path=path, before=before, after=after, removed=after is None)
    change = replace(created("a"), action=Action.UPDATE, paths=(one,))
    (text,) = texts_of(dev(plan(change))).pages
    assert ("it opens" in text) is opens


def test_the_check_asks_for_somebody_where_the_plan_is_not_shown_whole() -> None:
    view = dev(plan(created("a")))
    assert check_for_plan(view).state is CheckState.SUCCESS
    check = check_for_plan(view, partly={"dev/gpu-trainer"})
    assert (check.state, check.title) == (CheckState.ACTION_REQUIRED, "1 to create; needs consent")
    assert check_for_plan(view, partly={"dev/other"}).state is CheckState.SUCCESS


@settings(max_examples=10, deadline=None, phases=NO_SHRINKING)
@given(resources=st.integers(1, 400), size=st.integers(0, 9_000), problems=st.integers(0, 300))
def test_no_text_is_too_long_and_all_fences_are_whole(
    resources: int, size: int, problems: int
) -> None:
    changes = tuple(created(f"r{number}", Name="x" * size) for number in range(resources))
    found = tuple(diagnostic(line=number + 1, detail="d" * 500) for number in range(problems))
    shown = dev(plan(*changes), diagnostics=found)
    held = StackApplyView(name="a", outcome=Outcome.HELD, plan=plan(*changes))
    applied = ApplyCommentView(environment="dev", commit=HEAD, actor="ada", stacks=(held,))
    pages = (*texts_of(shown).pages, *apply_comment(applied))
    assert all(len(page) <= LONGEST_COMMENT - 512 for page in pages)
    checks = (check_for_plan(shown).summary, check_for_apply(applied).summary)
    assert all(len(text) <= LONGEST_SUMMARY for text in checks)
    for text in (*pages, *checks):
        assert text.count("```") % 2 == 0
        assert text.count("<details>") == text.count("</details>")
    assert len(pages) <= 2 * MOST_PAGES
    assert problems or f"{resources} to create" in pages[0]


FORMS: dict[str, Callable[[str], Any]] = {
    "text": lambda text: text,
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "map": lambda text: {"Script": text, "Other": SECRET},
    "list": lambda text: [{"Lines": text.split("\n")}],
    "unknown": lambda text: Unknown(template=f"${{base64('{text}' + x.Arn)}}"),
    "input": lambda text: Unknown(template="${vars.s + x.Arn}", inputs={"vars": {"s": text}}),
}
ACTIONS = (Action.CREATE, Action.UPDATE, Action.REPLACE, Action.DELETE)
MARKED = st.tuples(
    st.sampled_from(ACTIONS),
    st.sampled_from(sorted(FORMS)),
    st.integers(0, 30),  # equal lines before and after
    # How many changed lines, and what each of them has.
    st.sampled_from(
        [
            (1, ""),
            (1, "y" * 5_000),
            (2, "`" * 1_500),
            (30, "x" * 90),
            (200, "\u200b@<!--"),
            (30, "y" * 3_000),
        ]
    ),
)


Drawn: TypeAlias = tuple[Action, str, int, tuple[int, str]]


def marked(number: int, drawn: Drawn) -> tuple[Change, tuple[str, ...]]:
    """A change, and a mark of each of its changed lines."""
    action, form, equal, (size, filling) = drawn
    if action is Action.DELETE:
        return deleted(f"gone{number}."), (f"gone{number}.",)
    marks = tuple(f"mark{number}n{line}." for line in range(size))
    same = "".join(f"same {line}\n" for line in range(equal))
    text = f"{same}{''.join(f'{mark}{filling}' + chr(10) for mark in marks)}{same}"
    after = FORMS[form](text)
    path = PathChange(path="/P", before=FORMS["base64"](f"{same}{same}longer"), after=after)
    if action is Action.CREATE:
        path = PathChange(path="/P", after=after, added=True)
    return replace(created(f"r{number}"), action=action, paths=(path,)), marks


def added_text(texts: PlanTexts) -> str:
    """What the added lines of all comments say, with wrapped lines put together."""
    lines = (line for page in texts.pages for line in page.split("\n"))
    added = (line[2:] for line in lines if line.startswith("+ "))
    return "\n".join(added).replace("\n⤷ ", "")


@settings(max_examples=20, deadline=None, phases=NO_SHRINKING)
@given(
    stacks=st.lists(st.lists(MARKED, min_size=1, max_size=4), min_size=1, max_size=4),
    copies=st.sampled_from([1, 1, 6]),
)
def test_every_changed_line_is_shown_or_a_merge_does_not_agree_to_the_plan(
    stacks: Sequence[Sequence[Drawn]], copies: int
) -> None:
    """Of any plan: every changed line is in the comments, or the plan is held."""
    views, marks = [], []
    for number, each in enumerate(stacks):
        made = [
            marked(1_000 * number + 100 * copy + at, drawn)
            for copy in range(copies)
            for at, drawn in enumerate(each)
        ]
        views.append(stack("dev", f"s{number}", *(change for change, _ in made)))
        marks.append([mark for _, found in made for mark in found])
    texts = texts_of(env("dev", *views))
    shown = set(re.findall(r"(?:mark|gone)[0-9n]+\.", f"{added_text(texts)}{''.join(texts.pages)}"))
    for view, wanted in zip(views, marks, strict=True):
        assert isinstance(view.plan, Plan)
        assert view.plan.stack.label in texts.partly or shown.issuperset(wanted)
    assert len(texts.pages) <= MOST_PAGES
    assert all(len(page) <= LONGEST_COMMENT - 512 for page in texts.pages)


LOST = "its disk and the running job are lost"


def losing(name: str, action: Action = Action.REPLACE, loses: str = LOST) -> Change:
    return replace(created(name), action=action, loses=loses)


@pytest.mark.parametrize(
    ("changes", "headline"),
    [
        pytest.param([losing("vm")], f"1 to replace: {LOST}", id="one"),
        pytest.param(
            [created("a"), losing("vm"), losing("db", Action.DELETE, "all its data is lost")],
            f"1 to create; 1 to replace: {LOST}; 1 to delete: all its data is lost",
            id="one of each",
        ),
        pytest.param(
            [losing(f"m{number}") for number in range(5)],
            f"5 to replace (`m0`, `m1`, `m2` and 2 more: {LOST})",
            id="many",
        ),
    ],
)
def test_what_is_lost_stands_on_the_first_line_and_the_check_is_not_green(
    changes: list[Change], headline: str
) -> None:
    """The kind: losing a GPU machine was green, and folded."""
    (text,) = texts_of(dev(plan(*changes))).pages
    assert f"**{headline}.** Digest" in text
    check = check_for_plan(dev(plan(*changes)))
    assert check.state is CheckState.NEUTRAL
    assert headline.startswith(check.title.split("…")[0])


def test_totals_say_how_many_stacks_have_no_plan() -> None:
    """The kind: "nothing to do" above stacks that were only validated, or that could not be planned."""
    done = env("dev", stack("dev", "web"), stack("dev", "api"), StackPlanView(name="db"))
    only = EnvironmentPlanView(
        name="prod", validated_only="it is new", stacks=(StackPlanView(name="web"),)
    )
    assert "**In all: nothing to do; 1 stack has no plan.**" in texts_of(done).pages[0]
    assert "**In all: nothing to do; 2 stacks have no plan.**" in texts_of(done, only).pages[0]


def test_totals_and_losses_of_all_environments_stand_on_top() -> None:
    both = env("prod", stack("prod", "gpu", losing("vm")), stack("prod", "web", created("a")))
    first = texts_of(env("dev", stack("dev", "web", created("a"))), both).pages[0]
    top = first[: first.index("### dev")]
    assert "**In all: 2 to create, 1 to replace.**" in top
    assert "By environment: dev: 1 to create; prod: 1 to create, 1 to replace." in top
    assert f"- **⚠** `prod/gpu: vm` (replace): {LOST}." in top
    check = check_for_plan(both)
    assert check.title == "1 to create, 1 to replace; something is lost with 1"


def test_an_empty_plan_is_shown_whole() -> None:
    assert texts_of(dev(plan(KEPT))).partly == frozenset()
