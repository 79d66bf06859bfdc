"""The loader: lets child processes load files, bind unknowns and judge expressions. Shell."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import chain
from types import TracebackType

from gitbot.adapters.loader.deaths import UNREADABLE, DiedError, diagnostic_of
from gitbot.adapters.loader.disk import DiskCache
from gitbot.adapters.loader.kept import DEATHS, KeptFiles, Modules, key_of
from gitbot.adapters.loader.pool import ChildPool
from gitbot.adapters.loader.replies import is_about, values_of
from gitbot.adapters.loader.search import Search
from gitbot.adapters.loader.shipped import shipped_modules
from gitbot.adapters.sam import has_sam
from gitbot.adapters.secrets import KnownSecrets
from gitbot.errors import UserError
from gitbot.language.assemble import LoadedFile, assemble
from gitbot.language.cloudformation.sam import may_be_sam
from gitbot.language.files import SpecFile, readable_files, readable_modules
from gitbot.language.hashing import keyed_hash
from gitbot.language.problems import Problems
from gitbot.language.versions import module_files
from gitbot.model.codec import to_open_data
from gitbot.model.desired import DesiredOutput, LoadedTree
from gitbot.model.names import Address
from gitbot.model.secret_references import INPUT
from gitbot.model.secrets import Secrets, secret_texts
from gitbot.model.tree import SpecTree, Version
from gitbot.model.values import Json, Redactor, Unknown, Value, is_sensitive, reveal
from gitbot.model.verdicts import Judgement, Verdict

_log = logging.getLogger(__name__)
QUICK_S = 2.0
"""How long a file may take while those are looked for that take long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What files are loaded with: the environment.yaml of each environment, and all modules.

    ``versions`` are the other commits and tags that specs name.
    """

    homes: Mapping[str, SpecFile]
    modules: Sequence[SpecFile]
    versions: Mapping[str, Version]


class ChildLoader:
    """Implements the port ``Loader``. Thread-safe: up to ``children`` requests run at once.

    ``timeout_s`` limits the time of one request. ``narrowing_s`` limits the search for the expression that killed a
    child, that for such a file, and that among files that take long; for unreviewed specs it is a third of that. ``disk`` keeps results over restarts. ``redactor`` makes the
    keyed hashes of sensitive values that are part of a stack's hash; without it the values do not
    count. ``known`` learns every sensitive value.
    """

    def __init__(
        self,
        *,
        children: int = 2,
        timeout_s: float = 20.0,
        narrowing_s: float = 60.0,
        disk: DiskCache | None = None,
        redactor: Redactor | None = None,
        known: KnownSecrets | None = None,
    ) -> None:
        self._narrowing_s = narrowing_s
        self._timeout_s = timeout_s
        self._pool = ChildPool(children=children, timeout_s=timeout_s)
        self._kept = KeptFiles(disk)
        self._redactor = redactor
        self._known = known or KnownSecrets()

    def __enter__(self) -> ChildLoader:
        # A child takes a while to start, so start it before the caller needs it.
        self._pool.start_one()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the idle children; busy ones end with their request. Idempotent."""
        self._pool.close()

    def idle_pids(self, *, reviewed: bool) -> tuple[int, ...]:
        """The ids of the idle child processes for reviewed specs, or of those for others."""
        return self._pool.idle_pids(reviewed=reviewed)

    def children(self) -> Mapping[str, int]:
        """How many child processes there are for reviewed specs and for others, for the metrics."""
        return self._pool.children()

    def load(self, tree: SpecTree, *, reviewed: bool = False) -> LoadedTree:
        """The environments, stacks and diagnostics of the tree.

        A file that was loaded before with the same environment.yaml and the same modules, of those that it
        uses, is not loaded again. A file
        that kills the child becomes a diagnostic, and the rest of the tree is loaded without it.
        """
        problems = Problems(file="specs")
        modules = tuple(readable_modules(tree, problems))
        files = (*modules, *readable_files(tree, problems))
        homes = {file.environment: file for file in files if file.is_home}
        others = tuple(module_files(tree.versions))
        # Who installs what reads templates of SAM must not find what was said without it.
        sam = any(map(may_be_sam, (*modules, *others))) and has_sam()
        shared = Modules((*modules, *others), tree.versions, sam=sam)
        keys = {
            file.path: key_of(file, homes.get(file.environment), reviewed=reviewed)
            for file in files
        }
        known = {file.path: self._kept.get(keys[file.path], file, shared) for file in files}
        missing = [file for file in files if known[file.path] is None]
        usable = {name: home for name, home in homes.items() if not _is_dead(known[home.path])}
        beside = Beside(
            homes=usable,
            modules=(*shipped_modules(), *modules, *others),
            versions={name: replace(one, entries={}) for name, one in tree.versions.items()},
        )
        fresh = {one.path: one for one in self._load(missing, beside, reviewed)}
        for file in missing:
            self._kept.put(keys[file.path], file, fresh[file.path], shared, reviewed=reviewed)
        loaded = [known[file.path] or fresh[file.path] for file in files]
        assembled = assemble(tree, loaded, problems.found)
        self._known.learn(assembled.secrets, reviewed=reviewed)
        return self._keyed(assembled)

    def _keyed(self, tree: LoadedTree) -> LoadedTree:
        redactor = self._redactor
        if redactor is None or not any(stack.sensitive for stack in tree.stacks):
            return tree
        stacks = (replace(stack, hash=keyed_hash(stack, redactor)) for stack in tree.stacks)
        return replace(tree, stacks=tuple(stacks))

    def bind(
        self,
        requests: Sequence[tuple[Unknown, Mapping[Address, Mapping[str, Json]]]],
        *,
        reviewed: bool = False,
    ) -> Sequence[Value]:
        """The value of each unknown, from the attributes of the resources that it references.

        Raises:
            UserError: an expression fails with these values; the message names it.
        """
        if not requests:
            return ()
        pairs = [
            [to_open_data(unknown), {address: reveal(one) for address, one in given.items()}]
            for unknown, given in requests
        ]
        try:
            answer = self._pool.ask({"do": "bind", "requests": pairs}, reviewed=reviewed)
            values = () if "error" in answer else values_of(answer, DesiredOutput, len(requests))
        except DiedError as error:
            open_ = [unknown.template for unknown, _ in requests if not unknown.sensitive]
            shown = ", ".join(text[:80] for text in open_[:3]) or "an expression"
            raise UserError(
                f"Evaluating {shown} with the values from the cloud failed: the loader {error.why}. "
                "Simplify the expression."
            ) from None
        if "error" in answer:
            raise UserError(str(answer["error"]))
        found = tuple(one.value for one in values)
        # What was made of opened secrets is remembered by nobody; who opened them hides it.
        hidden = {
            text
            for one, (unknown, _) in zip(found, requests, strict=True)
            if is_sensitive(one) and INPUT not in unknown.inputs
            for text in secret_texts(reveal(one))
        }
        self._known.learn(Secrets(texts=frozenset(hidden)), reviewed=reviewed)
        return found

    def judge(self, requests: Sequence[Judgement], *, reviewed: bool = False) -> Sequence[Verdict]:
        """Whether each expression holds for its inputs.

        An expression that kills the child has a verdict that says so.
        """
        if not requests:
            return ()
        try:
            return self._judge(requests, reviewed)
        except DiedError as error:
            _log.info("The loader's child %s while it judged.", error)
            if len(requests) == 1:
                return (_deadly(error),)
        search = self._search(reviewed)
        verdicts: list[Verdict] = []
        for request in requests:
            try:
                with search.takes():
                    verdicts += self._judge([request], reviewed)
            except DiedError as error:
                verdicts.append(_deadly(error))
        return tuple(verdicts)

    def _judge(self, requests: Sequence[Judgement], reviewed: bool) -> tuple[Verdict, ...]:
        asked = {"do": "judge", "requests": [asdict(one) for one in requests]}
        answer = self._pool.ask(asked, reviewed=reviewed)
        return values_of(answer, Verdict, len(requests))

    def _load(
        self, files: Sequence[SpecFile], beside: Beside, reviewed: bool
    ) -> Iterable[LoadedFile]:
        if not files:
            return ()
        try:
            return self._ask(files, beside, reviewed)
        except DiedError as error:
            _log.info("The loader's child %s.", error)
            if len(files) == 1:
                return (_dead(files[0], error),)
            return list(self._narrowed(files, beside, reviewed))

    def _narrowed(
        self, files: Sequence[SpecFile], beside: Beside, reviewed: bool
    ) -> Iterator[LoadedFile]:
        """The results of loading the files one by one, to find the one that kills the child.

        Each environment.yaml comes first: if it is the one, the others are loaded without it. Of both, those that take
        long come last, so that they keep no others from being loaded; they share the time of one more search.
        """
        homes = dict(beside.homes)
        quick, patient = (self._search(reviewed, _may_need_sam(beside)) for _ in range(2))
        quick_s = QUICK_S if self._timeout_s > QUICK_S else None
        for is_home in (True, False):
            slow: list[SpecFile] = []
            turns = chain(
                ((file, quick, quick_s) for file in files if file.is_home is is_home),
                # One share more is for what comes after the environments.
                (
                    (file, patient, max(QUICK_S, patient.left_s / (len(slow) - number + is_home)))
                    for number, file in enumerate(slow)
                ),
            )
            for file, search, most_s in turns:
                try:
                    with search.takes():
                        now = replace(beside, homes=homes)
                        found = self._ask([file], now, reviewed, most_s=most_s)
                except DiedError as error:
                    if error.late and search is quick and quick_s is not None:
                        slow.append(file)
                        continue
                    if is_home:
                        del homes[file.environment]
                    found = (_dead(file, error),)
                yield from found

    def _search(self, reviewed: bool, sam: bool = False) -> Search:
        """A search, before each step of which a child is ready."""
        return Search(
            self._narrowing_s if reviewed else self._narrowing_s / 3,
            lambda: self._pool.start(reviewed=reviewed, sam=sam),
        )

    def _ask(
        self,
        files: Sequence[SpecFile],
        beside: Beside,
        reviewed: bool,
        most_s: float | None = None,
    ) -> tuple[LoadedFile, ...]:
        names = {file.environment for file in files}
        request = {
            "do": "load",
            "files": [asdict(file) for file in files],
            "homes": [asdict(home) for name, home in beside.homes.items() if name in names],
            "modules": [asdict(one) for one in beside.modules],
            "versions": {name: asdict(one) for name, one in beside.versions.items()},
        }
        sam = _may_need_sam(beside)
        answer = self._pool.ask(request, reviewed=reviewed, sam=sam, most_s=most_s)
        loaded = values_of(answer, LoadedFile, len(files))
        modules = {one.path for one in beside.modules}
        if not all(is_about(*pair, modules) for pair in zip(loaded, files, strict=True)):
            raise DiedError("loader-failed", UNREADABLE)
        return loaded


def _may_need_sam(beside: Beside) -> bool:
    return any(map(may_be_sam, beside.modules))


def _dead(file: SpecFile, error: DiedError) -> LoadedFile:
    return LoadedFile(
        path=file.path,
        environment=file.environment,
        diagnostics=(diagnostic_of(error, file.path, file.environment),),
    )


def _is_dead(loaded: LoadedFile | None) -> bool:
    return loaded is not None and any(one.code in DEATHS for one in loaded.diagnostics)


def _deadly(error: DiedError) -> Verdict:
    return Verdict(holds=None, error=f"the process that evaluates expressions {error.why}")
