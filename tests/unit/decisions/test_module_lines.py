"""Which environment uses which module from where, and how that is shown."""

from __future__ import annotations

from dataclasses import replace

from gitbot.decisions.modules import module_lines
from gitbot.model.names import Sha
from gitbot.render.modules import module_data, module_table
from tests.unit.language.specs_by_hand import HEAD, load_files, tree
from tests.unit.language.test_module_versions import AT_PIN, OTHER, PIN, environment, files_of

USES = """  resources:
    crate: {module: modules/crate}
    again: {module: modules/crate@v1}
"""


def test_every_use_has_a_line_that_says_whether_it_is_behind() -> None:
    files = files_of(environment("prod", f"  promotesFrom: dev\n  modules: {PIN}\n"), USES)
    files["specs/prod/more.yaml"] = HEAD.replace("demo", "more") + USES.rpartition("    again")[0]
    files["modules/part/module.yaml"] = (
        AT_PIN.entries["modules/part/module.yaml"].content or b""
    ).decode()
    versions = {PIN: AT_PIN, "v1": replace(AT_PIN, commit=OTHER)}
    loaded = load_files(files, versions=versions)
    assert loaded.diagnostics == ()
    lines = module_lines(loaded, tree(files, versions))
    found = [(x.environment, x.use.name, x.use.tag, x.stacks, x.differs) for x in lines]
    assert found == [
        ("dev", "modules/crate", "", ("demo",), False),
        ("prod", "modules/crate", "", ("demo", "more"), True),
        ("prod", "modules/crate", "v1", ("demo",), True),
        ("prod", "modules/part", "", ("demo", "more"), False),
        ("prod", "modules/part", "v1", ("demo",), False),
    ]
    counted = [replace(lines[1], missed=(Sha(OTHER), Sha(PIN))), lines[2], *lines[3:4]]
    shown = [line.text for line in module_table([lines[0], *counted])]
    assert shown == [
        "environment  module         from               behind         stacks",
        "dev          modules/crate  here               -              demo",
        "prod         modules/crate  3f9c1e0b7a52       2 commits      demo, more",
        "prod         modules/crate  v1 (000000000000)  not committed  demo",
        "prod         modules/part   3f9c1e0b7a52       -              demo, more",
    ]
    assert module_data(counted)[0] == {
        "environment": "prod",
        "module": "modules/crate",
        "tag": None,
        "commit": PIN,
        "stacks": ["demo", "more"],
        "behind": True,
        "missed": [OTHER, PIN],
    }
    assert [line.text for line in module_table([])] == ["No stack uses a module."]
