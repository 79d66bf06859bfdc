"""A machine sleeps off-hours, is woken and put to sleep by people, and tells when it cannot start."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

import pytest

from gitbot_sandbox.aws.faults import Fault, FaultKind
from gitbot_sandbox.sandbox import ADMIN, eventually
from gitbot_sandbox.stage import Stage
from tests.e2e.specs import stack

pytestmark = pytest.mark.story

DAYS = "MTWHFSU"


def week_time(at: datetime) -> str:
    return f"({DAYS[at.weekday()]},{at:%H:%M})"


def trainer(name: str, offhours: str) -> str:
    text = stack(
        name,
        "box:\n"
        "  type: AWS::EC2::Instance\n"
        "  properties:\n"
        "    ImageId: ami-12c6146b\n"
        "    InstanceType: t3.micro\n",
        "ip: ${box.PublicIp}\n",
    )
    return text.replace("spec:\n", f'spec:\n  offhours: "{offhours}"\n')


def state_of(stage: Stage, name: str) -> str:
    found: list[dict[str, Any]] = [
        one
        for one in stage.instances()
        if {"Key": "gitbot:stack", "Value": f"dev/{name}"} in list(one.get("Tags", ()))  # type: ignore[call-overload]
    ]
    return found[0]["State"]["Name"] if found else ""


def wait_for(stage: Stage, name: str, state: str) -> None:
    eventually(lambda: state_of(stage, name) == state, what=f"{name} to be {state}")


def waits_for(stage: Stage, why: str) -> bool:
    """Whether the row of a machine says that this keeps it from being stopped."""
    database = stage.sandbox.data / "gitbot.db"
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        rows = connection.execute("SELECT document FROM machine_hours").fetchall()
    return any(why in document.decode() for (document,) in rows)


def test_a_machine_sleeps_and_wakes_by_its_schedule_and_by_commands(stage: Stage) -> None:
    name = stage.name.replace("/", "-")
    now = stage.github.clock.now()
    off, on = now + timedelta(hours=2), now + timedelta(hours=5)
    text = trainer(name, f"off={week_time(off)};on={week_time(on)};tz=UTC")
    number = stage.open("hours", "A machine that sleeps", {"specs/dev/trainer.yaml": text})
    shown = stage.plan_comment(number).body
    assert f"Off-hours of `box`: stops {off:%a %Y-%m-%d %H:%M}, starts {on:%a}" in shown
    stage.github.merge(stage.name, number, ADMIN)
    stage.result(number, "dev", "Applied")
    wait_for(stage, name, "running")
    stage.move_time("90m")
    command = stage.github.comment(stage.name, number, ADMIN, f"/sleep dev/{name} 1m")
    stage.answer(number, command, "its machines stop now. From", "they start then")
    wait_for(stage, name, "stopped")
    stage.move_time("61s")
    wait_for(stage, name, "running")
    command = stage.github.comment(stage.name, number, ADMIN, "/freeze dev because a demo")
    stage.answer(number, command, "is frozen")
    stage.move_time("40m")
    eventually(lambda: waits_for(stage, "froze"), what="the freeze to be met")
    assert state_of(stage, name) == "running"
    command = stage.github.comment(stage.name, number, ADMIN, "/unfreeze dev")
    stage.answer(number, command, "is not frozen by hand any more")
    stage.move_time("6m")
    wait_for(stage, name, "stopped")

    full = Fault(
        kind=FaultKind.ERROR,
        service="ec2",
        operation="StartInstances",
        count=None,
        status=500,
        code="InsufficientInstanceCapacity",
        message="We currently do not have sufficient t3.micro capacity",
    )
    stage.sandbox.aws.inject(full)
    stage.move_time("3h")
    issue = eventually(
        lambda: next(
            (
                one
                for one in stage.github.repository(stage.name).issues.values()
                if "off-hours" in one.title
            ),
            None,
        ),
        what="the issue about the machine that cannot start",
    )
    repository = stage.github.repository(stage.name).id
    assert (issue.body or "").startswith(f"<!-- gitbot:hours:{repository}:dev -->")
    stage.comment(issue.number, "has no capacity", "us-east-1b", f"dev/{name}: box")
    stage.sandbox.aws.clear_faults()
    stage.move_time("6m")
    wait_for(stage, name, "running")
    eventually(lambda: issue.state == "closed", what="the issue to be closed")
    titles = {one.title for one in stage.github.repository(stage.name).issues.values()}
    assert not [title for title in titles if "drift" in title.lower()]
