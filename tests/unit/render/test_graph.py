"""Drawings of stacks: what is in them, and that no text of a spec gets out of its label."""

from __future__ import annotations

import itertools
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from gitbot.cli.main import main
from gitbot.model.desired import DesiredResource, DesiredStack
from gitbot.model.diagnostic import SourceSpan
from gitbot.model.lookups import DesiredLookup
from gitbot.model.names import Address
from gitbot.model.values import Unknown
from gitbot.render.graph.drawn import Drawn, drawn, graph_data
from gitbot.render.graph.mermaid import mermaid
from gitbot.render.graph.svg import svg

AT = SourceSpan(file="a.yaml")
SVG = "{http://www.w3.org/2000/svg}"


def stack(edges: dict[str, list[str]], name: str = "one") -> DesiredStack:
    resources = {
        Address(address): DesiredResource(
            address=Address(address),
            type="A::B::C",
            properties={},
            depends_on=frozenset(map(Address, needed)),
            source=AT,
        )
        for address, needed in edges.items()
    }
    return DesiredStack(
        environment="dev",
        name=name,
        region="r",
        resources=resources,
        outputs={},
        hash="",
        source=AT,
    )


NESTED = {
    'data["a.b"].bucket': [],
    'data["a.b"].inner.table': ['data["a.b"].bucket'],
    "machine": ['data["a.b"].inner.table', 'data["a.b"].bucket', "gone"],
}


def test_arrows_are_those_that_no_other_way_implies() -> None:
    (graph,) = drawn([stack(NESTED)])
    assert graph_data([graph]) == [
        {
            "stack": "dev/one",
            "resources": dict.fromkeys(sorted(NESTED), "A::B::C"),
            "lookups": {},
            "secrets": [],
            "needs": {
                'data["a.b"].inner.table': ['data["a.b"].bucket'],
                "machine": ['data["a.b"].inner.table'],
            },
        }
    ]


def test_modules_are_boxes_in_mermaid() -> None:
    assert (
        mermaid(drawn([stack(NESTED), stack({"x": []}, "two")]))
        == """flowchart LR
  subgraph s0["dev/one"]
    s0n2["machine<br/>A::B::C"]
    subgraph s0m0["data[#34;a.b#34;]"]
      s0n0["data[#34;a.b#34;].bucket<br/>A::B::C"]
      subgraph s0m0m0["data[#34;a.b#34;].inner"]
        s0n1["data[#34;a.b#34;].inner.table<br/>A::B::C"]
      end
    end
  end
  s0n1 --> s0n0
  s0n2 --> s0n1
  subgraph s1["dev/two"]
    s1n0["x<br/>A::B::C"]
  end
"""
    )


def reading(*names: str, **more: Any) -> Unknown:
    """A value that is made with these resources or lookups."""
    return Unknown(template="t", references={one: Address(one) for one in names}, **more)


def test_what_a_stack_uses_and_does_not_make_has_round_ends() -> None:
    image, group = Address("lookups.image"), Address('data["a"].lookups.group')
    plain = stack({"net": [], 'data["a"].rule': ["net"], "trainer": [], "twin": ["trainer"]})
    values: dict[str, Any] = {
        'data["a"].rule': [reading(group)],
        # A secret that the stack itself makes is one of its resources.
        "trainer": {
            "ImageId": reading(image),
            "Key": reading(secrets={"ssm:/dev/db": "", "secretsmanager:(net)#key": ""}),
        },
        # What another resource is made of is reached through that one.
        "twin": reading("trainer", image, secrets={"ssm:/dev/db": ""}),
    }
    used = replace(
        plain,
        resources={
            address: replace(one, properties={"P": values.get(address)})
            for address, one in plain.resources.items()
        },
        lookups={
            image: DesiredLookup(address=image, type="AWS::EC2::Image", source=AT),
            group: DesiredLookup(
                address=group, type="T", filter={"VpcId": reading("net", "gone")}, source=AT
            ),
        },
    )
    graphs = drawn([used])
    (data,) = graph_data(graphs)
    assert data["lookups"] == {group: "T", image: "AWS::EC2::Image"}
    assert data["secrets"] == ["ssm:/dev/db"]
    assert data["needs"] == {
        'data["a"].rule': [group],
        group: ["net"],
        "trainer": [image, "net", "ssm:/dev/db"],
        "twin": ["trainer"],
    }
    text = mermaid(graphs)
    assert '(["lookups.image<br/>lookup of AWS::EC2::Image"])' in text
    assert '(["ssm:/dev/db<br/>secret"])' in text
    assert 'subgraph s0m0["data[#34;a#34;]"]' in text
    assert svg(graphs).count('class="used"') == 3
    assert len(_boxes(graphs)) == 7


