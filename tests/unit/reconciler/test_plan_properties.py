"""Properties that hold for every plan of stacks that hypothesis makes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gitbot.model.codec import from_data, to_data
from gitbot.model.desired import DesiredOutput, DesiredResource, DesiredStack
from gitbot.model.plan import Action, Plan
from gitbot.model.recorded import RecordedStack
from gitbot.model.values import Sensitive, canonical_json
from tests.unit.reconciler.planning_world import (
    BUCKET,
    GROUP,
    MACHINE,
    SmallCloud,
    plan_of,
    resource,
    stack,
    state,
    unknown,
)

NAMES = ["a", "b", "c", "d", "e"]
TAGS = st.dictionaries(st.sampled_from(["owner", "env", "cost"]), st.sampled_from("12"), max_size=3)
RULES = st.lists(
    st.fixed_dictionaries({"Port": st.integers(1, 3)}, optional={"Note": st.sampled_from("xy")}),
    max_size=3,
    unique_by=lambda rule: rule["Port"],
)


@st.composite
def stacks(draw: Any) -> DesiredStack:
    """Buckets, groups, and machines that use groups declared before them."""
    names = draw(st.lists(st.sampled_from(NAMES), max_size=5, unique=True))
    resources: list[DesiredResource] = []
    for name in names:
        groups = [item.address for item in resources if item.type == GROUP.name]
        resources.append(draw(one(name, groups)))
    outputs = {
        f"{item.address}_id": DesiredOutput(
            value=unknown(f"${{{item.address}.GroupId}}"), sensitive=draw(st.booleans())
        )
        for item in resources
        if item.type == GROUP.name
    }
    return stack(*resources, outputs=outputs, hash_=draw(st.sampled_from(["h1", "h2"])))


@st.composite
def one(draw: Any, name: str, groups: list[str]) -> DesiredResource:
    tags = draw(TAGS)
    listed = [{"Key": key, "Value": value} for key, value in tags.items()]
    kind = draw(st.sampled_from([BUCKET, GROUP, MACHINE]))
    if kind is BUCKET:
        optional = {
            "Versioning": st.fixed_dictionaries(
                {"Status": st.sampled_from(["Enabled", "Suspended"])}
            ),
            "Lifecycle": st.fixed_dictionaries(
                {
                    "Rules": st.lists(
                        st.fixed_dictionaries({"Id": st.sampled_from("pq")}), max_size=1
                    )
                }
            ),
        }
        named = {"BucketName": st.sampled_from([f"{name}-1", f"{name}-2"])}
        return resource(
            name, BUCKET, {**draw(st.fixed_dictionaries(named, optional=optional)), "Tags": listed}
        )
    if kind is GROUP:
        wanted = {
            "Description": draw(st.sampled_from("xy")),
            "Ingress": draw(RULES),
            "Tags": listed,
        }
        return resource(name, GROUP, wanted)
    used = draw(st.lists(st.sampled_from(groups), max_size=2, unique=True)) if groups else []
    wanted = {
        "Image": draw(st.sampled_from("xy")),
        "Size": draw(st.sampled_from(["s", "l"])),
        "Password": draw(st.sampled_from([Sensitive("p"), Sensitive("q")])),
        "Groups": [unknown(f"${{{group}.GroupId}}") for group in used],
        "Tags": tags,
    }
    return resource(name, MACHINE, wanted, needs=used)


def bytes_of(plan: Plan) -> str:
    return canonical_json(to_data(plan))


def settle(
    cloud: SmallCloud, desired: DesiredStack | None, recorded: RecordedStack
) -> RecordedStack:
    plan = plan_of(desired, recorded, cloud.observe(recorded))
    return cloud.apply(plan, desired, recorded)


@settings(max_examples=60, deadline=None)
@given(stacks(), stacks())
def test_after_an_apply_there_is_nothing_left_to_do(
    first: DesiredStack, second: DesiredStack
) -> None:
    cloud, recorded = SmallCloud(), state()
    for desired in (first, second):
        recorded = settle(cloud, desired, recorded)
        again = plan_of(desired, recorded, cloud.observe(recorded))
        assert again.empty, bytes_of(again)
        assert again.drift == ()
    recorded = settle(cloud, None, recorded)
    assert recorded.resources == {}
    assert cloud.objects == {}, "destruction leaves nothing behind"


@settings(max_examples=60, deadline=None)
@given(stacks(), stacks(), st.randoms())
def test_the_same_input_gives_the_same_bytes_in_whatever_order_it_comes(
    first: DesiredStack, second: DesiredStack, random: Any
) -> None:
    cloud = SmallCloud()
    recorded = settle(cloud, first, state())
    plan = plan_of(second, recorded, cloud.observe(recorded))
    again = plan_of(
        replace(second, resources=shuffled(second.resources, random)),
        replace(recorded, resources=shuffled(recorded.resources, random)),
        shuffled(cloud.observe(recorded), random),
    )
    assert bytes_of(again) == bytes_of(plan)
    assert from_data(json.loads(json.dumps(to_data(plan))), Plan) == plan


@settings(max_examples=60, deadline=None)
@given(stacks(), st.data())
def test_drift_is_found_reported_and_corrected(desired: DesiredStack, data: Any) -> None:
    cloud = SmallCloud()
    recorded = settle(cloud, desired, state())
    if not recorded.resources:
        return
    address = data.draw(st.sampled_from(sorted(recorded.resources)))
    remote = recorded.resources[address].remote_id
    if data.draw(st.booleans()):
        del cloud.objects[remote]
    else:
        cloud.objects[remote]["Tags"] = {"owner": "somebody else"}
        if not recorded.resources[address].properties["Tags"]:
            return
        if recorded.resources[address].type != MACHINE.name:
            cloud.objects[remote]["Tags"] = [{"Key": "owner", "Value": "somebody else"}]
    plan = plan_of(desired, recorded, cloud.observe(recorded))
    assert address in {drift.address for drift in plan.drift}
    recorded = cloud.apply(plan, desired, recorded)
    assert plan_of(desired, recorded, cloud.observe(recorded)).empty


@settings(max_examples=60, deadline=None)
@given(stacks(), stacks())
def test_changes_are_in_an_order_that_can_be_carried_out(
    first: DesiredStack, second: DesiredStack
) -> None:
    cloud = SmallCloud()
    recorded = settle(cloud, first, state())
    plan = plan_of(second, recorded, cloud.observe(recorded))
    seen: set[str] = set()
    deleted: set[str] = set()
    for change in plan.changes:
        if change.action is Action.DELETE:
            assert not deleted & set(change.depends_on), "what is used goes after its users"
            deleted.add(change.address)
        else:
            assert not deleted, "deletions come last"
            assert set(change.depends_on) <= seen
            seen.add(change.address)


@settings(max_examples=40, deadline=None)
@given(stacks())
def test_no_secret_is_in_a_plan(desired: DesiredStack) -> None:
    def hidden(tree: Any) -> Any:
        return {
            name: Sensitive("s3cr3t-of-" + name) if name == "Password" else item
            for name, item in tree.items()
        }

    secret = replace(
        desired,
        resources={
            address: replace(item, properties=hidden(item.properties))
            for address, item in desired.resources.items()
        },
    )
    assert "s3cr3t" not in bytes_of(plan_of(secret))


def shuffled(mapping: Mapping[Any, Any], random: Any) -> dict[Any, Any]:
    keys = list(mapping)
    random.shuffle(keys)
    return {key: mapping[key] for key in keys}
