"""A module changes in dev, its commit is promoted to staging, and a moved tag is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitbot.model.keys import ApplyEnvironment
from gitbot.model.names import StackId
from gitbot.model.runs import RunKind, RunStatus
from tests.e2e.drift_world import DriftWorld, drift_world
from tests.e2e.promotion_world import Edge
from tests.e2e.specs import group, stack

# Many applies and merges in one repository: too long for every run of the suite.
pytestmark = pytest.mark.full

DOOR = "modules/door/module.yaml"
GATE = "modules/gate/module.yaml"
HOME = "specs/staging/environment.yaml"


def door(port: int, name: str = "door") -> str:
    return f"""apiVersion: gitbot/v1
kind: Module
metadata: {{name: {name}}}
spec:
  variables: {{name: {{type: string}}}}
  resources:
    ssh:
      type: AWS::EC2::SecurityGroup
      properties:
        GroupName: ${{vars.name}}
        GroupDescription: A door
        SecurityGroupIngress: [{{IpProtocol: tcp, FromPort: {port}, ToPort: {port}, CidrIp: 203.0.113.5/32}}]
"""


def house(name: str = "house", module: str = "door") -> str:
    use = f'front:\n  module: modules/{module}\n  values: {{name: "${{env.project}}-${{env.name}}-{name}"}}\n'
    return stack(name, use)


def tagged(tag: str) -> str:
    return house("tagged", f"gate@{tag}")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DriftWorld]:
    root: Path = tmp_path_factory.mktemp("modules")
    with drift_world(root) as made:
        yield made


@pytest.fixture(scope="module")
def edge(world: DriftWorld) -> Edge:
    """One repository for most tests. Each can run alone: a worker of xdist may get any of them."""
    return Edge(world, {"plain": group("plain")}, ", how: merge")


def pin(edge: Edge, ref: str = "main") -> str | None:
    """The commit that staging takes modules from."""
    git = edge.github.hub.git(edge.github.repository(edge.name))
    found = re.search(r'modules: "([0-9a-f]{40})"', git.blob(f"{ref}:{HOME}").decode())
    return found[1] if found else None


def promoted(edge: Edge) -> int:
    """Plan the open promotion of the house, let gitbot merge it, and apply staging; its number."""
    (number,) = edge.open_numbers("house")
    edge.planned("house")
    assert edge.github.pull_request(edge.name, number).merged_at is not None, edge.gates(number)
    edge.world.ports.forges.mirror(edge.id).fetch()
    key = ApplyEnvironment(
        repository=edge.id, environment="staging", tip=edge.tip, why=edge.reason()
    )
    edge.world.waiting.enqueue(key)
    edge.world.run(ApplyEnvironment)
    edge.promote()
    return number


def applied(edge: Edge, environment: str, name: str) -> list[RunStatus]:
    stack_id = StackId(repository=edge.id, environment=environment, name=name, region="us-east-1")
    runs = edge.world.ports.records.runs.of_stack(stack_id, RunKind.APPLY, limit=1)
    return [run.status for run in runs]


@pytest.fixture(scope="module")
def first(edge: Edge) -> tuple[int, str]:
    """The house is in staging, with the module; the promotion and the commit that it brought."""
    edge.merge_files({DOOR: door(22), "specs/dev/house.yaml": house()}, "dev")
    commit = edge.tip
    edge.promote()
    return promoted(edge), commit


@pytest.fixture(scope="module")
def second(edge: Edge, first: tuple[int, str]) -> tuple[int, int, str]:
    """The module has changed in dev; the pull request, its promotion, and the commit that it brought."""
    number = edge.open({DOOR: door(2222)})
    edge.merge(number, "dev", "staging")
    commit = edge.tip
    assert edge.open_numbers("house") == []
    edge.promote()
    (promotion,) = edge.open_numbers("house")
    assert pin(edge) == first[1]
    assert promoted(edge) == promotion
    return number, promotion, commit


def test_the_first_stack_that_uses_a_module_brings_its_commit_along(
    edge: Edge, first: tuple[int, str]
) -> None:
    number, commit = first
    body = edge.told(number).body
    assert f"`modules:` in the environment.yaml of staging becomes `{commit[:12]}` (is new)" in body
    runs = applied(edge, "staging", "house")
    assert runs == [RunStatus.APPLIED]


def test_a_change_of_the_module_waits_in_staging_for_its_promotion(
    edge: Edge, first: tuple[int, str], second: tuple[int, int, str]
) -> None:
    number, promotion, commit = second
    said = "\n".join(edge.said(number))
    assert "#### `dev/house`" in said
    assert "staging/house" not in said
    stays = f"`staging` stays as it is: its environment.yaml takes `modules/door` from the commit `{first[1][:12]}`"
    assert stays in said
    assert f"#{number} Change" in edge.told(promotion).body
    assert pin(edge) == commit
    assert "staging/house" in "\n".join(edge.said(promotion))
    assert applied(edge, "staging", "house") == [RunStatus.APPLIED]
    assert edge.open_numbers("house") == []


@pytest.mark.usefixtures("second")
def test_a_commit_that_somebody_takes_back_is_not_promoted_again(edge: Edge) -> None:
    former = edge.promotion("house").merged
    assert former is not None
    now = pin(edge)
    text = edge.github.hub.git(edge.github.repository(edge.name)).blob(f"main:{HOME}").decode()
    edge.push({HOME: text.replace(now or "?", former.pin_before)})
    edge.promote()
    hold = edge.promotion("house").hold
    assert hold is not None
    assert f"reverted #{former.number}" in hold.reason
    edge.push({HOME: text})


def test_a_tag_that_moved_is_held_and_names_both_commits(edge: Edge) -> None:
    git = edge.github.hub.git(edge.github.repository(edge.name))
    edge.merge_files({GATE: door(22, "gate")}, "dev")
    before = edge.tip
    git.update_ref("refs/tags/v1", before)
    edge.merge_files({"specs/dev/tagged.yaml": tagged("v1")}, "dev")
    assert applied(edge, "dev", "tagged") == [RunStatus.APPLIED]
    edge.merge_files({GATE: door(3333, "gate")}, "dev")
    after = edge.tip
    assert applied(edge, "dev", "tagged") == [RunStatus.APPLIED]
    git.update_ref("refs/tags/v1", after, before)
    text = tagged("v1").replace("labels: {", "labels: {more: words, ")
    number = edge.merge_files({"specs/dev/tagged.yaml": text}, "dev")
    said = "\n".join(edge.said(number))
    assert f"the tag `v1` was at the commit `{before[:12]}`" in said
    assert f"is at `{after[:12]}` now" in said
    assert applied(edge, "dev", "tagged") == [RunStatus.HELD]


def test_a_tag_that_is_not_there_is_a_problem_of_the_pull_request(edge: Edge) -> None:
    number = edge.open({"specs/dev/other.yaml": house("other", "door@v9")})
    assert 'This repository has no tag "v9"' in "\n".join(edge.said(number))


ONLY = "modules/only/module.yaml"
KEPT = "specs/dev/kept.yaml"


def kept(label: str = "") -> str:
    text = house("kept").replace("spec:\n", "spec:\n  promote: false\n", 1)
    return text.replace("labels: {", f"labels: {{more: {label}, ") if label else text


@pytest.fixture(scope="module")
def shared(world: DriftWorld) -> Edge:
    """Dev promotes the house. Staging has two stacks of its own that use modules, and dev has one of them."""
    edge = Edge(world, {"plain": group("plain")}, ", how: merge")
    modules = {DOOR: door(22), ONLY: door(22, "only")}
    edge.merge_files({**modules, "specs/dev/house.yaml": house(), KEPT: kept()}, "dev")
    edge.promote()
    promoted(edge)
    more = {"specs/staging/kept.yaml": kept(), "specs/staging/solo.yaml": house("solo", "only")}
    edge.merge_files(more, "staging")
    assert (
        applied(edge, "staging", "kept") == applied(edge, "staging", "solo") == [RunStatus.APPLIED]
    )
    return edge


def merged(edge: Edge, number: int) -> bool:
    return edge.github.pull_request(edge.name, number).merged_at is not None


def test_a_stack_that_the_line_alone_changes_has_gates_of_its_own(shared: Edge) -> None:
    shared.merge_files({DOOR: door(2222)}, "dev")
    shared.push({KEPT: kept("words")})
    shared.apply()
    assert applied(shared, "dev", "kept") == [RunStatus.HELD]
    shared.promote()
    (number,) = shared.open_numbers("house")
    assert (
        "`kept`: its spec stays as it is; its gates wait for `dev/kept`, which uses the same"
        in (shared.told(number).body)
    )
    shared.planned("house")
    assert not merged(shared, number)
    gates = (shared.gates(number).summary or "").partition("**kept (by its modules alone)**")[2]
    assert "| waits | dev/kept is not applied with exactly this yet |" in gates
    assert "| its plan is shown | open |" in gates
    assert "#### `staging/kept`" in "\n".join(shared.said(number))
    shared.merge_files({KEPT: kept()}, "dev")
    shared.push({"specs/dev/broken.yaml": "kind: ["})
    shared.promote()
    assert "specs of dev have errors, so nobody can tell" in (shared.gates(number).summary or "")
    shared.push({"specs/dev/broken.yaml": None})
    shared.promote()
    assert merged(shared, number), shared.gates(number)


def test_what_no_stack_of_the_source_uses_is_for_a_person_to_decide(shared: Edge) -> None:
    shared.merge_files({DOOR: door(3333), ONLY: door(3333, "only")}, "dev")
    shared.promote()
    (number,) = shared.open_numbers("house")
    body = shared.told(number).body
    assert "`staging/solo` changes by `modules/only`, and no stack of dev uses that" in body
    assert shared.github.pull_request(shared.name, number).draft
    shared.planned("house")
    assert not merged(shared, number)
    assert "#### `staging/solo`" in "\n".join(shared.said(number))
