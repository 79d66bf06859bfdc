"""What the page about specs shows of modules can be written as it stands."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from gitbot.adapters.loader.shipped import shipped_modules
from gitbot.language.load import load_tree
from gitbot.providers.aws.catalog import open_catalog
from tests.unit.language.specs_by_hand import ENVIRONMENT, HEAD, tree

PAGE = (Path(__file__).parents[3] / "docs" / "specs.md").read_text()
SECTION = PAGE.partition("\n## Modules\n")[2].partition("\n## ")[0]


def test_the_module_and_the_stack_that_uses_it_load() -> None:
    module, resources = re.findall(r"^```yaml\n(.*?)^```$", SECTION, re.DOTALL | re.M)
    catalog = open_catalog()
    files = {
        "specs/dev/environment.yaml": ENVIRONMENT,
        "specs/dev/demo.yaml": f"{HEAD}  resources:\n{textwrap.indent(resources, ' ' * 4)}",
        "modules/ml-bucket/module.yaml": module,
    }
    loaded = load_tree(tree(files), catalog.lookup, catalog.names, catalog.native_names)
    assert [one.detail for one in loaded.diagnostics] == []
    assert list(loaded.stacks[0].resources) == [
        'data["datasets"].bucket',
        'data["features"].bucket',
        'data["models"].bucket',
        "reader",
    ]


def test_every_module_that_comes_with_gitbot_is_named() -> None:
    names = {file.path.rpartition("/")[0] for file in shipped_modules()}
    assert names == set(re.findall(r"`(gitbot/[a-z-]+)`", SECTION))
