"""docs/resource-types.md agrees with the catalog.

``python -m tests.unit.aws.test_resource_types_page`` writes the page again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from gitbot.language.explaining.alternatives import alternatives_of
from gitbot.model.schema import Removal, ReplaceOrder, TypeSchema
from gitbot.providers.aws.catalog import Catalog, open_catalog

PAGE = Path(__file__).parents[3] / "docs" / "resource-types.md"
REWRITE = ".venv/bin/python -m tests.unit.aws.test_resource_types_page"

_HEAD = """\
# Resource types

This version manages {served:,} resource types, by two routes. A resource keeps the route that made it.

- **Native**: the {native} types on this page. gitbot calls the service itself, reads many objects with one
  call, and knows what changes in place and what removing a property does. A property that is not on the page
  is refused with `property-not-handled`.
- **Cloud Control**: the other {others:,} types that CloudFormation's registry can create, read and delete.
  gitbot asks [AWS Cloud Control](https://docs.aws.amazon.com/cloudcontrolapi/latest/userguide/what-is-cloudcontrolapi.html),
  and takes every property of the schema. What replaces, what is read-only and what nobody can read is what
  the schema says; a property that leaves the spec is removed from the object, and {fixed} of the types
  cannot be changed at all, so that every change replaces. Each object is read with one call.
  `gitbot schema <type>` prints what a spec may say of a type. Secrets that AWS makes up, such as a client's, are
  never read, so that no expression can use them. `gitbot recover` does not list these objects: without state,
  a plan finds those that have tags or a name by themselves, and adopts them.

The {unserved} types of the registry that have no such handlers, and no native ones, are refused with
`type-not-served`. See CloudFormation's reference for the meaning of each property.

- *Managed* says which parts of a property gitbot sets and compares. gitbot does not touch a property
  that the spec does not declare.
- *Changing it* says what a change does: `in place` changes the object, `replaces` makes a new object,
  `restarts` stops a running machine, changes it and starts it again.
- *Taking it out of the spec* says what the next apply does. `refused`: set another value instead.

Tags are managed key by key. This page is made from the catalog, and a test checks it against the
catalog.
"""


def page(catalog: Catalog) -> str:
    """The whole page."""
    native, served = set(catalog.native_names()), set(catalog.served_names())
    others = [schema for one in served - native if (schema := catalog.lookup(one)) is not None]
    head = _HEAD.format(
        served=len(served),
        native=len(native),
        others=len(others),
        fixed=sum(not schema.updatable for schema in others),
        unserved=len(set(catalog.names()) - served),
    )
    parts = [head]
    for name in catalog.native_names():
        schema = catalog.lookup(name)
        assert schema is not None
        parts.append("\n".join(_section(schema)) + "\n")
    return "\n".join(parts)


def _section(schema: TypeSchema) -> Iterator[str]:
    yield f"## {schema.name}"
    yield ""
    if schema.stateful:
        yield "It holds data: an apply that replaces or deletes it always waits for consent."
    if schema.stateful_replacement:
        yield "Its disks hold data: an apply that replaces it always waits for consent."
    if longer := str(schema.requests.timeouts):
        yield f"gitbot waits longer for it than the usual 15 minutes: {longer}."
    first = schema.replace_order is ReplaceOrder.CREATE_FIRST
    order = "the new object is created first" if first else "the old object is deleted first"
    unique = dict.fromkeys([*(schema.natural_key or ()), *map(_words, schema.exclusive)])
    key = ", ".join(f"`{name}`" for name in unique)
    kept = f", unless it keeps the same {key}" if first and key else ""
    yield f"When it is replaced, {order}{kept}."
    identifier = "|".join(_words(path) for path in schema.primary_identifier)
    yield f"`lifecycle.import` takes its `{identifier}`."
    given = sorted({_words(path) for path in schema.read_only if path.count("/") == 1})
    if given:
        yield f"Expressions can use {', '.join(f'`{name}`' for name in given)}."
    for path, mark in schema.marks.items():
        yield (
            f"Nobody can read `{_words(path)}`. gitbot records its `{mark}` after each apply, and another one "
            "is drift, which the next apply puts back: it sends what the spec says again. What the spec points at "
            "and has other contents since, such as a new object under the same key or another image under the same tag, "
            "changes nothing in AWS and is no drift."
        )
    yield ""
    yield "| property | managed | changing it | taking it out of the spec |"
    yield "|---|---|---|---|"
    for name in sorted({path.split("/")[1] for path in schema.handled or ()}):
        cells = (f"`{name}`", _managed(schema, name), _changing(schema, name), _out(schema, name))
        yield f"| {' | '.join(cells)} |"


def _managed(schema: TypeSchema, name: str) -> str:
    below = _below(tuple(schema.handled or ()), name)
    return ", ".join(f"`{one}`" for one in below) if below else "all of it"


def _changing(schema: TypeSchema, name: str) -> str:
    if f"/{name}" in schema.create_only or not schema.updatable:
        return "replaces"
    if f"/{name}" in schema.restarts:
        return "restarts"
    forcing = _below(schema.create_only, name)
    return f"replaces for {', '.join(f'`{one}`' for one in forcing)}" if forcing else "in place"


def _out(schema: TypeSchema, name: str) -> str:
    if name in schema.json_schema.get("required", ()):
        return "it is required" + _parts_out(schema, name, None)
    if f"/{name}" in schema.filled:
        others = alternatives_of(schema.json_schema, name)
        named = " or ".join(f"`{one}`" for one in others)
        return f"{named} must be given instead" if others else "nothing changes"
    removal = schema.removals.get(f"/{name}")
    if removal is not None:
        return removal.says + _parts_out(schema, name, removal)
    if f"/{name}" in schema.create_only and f"/{name}" not in schema.write_only:
        return "replaces"
    parts = _parts_out(schema, name, None)
    return (
        f"refused, but for its parts{parts}"
        if parts and f"/{name}" in schema.partial
        else f"refused{parts}"
    )


def _parts_out(schema: TypeSchema, name: str, whole: Removal | None) -> str:
    """What the parts of a property do that do something else than the whole."""
    parts = {path: one for path, one in schema.removals.items() if path.startswith(f"/{name}/")}
    by_words: dict[str, list[str]] = {}
    for path, one in sorted(parts.items()):
        if whole is None or one.says != whole.says:
            own = f"`{_words(path.removeprefix(f'/{name}'))}`"
            by_words.setdefault(one.says, []).append(own)
    words = [f"{', '.join(those)}: {says}" for says, those in by_words.items()]
    return f"; {'; '.join(words)}" if words else ""


def _below(paths: tuple[str, ...], name: str) -> list[str]:
    found = {path.removeprefix(f"/{name}/") for path in paths if path.startswith(f"/{name}/")}
    return sorted(_words(path) for path in found)


def _words(path: str) -> str:
    return ".".join(part for part in path.split("/") if part not in ("", "*"))


def test_the_page_of_resource_types_agrees_with_the_catalog() -> None:
    assert PAGE.read_text() == page(open_catalog()), f"write it anew: {REWRITE}"


def test_every_native_type_and_removal_is_on_the_page() -> None:
    text = PAGE.read_text()
    catalog = open_catalog()
    for name in catalog.native_names():
        schema = catalog.lookup(name)
        assert schema is not None
        assert f"\n## {name}\n" in text
        assert all(removal.says in text for removal in schema.removals.values())


if __name__ == "__main__":
    PAGE.write_text(page(open_catalog()))
