"""What a plan says of rules that delete: of those that come, and of no others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gitbot.providers.aws.catalog import open_catalog
from gitbot.providers.aws.expiring import expires_images, expires_items, expires_objects
from tests.unit.aws.changes import changed
from tests.unit.reconciler.planning_world import change_of, plan_of, resource, stack, state, unknown

LOOKUP = open_catalog().lookup
BUCKET = "AWS::S3::Bucket"
TABLE = "AWS::DynamoDB::Table"
IMAGES = "AWS::ECR::Repository"
MOVE = [{"StorageClass": "GLACIER", "TransitionInDays": 30}]
COLD = {"Id": "cold", "Status": "Enabled", "NoncurrentVersionTransitions": MOVE}
OLD = {"Id": "old", "Status": "Enabled", "NoncurrentVersionExpiration": {"NoncurrentDays": 30}}
ENDS = {"Id": "ends", "Status": "Enabled", "ExpirationInDays": 30}
OBJECTS = "What its rules expire is deleted by itself, and without versions for ever."
VERSIONS = "Earlier versions that its rules expire are deleted for ever."
ITEMS = "Items whose time has passed are deleted by themselves."
DAY = "Images that its rules expire are deleted within a day."
ON, OFF = ({"Enabled": on, "AttributeName": "ends"} for on in (True, False))


def rules(*rules: Any) -> dict[str, Any]:
    return {"LifecycleConfiguration": {"Rules": list(rules)}}


def lives(time_to_live: Any) -> dict[str, Any]:
    return {"TimeToLiveSpecification": time_to_live}


def images(*actions: str) -> dict[str, Any]:
    told = [{"rulePriority": number, "action": {"type": one}} for number, one in enumerate(actions)]
    return {"LifecyclePolicy": {"LifecyclePolicyText": json.dumps({"rules": told})}}


@pytest.mark.parametrize(
    ("type_", "before", "after", "says"),
    [
        pytest.param(BUCKET, {}, rules(ENDS), [OBJECTS], id="objects"),
        pytest.param(BUCKET, {}, rules(OLD), [VERSIONS], id="earlier versions"),
        pytest.param(BUCKET, {}, rules(OLD, ENDS), [OBJECTS, VERSIONS], id="both"),
        pytest.param(BUCKET, {}, rules(COLD), [], id="a move is no end"),
        pytest.param(BUCKET, rules(ENDS), rules(ENDS, COLD), [], id="a move beside an end"),
        pytest.param(
            BUCKET, rules(ENDS), rules({**ENDS, "Transitions": MOVE}), [], id="a move in its rule"
        ),
        pytest.param(
            BUCKET, rules(ENDS), rules({**ENDS, "ExpirationInDays": 3}), [OBJECTS], id="earlier"
        ),
        pytest.param(
            BUCKET, rules({**ENDS, "Status": "Disabled"}), rules(ENDS), [OBJECTS], id="turned on"
        ),
        pytest.param(
            BUCKET, rules(ENDS), rules({**ENDS, "Status": "Disabled"}), [], id="turned off"
        ),
        pytest.param(
            BUCKET, {}, rules({**ENDS, "Status": "Disabled"}), [], id="off from the start"
        ),
        pytest.param(TABLE, {}, lives(ON), [ITEMS], id="items"),
        pytest.param(TABLE, lives(OFF), lives(ON), [ITEMS], id="items, turned on"),
        pytest.param(TABLE, {}, lives(OFF), [], id="items, off from the start"),
        pytest.param(IMAGES, {}, images("expire"), [DAY], id="images"),
        pytest.param(IMAGES, {}, images("transition"), [], id="images are moved to the archive"),
        pytest.param(
            IMAGES, images("expire"), images("expire", "transition"), [], id="one more is moved"
        ),
        pytest.param(IMAGES, images("expire"), {}, [], id="taken away"),
    ],
)
def test_a_plan_says_what_rules_delete_that_come(
    type_: str, before: dict[str, Any], after: dict[str, Any], says: list[str]
) -> None:
    told = changed(type_, before, after).reasons
    assert [one for one in (OBJECTS, VERSIONS, ITEMS, DAY) if one in told] == says


def test_rules_that_are_not_known_yet_may_delete() -> None:
    later = unknown("${a.B}", a={"B": None})
    for part in (expires_objects, expires_items, expires_images):
        assert part(later) == [later]
        assert part(None) == []
    assert expires_objects({"Rules": later}) == [later]
    assert expires_objects({"Rules": [later]}) == [later]
    assert expires_images({"LifecyclePolicyText": later}) == [later]
    assert expires_images({"LifecyclePolicyText": {"rules": later}}) == [later]
    assert expires_images({"LifecyclePolicyText": "no JSON"}) == []


def test_a_new_bucket_says_once_that_its_lock_stays() -> None:
    schema = LOOKUP(BUCKET)
    assert schema is not None
    lock = {
        "ObjectLockEnabled": True,
        "ObjectLockConfiguration": {
            "ObjectLockEnabled": "Enabled",
            "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}},
        },
    }
    change = change_of(plan_of(stack(resource("it", schema, lock)), state(), schemas=LOOKUP), "it")
    assert len([one for one in change.reasons if "never be turned off" in one]) == 1
