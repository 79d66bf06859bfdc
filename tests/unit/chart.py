"""Render the templates of the Helm chart, which use only what this file knows. Shell.

The actions are those of https://helm.sh/docs/chart_template_guide/: ``.Values.…``, ``.Release.Name``,
``toYaml``, ``nindent``, ``add``, and ``if`` with ``end``. Any other is an error.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

CHART = Path(__file__).parents[2] / "deploy/chart"
_ACTION = re.compile(r"(\s*)\{\{(-?) (.*?) \}\}", re.DOTALL)
_VALUE = re.compile(r"(toYaml )?(\.[A-Za-z.]+)(?: \| nindent (\d+))?")
_SUM = re.compile(r"add (\.[A-Za-z.]+) (\d+)")


def rendered(values: dict[str, Any], release: str = "bot") -> dict[str, dict[str, Any]]:
    """The manifests of the chart with these values over its own, by kind."""
    top = {"Values": with_defaults(values), "Release": {"Name": release}}
    found = [
        yaml.safe_load(_render(path.read_text(), top))
        for path in sorted((CHART / "templates").iterdir())
    ]
    return {one["kind"]: one for one in found if one}


def with_defaults(values: dict[str, Any]) -> dict[str, Any]:
    """The values over those of the chart: maps are merged, all else is replaced."""
    return _merged(yaml.safe_load((CHART / "values.yaml").read_text()), values)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    merged = {**base, **over}
    for name in base.keys() & over.keys():
        if isinstance(base[name], dict):
            merged[name] = _merged(base[name], over[name])
    return merged


def _render(text: str, top: dict[str, Any]) -> str:
    shown, out, at = [True], "", 0
    for found in _ACTION.finditer(text):
        space, trims, action = found.groups()
        before = text[at : found.start()] + ("" if trims else space)
        out, at = out + (before if all(shown) else ""), found.end()
        if action.startswith("if "):
            shown.append(bool(_look_up(action[3:], top)))
        elif action == "end":
            shown.pop()
        elif all(shown):
            out += _shown(action, top)
    assert shown == [True], "an if without its end"
    rest = text[at:]
    assert "{{" not in rest
    return out + rest


def _shown(action: str, top: dict[str, Any]) -> str:
    if total := _SUM.fullmatch(action):
        return str(_look_up(total[1], top) + int(total[2]))
    found = _VALUE.fullmatch(action)
    assert found, f"{action!r} is not an action that the tests can render"
    value = _look_up(found[2], top)
    if not found[1]:
        assert isinstance(value, (str, int)), f"{action} shows Go's text of {value!r}: use toYaml"
        return str(value)
    text = yaml.safe_dump(value, width=10**6).removesuffix("\n").removesuffix("\n...")
    indent = int(found[3] or 0)
    return text if not found[3] else "".join(f"\n{' ' * indent}{one}" for one in text.split("\n"))


def _look_up(path: str, top: dict[str, Any]) -> Any:
    value: Any = top
    for name in path.removeprefix(".").split("."):
        value = value[name]
    return value