def _boxes(graphs: tuple[Drawn, ...]) -> dict[str, tuple[float, float, float, float]]:
    root = ElementTree.fromstring(svg(graphs))
    found = {}
    for group in root.iter(f"{SVG}g"):
        rect, text = group.find(f"{SVG}rect"), group.find(f"{SVG}text")
        assert rect is not None
        assert text is not None
        x, y, width, height = (float(rect.attrib[one]) for one in ("x", "y", "width", "height"))
        found[str(text.text)] = (x, y, x + width, y + height)
    width, height = float(root.attrib["width"]), float(root.attrib["height"])
    assert all(right <= width and bottom <= height for _, _, right, bottom in found.values())
    return found


def test_boxes_do_not_overlap_and_what_is_needed_is_on_the_left() -> None:
    edges = {
        f"r{number}": [f"r{one}" for one in range(number) if number % (one + 2) == 0]
        for number in range(30)
    }
    edges["long_" + "x" * 90] = ["r1"]
    graphs = drawn([stack(edges), stack(NESTED, "two")])
    boxes = _boxes(graphs)
    for one, other in itertools.combinations(boxes.values(), 2):
        apart = one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        assert apart
    for address, needed in graphs[0].needs.items():
        for each in needed:
            assert boxes[each][2] < boxes[address][0] if len(address) < 50 else True
    assert svg(graphs).count("marker-end") == sum(map(len, graphs[0].needs.values())) + 2


HOSTILE = 'a["</text><script>alert(1)</script>\u202e\\"];click x"]'


def test_no_text_gets_out_of_its_label() -> None:
    graphs = drawn([stack({HOSTILE: []}, 'n"]; end\n%%{init}')])
    drawing = svg(graphs)
    ElementTree.fromstring(drawing)
    assert "<script" not in drawing
    assert "\u202e" not in drawing
    text = mermaid(graphs)
    labels = re.findall(r'\["([^"\n]*)"\]', text)
    assert len(labels) == 2
    assert not any(set(label.replace("<br/>", "")) & set('"<>{}%;\n') - {";"} for label in labels)
    assert re.sub(r'\["[^"\n]*"\]', "", text).split() == [
        "flowchart", "LR", "subgraph", "s0", "s0n0", "end",
    ]  # fmt: skip


def test_the_command_draws_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[3])
    run = CliRunner()
    told = json.loads(run.invoke(main, ["graph", "dev", "--json"]).output)["graphs"]
    assert [one["stack"] for one in told] == ["dev/artifact-bucket", "dev/gpu-trainer"]
    assert told[1]["needs"] == {"trainer": ["key", "ssh"]}
    file = tmp_path / "trainer.svg"
    done = run.invoke(main, ["graph", "dev", "gpu-trainer", "-o", str(file)])
    assert done.exit_code == 0, done.output
    ElementTree.parse(file)
    for arguments, says in (
        (["lab"], "there is no environment 'lab'; there is: dev, prod, staging"),
        (["dev", "x"], "dev has no stack 'x'; it has: artifact-bucket, gpu-trainer"),
        (["dev", "-o", str(tmp_path / "no/where.svg")], "cannot be written"),
    ):
        wrong = run.invoke(main, ["graph", *arguments])
        assert wrong.exit_code == 1
        assert says in wrong.output
