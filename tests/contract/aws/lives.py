"""Share one object of each type among the rows of a module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gitbot.providers.aws.catalog import open_catalog
from tests.contract.aws.cases import CASES
from tests.contract.aws.life import Life
from tests.contract.aws.samples import Pattern, beside, sample, xors_of
from tests.contract.aws.world import AwsWorld

CATALOG = open_catalog()
MINIMAL = {case.type: case.minimal for case in CASES}
BARS = {case.type: case.bars for case in CASES}


class Lives:
    """One object of each type for many rows: making one for each row would take minutes."""

    def __init__(self, world: AwsWorld) -> None:
        self.world = world
        self._lives: dict[str, Life] = {}
        self._lent: dict[str, Life] = {}
        self._minimal: dict[str, Mapping[str, Any]] = {}

    def minimal(self, type_: str) -> Mapping[str, Any]:
        """The least that a spec of the type needs."""
        if type_ not in self._minimal:
            self._minimal[type_] = MINIMAL[type_](self.world)
        return self._minimal[type_]

    def of(self, type_: str, properties: Mapping[str, Any]) -> Life:
        """The object of the type, with these properties as the only ones ever declared."""
        life = self._lives.pop(type_, None)
        if life is None:
            if type_ in self._lent:  # its row failed: it is in the way of another one of its name
                self._lent.pop(type_).end()
            life = Life(self.world, type_)
            life.apply(properties)
        self._lent[type_] = life
        life.forget(properties)
        return life

    def another(self, life: Life, properties: Mapping[str, Any]) -> Life:
        """Another object with these properties; this one made again, where the rows' specs name it."""
        schema = CATALOG.lookup(life.type)
        assert schema is not None
        named = set(schema.natural_key or ()) & self.minimal(life.type).keys()
        made = life if named else Life(self.world, life.type)
        made.end()
        made.apply(properties)
        return made

    def keep(self, life: Life, path: Pattern) -> None:
        """Let another row have the object, unless what was tried bars other changes."""
        self._lent.pop(life.type, None)
        if path[0] in BARS[life.type]:
            life.end()
        else:
            self._lives[life.type] = life


def with_sample(lives: Lives, type_: str, path: Pattern, which: int) -> dict[str, Any]:
    """The least spec with the ``which``-th sample at the path."""
    schema = CATALOG.lookup(type_)
    assert schema is not None
    more = {
        **beside(lives.world, schema, path),
        path[0]: sample(lives.world, schema, path, which),
    }
    excluded = [set(group) for group in xors_of(schema.json_schema) if more.keys() & set(group)]
    base = lives.minimal(type_)
    kept = {name: base[name] for name in base if not any(name in group for group in excluded)}
    return {name: value for name, value in (kept | more).items() if value is not None}
