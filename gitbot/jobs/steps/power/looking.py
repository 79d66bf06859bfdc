"""Look which machines run, and which of them work, in as few calls as possible. Shell."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from gitbot.decisions.hours.working import working_by_metric, working_by_tag
from gitbot.errors import CloudError, TransientError
from gitbot.jobs.steps.look import Engine
from gitbot.model.cloud import Power
from gitbot.model.hours import Busy, BusyMetric, Working
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Observation, Present, ReadRequest
from gitbot.model.recorded import RecordedResource
from gitbot.model.schema import Switch
from gitbot.model.tags import BUSY_TAG
from gitbot.ports.cloud import Cloud
from gitbot.reconciler.power import power_in
from gitbot.reconciler.tags import tag_value

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What the cloud shows of one machine.

    ``power`` is None when the machine is gone, or when ``unread`` says why nothing is shown of it.
    Of a machine that cannot be read nobody knows whether it works.
    """

    power: Power | None = None
    working: Working = Working.IDLE
    unread: str = ""


def is_machine(engine: Engine, resource: RecordedResource) -> bool:
    """Whether the resource can be started and stopped."""
    schema = engine.clouds.schemas(resource.type)
    return schema is not None and schema.switch is not None


def look_at(
    engine: Engine, cloud: Cloud, machines: Mapping[K, RecordedResource], now: datetime
) -> Mapping[K, Looked]:
    """What the cloud shows of each machine. One that is refused keeps no other from being looked at.

    Raises:
        TransientError: the cloud did not answer.
    """
    found: dict[K, Looked] = {}
    for region in sorted({one.region for one in machines.values()}):
        here = {key: one for key, one in machines.items() if one.region == region}
        found |= _look_at(engine, cloud.at(region), here, now)
    return found


def _look_at(
    engine: Engine, cloud: Cloud, machines: Mapping[K, RecordedResource], now: datetime
) -> dict[K, Looked]:
    """The same for machines of the region to which the connection leads."""
    requests = {key: _request(number, machines[key]) for number, key in enumerate(machines)}
    shown = _read(engine, cloud, list(requests.values()))
    measured = _measured(cloud, list(machines.values()))
    return {
        key: _looked(engine, machines[key], shown[request.address], measured, now)
        for key, request in requests.items()
    }


def _request(number: int, machine: RecordedResource) -> ReadRequest:
    # Two stacks may use the same address.
    return ReadRequest(
        address=Address(f"{number}/{machine.address}"),
        type=machine.type,
        remote_id=machine.remote_id,
        route=machine.route,
        surfaces=frozenset(),
    )


def _read(
    engine: Engine, cloud: Cloud, requests: Sequence[ReadRequest]
) -> Mapping[Address, Observation | str]:
    """What the cloud shows of each machine, or why it shows nothing of it.

    After a refusal each machine is read alone.
    """
    if not requests:
        return {}
    try:
        return cloud.read(requests)
    except CloudError as error:
        if len(requests) == 1:
            return {requests[0].address: engine.hide(str(error))}
    return {key: one for each in requests for key, one in _read(engine, cloud, [each]).items()}


def _measured(
    cloud: Cloud, machines: Sequence[RecordedResource]
) -> Mapping[tuple[Busy, RemoteId], float | None]:
    """The metrics that tell whether machines work; one question for all machines of a metric."""
    asked: dict[Busy, list[RemoteId]] = {}
    for one in machines:
        if one.machine.busy is not None and one.machine.busy.metric is not None:
            asked.setdefault(one.machine.busy, []).append(one.remote_id)
    return {
        (busy, remote_id): value
        for busy, ids in asked.items()
        if busy.metric is not None
        for remote_id, value in _measure(cloud, busy.metric, ids).items()
    }


def _measure(
    cloud: Cloud, metric: BusyMetric, ids: Sequence[RemoteId]
) -> Mapping[RemoteId, float | None]:
    """The metric of each machine; None where nobody can tell whether that one works."""
    try:
        return cloud.measure(metric, ids)
    except TransientError:
        return dict.fromkeys(ids)
    except CloudError:
        if len(ids) == 1:
            return {ids[0]: None}
    return {key: value for each in ids for key, value in _measure(cloud, metric, [each]).items()}


def _looked(
    engine: Engine,
    machine: RecordedResource,
    shown: Observation | str,
    measured: Mapping[tuple[Busy, RemoteId], float | None],
    now: datetime,
) -> Looked:
    if isinstance(shown, str):
        return Looked(working=Working.UNKNOWN, unread=shown)
    schema = engine.clouds.schemas(machine.type)
    assert schema is not None
    assert schema.switch is not None
    power, busy = power_in(schema, shown), machine.machine.busy
    if busy is None or not isinstance(shown, Present):
        return Looked(power=power)
    if busy.metric is None:
        text = tag_value(schema, shown.properties, BUSY_TAG)
        return Looked(power=power, working=working_by_tag(text, now))
    value = measured.get((busy, machine.remote_id))
    gpus = _has_gpus(schema.switch, shown)
    return Looked(power=power, working=working_by_metric(busy.metric, value, gpus=gpus))


def _has_gpus(switch: Switch, shown: Present) -> bool:
    return str(shown.properties.get(switch.size, "")).startswith(switch.gpus)
