"""Which stacks depend on which, what they are given, and what is refused for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from gitbot.decisions.wanted import NO_FACTS, wanted
from gitbot.model.desired import DesiredOutput, DesiredStack
from gitbot.model.names import Address
from gitbot.model.plan import Guard, Plan
from gitbot.model.recorded import RecordedOutput, StackHeader
from gitbot.model.uses import OutputUse, outputs_address
from gitbot.model.values import Redacted, Sensitive, Unknown, Value
from gitbot.model.wanted import Wanted
from gitbot.reconciler.across import (
    affected_users,
    changed_outputs,
    has_news,
    in_order,
    lacking,
    news,
    pending,
    still_using,
    supplied,
    users_now,
    users_of,
    withhold,
)
from gitbot.reconciler.affected import affected_by_apply, affected_by_pull_request
from gitbot.reconciler.guards import guards
from gitbot.reconciler.union import union_digest
from gitbot.render.plan_words import count_changes, plan_summary
from gitbot.render.terminal import plan_lines
from tests.unit.reconciler.planning_world import (
    GROUP,
    REDACT,
    SPAN,
    STACK,
    change_of,
    header_of,
    plan_of,
    present,
    record,
    resource,
    stack,
    state,
    unknown,
)
from tests.unit.reconciler.test_affected import NOW, applied, tree


def using(name: str, *keys: str, hash_: str = "h1", **more: Any) -> DesiredStack:
    """A stack with one group, whose property ``Ingress`` is the first of these outputs."""
    uses = tuple(
        OutputUse(stack=producer, output=output, producer=producer, source=SPAN)
        for producer, output in (key.split(".") for key in keys)
    )
    first = (
        Unknown(template=f"${{outputs.{uses[0].output}}}", references={"outputs": uses[0].address})
        if uses
        else "none"
    )
    made = stack(
        resource("g", GROUP, {"Ingress": first}),
        name=name,
        hash_=hash_,
        depends_on=[use.producer for use in uses],
        outputs={
            "id": DesiredOutput(value=unknown("${g.GroupId}")),
            "fixed": DesiredOutput(value=1),
        },
    )
    return replace(made, uses=uses, **more)


def dev(*stacks: DesiredStack) -> Wanted:
    return wanted(tree(*stacks), "dev", NO_FACTS, NOW)


def by_name(*stacks: DesiredStack) -> Mapping[str, DesiredStack]:
    return {one.name: one for one in stacks}


def give(
    user: DesiredStack, value: Value = "sg-1", sensitive: bool = False, **own: DesiredStack
) -> DesiredStack:
    recorded = {"net": {"id": RecordedOutput(value=value, sensitive=sensitive)}}
    found = supplied(dev(user, *own.values()), recorded, REDACT)
    return found.stacks[user.name]


def test_the_recorded_value_is_given_and_recorded_with_its_mark() -> None:
    one, two = give(using("web", "net.id")), give(using("web", "net.id"), "sg-2")
    assert one.given == {"net.id": "sg-1"}
    assert one.marks.keys() == {"net.id"}
    assert one.marks != two.marks
    header = replace(applied("web"), uses=one.marks)
    assert not has_news(one, header)
    assert has_news(two, header)
    assert news(dev(two), [header, applied("gone")]) == {"web": two.marks}
    assert news(dev(one), [header]) == news(dev(two), [replace(header, desired_hash=None)]) == {}
    assert affected_by_apply(dev(two), [applied("net"), header])[0] == "web"


@pytest.mark.parametrize(
    ("recorded", "stacks", "given"),
    [
        (["lan"], ["net"], "of lan"),
        (["lan", "net"], ["net"], "of net"),
        (["lan"], ["net", "lan"], None),
        (["web"], ["net"], None),
    ],
    ids=["not applied", "applied", "its former name is taken again", "never there"],
)
def test_a_renamed_stack_gives_what_its_former_name_has(
    recorded: list[str], stacks: list[str], given: str | None
) -> None:
    """A rename alone plans nothing for who uses the outputs."""
    moved = {"net": "lan"}
    own = [replace(stack(name=name), moved_from=moved.get(name)) for name in stacks]
    known = {name: {"id": RecordedOutput(value=f"of {name}")} for name in recorded}
    web = supplied(dev(using("web", "net.id"), *own), known, REDACT).stacks["web"]
    assert web.given.get("net.id") == given


@pytest.mark.parametrize(
    "recorded", [{}, {"net": {}}, {"net": {"id": RecordedOutput(value=unknown("${g.Id}"))}}]
)
def test_what_no_apply_has_recorded_stays_unknown(recorded: Any) -> None:
    web = supplied(dev(using("web", "net.id")), recorded, REDACT).stacks["web"]
    assert (web.given, web.marks, lacking(web)) == ({}, {}, ("net.id",))
    assert pending(plan_of(web)) == {"net.id"}


@pytest.mark.parametrize(
    ("said", "given"),
    [
        (Sensitive("hush"), {"net.id": Sensitive("hush")}),
        (Sensitive("other"), {}),
        (unknown("${g.Id}"), {}),
        (None, {}),
    ],
    ids=["as recorded", "changed in the specs", "from the cloud", "not in the specs"],
)
def test_a_sensitive_value_comes_from_the_specs_or_not_at_all(said: Value, given: Any) -> None:
    net = stack(name="net", outputs={"id": DesiredOutput(value=said, sensitive=True)})
    own = {} if said is None else {"net": net}
    web = give(using("web", "net.id"), REDACT("hush"), sensitive=True, **own)
    assert web.given == given
    if given:
        assert plan_of(web).uses == {"net.id": REDACT("hush")}
        assert isinstance(plan_of(web).uses["net.id"], Redacted)


def test_the_outputs_that_are_used_are_part_of_the_digest() -> None:
    web = give(using("web", "net.id"))
    known, other = plan_of(web), plan_of(give(using("web", "net.id"), "sg-2"))
    held_back = plan_of(withhold(web, {"net.id", "other.id"}, {}))
    assert known.uses == {"net.id": "sg-1"}
    assert pending(held_back) == {"net.id"}
    assert len({known.digest, other.digest, held_back.digest}) == 3
    assert plan_of(withhold(web, (), {})).digest == known.digest
    assert changed_outputs(known) == {"web.fixed", "web.id"}


def test_users_are_found_through_others() -> None:
    stacks = by_name(using("net"), using("mid", "net.id"), using("web", "mid.id"), using("other"))
    assert users_of(stacks, ["net"]) == {"mid", "web"}
    assert users_of(stacks, ["net", "web"]) == {"mid"}


def test_who_uses_an_output_comes_later_and_what_is_used_is_destroyed_last() -> None:
    recorded = [applied("a"), replace(applied("b"), uses={"a.id": "m"}), applied("new")]
    stacks = by_name(using("new", "old.id"), using("old"))
    order = in_order(["a", "b", "new", "old"], stacks, recorded)
    assert order == {"b": set(), "old": set(), "a": {"b"}, "new": {"old"}}
    assert affected_by_apply(dev(), recorded) == ("b", "new", "a")
    both = [replace(recorded[0], uses={"b.id": "m"}), recorded[1]]
    assert list(in_order(["a", "b"], {}, both)) == ["a", "b"], "a circle in state ends"


NET = using("net")
MOVED = using("net", hash_="h2")


@pytest.mark.parametrize(
    ("before", "after", "output", "affected"),
    [
        ([NET], replace(MOVED, labels={"x": "y"}), "id", False),
        ([], MOVED, "id", True),
        ([NET], replace(MOVED, outputs={**NET.outputs, "id": DesiredOutput(value="sg-3")}), "id", True),
        ([NET], replace(MOVED, resources={}), "fixed", False),
        ([NET], replace(MOVED, resources={Address("g"): resource("g", GROUP, {"Ingress": "x"})}), "id", True),
        ([NET], replace(MOVED, resources={Address("g"): resource("g", GROUP, {"Ingress": "x"})}), "fixed", False),
        ([replace(NET, resources={})], MOVED, "id", True),
    ],
    ids=["nothing that it uses", "a new stack", "another definition", "a value without a resource",
         "the resource", "the resource of another output", "a new resource"],
)  # fmt: skip
def test_a_pull_request_plans_who_uses_an_output_that_may_change(
    before: Sequence[DesiredStack], after: DesiredStack, output: str, affected: bool
) -> None:
    web = using("web", f"net.{output}")
    found = affected_by_pull_request(dev(*before, web), dev(after, web))
    assert found == (("net", "web") if affected else ("net",))


def test_what_a_user_makes_of_it_may_change_too() -> None:
    mid, web, fixed = using("mid", "net.id"), using("web", "mid.id"), using("fix", "mid.fixed")
    after = by_name(MOVED, mid, web, fixed)
    assert affected_users({}, after, ["net", "gone"]) == {"mid", "web"}
    gone = using("web", "net.away")
    assert affected_users(by_name(NET), by_name(MOVED, gone), ["net"]) == frozenset()


def destroying(name: str) -> Plan:
    plan = plan_of(None, state(record("g", GROUP)), present("g"))
    return replace(plan, stack=replace(STACK, name=name))


def header(name: str, *keys: str, **more: Any) -> StackHeader:
    return replace(header_of(state(record("g", GROUP), **more)), id=replace(STACK, name=name),
                   uses=dict.fromkeys(keys, "m"))  # fmt: skip


@pytest.mark.parametrize(
    ("recorded", "written", "beside", "users"),
    [
        ([header("web", "net.id")], [], [], ("web",)),
        ([header("web")], [], [], ()),
        ([replace(header("web", "net.id"), left=0)], [], [], ()),
        ([header("web")], [using("web", "net.id")], [], ("web",)),
        ([replace(header("web"), left=0)], [using("web", "net.id")], [], ()),
        ([header("web", "net.id")], [], [destroying("web")], ()),
        ([header("web", "net.id")], [], [replace(plan_of(using("web")), stack=replace(STACK, name="web"))], ()),
        (
            [header("web", "net.id")],
            [],
            [replace(plan_of(using("web", "net.id")), stack=replace(STACK, name="web"))],
            ("web",),
        ),
    ],
    ids=["by record", "no use", "nothing left of it", "by its spec", "not there yet", "destroyed too",
         "not used any more", "used after it too"],
)  # fmt: skip
def test_nothing_is_destroyed_that_another_stack_still_uses(
    recorded: Sequence[StackHeader],
    written: Sequence[DesiredStack],
    beside: Sequence[Plan],
    users: tuple[str, ...],
) -> None:
    plan = destroying("net")
    found = still_using(plan, [plan, *beside], users_now(by_name(*written), recorded))
    assert found == users
    hits = guards(plan, environment_resources=100, environment_has_errors=False, users=found)
    assert [(hit.guard, hit.blocks) for hit in hits] == (
        [(Guard.STILL_USED, True)] if users else []
    )
    assert all("`web` still uses its outputs" in hit.detail for hit in hits)
    assert still_using(plan_of(using("net")), [], {"net": {"web"}}) == ()


def test_what_two_pull_requests_agreed_to_uses_what_both_use() -> None:
    one, two = plan_of(give(using("web", "net.id"))), plan_of(using("web"))
    both = replace(plan_of(give(using("web", "net.id"))), serial=9)
    assert union_digest([two, one]) == union_digest([one, both]) == one.digest
    assert union_digest([one]) != union_digest([two])


def description_of(value: Value, *, tainted: bool = False) -> Plan:
    """The plan of a group whose ``Description``, which only a creation can set, gets this value."""
    was = {"Description": "sg-1"}
    web = replace(
        stack(resource("g", GROUP, {"Description": value}, needs=("h",)), resource("h", GROUP, {})),
        uses=using("web", "net.id").uses,
    )
    recorded = state(record("g", GROUP, was, tainted=tainted), record("h", GROUP, {}))
    return plan_of(web, recorded, {**present("g", **was), **present("h")})


OF_NET = Unknown(template="${o.id}", references={"o": outputs_address("net")})
OF_BOTH = replace(OF_NET, references={"o": outputs_address("net"), "h": Address("h")})


@pytest.mark.parametrize(
    ("value", "tainted", "words", "first"),
    [
        (OF_NET, False, "1 may be replaced", True),
        ("sg-2", False, "1 to replace", False),
        (OF_BOTH, False, "1 to replace", False),
        (OF_NET, True, "1 to replace", True),
    ],
    ids=["an output alone", "a known value", "an output and a resource", "one that is broken"],
)
def test_what_only_an_output_to_come_may_replace_says_which_stack_to_apply_first(
    value: Value, tainted: bool, words: str, first: bool
) -> None:
    plan = description_of(value, tainted=tainted)
    assert plan_summary(plan) == count_changes([plan]) == words
    said = [reason for reason in change_of(plan, "g").reasons if "once that is applied" in reason]
    assert not any("--" in reason for reason in said)
    assert bool(said) == first
    shown = "\n".join(line.text for line in plan_lines(plan))
    assert ("may be replaced: it depends on outputs of net" in shown) == ("may" in words)
