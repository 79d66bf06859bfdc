"""What the pages about time show can be written as it stands: files load, commands are understood.

The kind: a page that is copied, and then refused.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gitbot.decisions.commands.grammar import parse_commands
from gitbot.decisions.commands.table import VERBS
from gitbot.language.load import load_tree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import tree

ROOT = Path(__file__).parents[3]
PAGES = {
    name: (ROOT / "docs" / f"{name}.md").read_text()
    for name in ("schedule", "drift", "expiry", "off-hours", "freeze", "promotion")
}
CATALOG = open_catalog()
ENVIRONMENTS = {
    f"specs/{name}/environment.yaml": (ROOT / f"specs/{name}/environment.yaml").read_text()
    for name in ("dev", "staging", "prod")
}
FILES = [
    pytest.param(block, id=f"{name}-{number}")
    for name, page in PAGES.items()
    for number, block in enumerate(re.findall(r"^```yaml\n(.*?)^```$", page, re.DOTALL | re.M))
]
COMMANDS = sorted(
    {
        line
        for page in PAGES.values()
        for line in (
            *re.findall(r"`(/[a-z]+ [^`]+)`", page),
            *re.findall(r"^(/[a-z]+ .+)$", page, re.M),
        )
    }
)
PLACEHOLDERS = {
    "<resource>": "trainer",
    "<path>": "/Tags/owner",
    "<date>": "2026-12-24",
    "<reason>": "handover",
    "<digest>": "1a2b3c4d5e6f7a8b",
}


@pytest.mark.parametrize("block", FILES)
def test_every_file_says_where_it_stands_and_loads_there(block: str) -> None:
    found = re.match(r"# ((?:specs/(\w+)|calendars)/[\w-]+\.yaml)", block)
    assert found, block
    path, environment = found[1], found[2] or "dev"
    files = {path: block, **ENVIRONMENTS}
    stack = f"specs/{environment}/gpu-trainer.yaml"
    files[stack] = (ROOT / stack).read_text()
    if path.startswith("specs/"):
        files[path] = _with_spec(files[path], block)
    loaded = load_tree(tree(files), CATALOG.lookup, CATALOG.names, CATALOG.native_names)
    assert [one.detail for one in loaded.diagnostics] == []


def _with_spec(example: str, block: str) -> str:
    """The example with the fields of the block, which stand in place of its own of the same name."""
    fields = block.partition("\nspec:\n")[2]
    for name in re.findall(r"^  (\w+):", fields, re.M):
        example = re.sub(rf"^  {name}:.*\n(?:    .*\n|\n)*", "", example, flags=re.M)
    return f"{example}{fields}"


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_understood(line: str) -> None:
    for placeholder, word in PLACEHOLDERS.items():
        line = line.replace(placeholder, word)
    (parsed,) = parse_commands(line, "gitbot[bot]")
    forms = {form.word for form in VERBS[parsed.verb].forms}
    mentioned = line.split()[1:] in [[word] for word in forms if word]
    assert parsed.problem is None or mentioned, parsed.problem


def test_the_pages_show_files_and_commands() -> None:
    assert len(FILES) > 10
    assert len(COMMANDS) > 15
