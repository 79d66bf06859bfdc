"""The child process that evaluates specs, without credentials and under tight limits. Shell.

``adapters.loader`` starts it with an empty environment. It reads requests from standard input,
answers on standard output, and ends when its input ends.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from types import TracebackType
from typing import Any, BinaryIO

from gitbot.adapters.loader_pipe import (
    CPU_S,
    EXIT_FAILED,
    EXIT_MEMORY,
    EXIT_OVERSIZED,
    LOW_PRIORITY,
    MEMORY_BYTES,
    WITH_SAM,
    FrameTooLargeError,
    read_frame,
    write_frame,
)
from gitbot.adapters.sam import open_sam
from gitbot.errors import UserError
from gitbot.language.bind import bind_all
from gitbot.language.cloudformation.sam import Translator
from gitbot.language.files import SpecFile
from gitbot.language.judge import judge
from gitbot.language.library import Library
from gitbot.language.load import load_files
from gitbot.language.stacks import World
from gitbot.language.types import Types
from gitbot.model.codec import to_open_data
from gitbot.model.desired import DesiredOutput
from gitbot.model.tree import Version
from gitbot.model.zones import preload_zones
from gitbot.providers.aws.catalog import open_catalog

_WARM_UP = SpecFile(
    path="specs/dev/a.yaml",
    environment="dev",
    text="""
apiVersion: gitbot/v1
kind: Stack
metadata: {name: warm-up}
spec:
  values: {a: 1}
  resources:
    bucket:
      type: AWS::S3::Bucket
      properties: {BucketNam: "${env.name}${bucket.Arn}${1 +}", Tags: [{Key: 1}]}
""",
)


def main() -> None:
    """Serve requests until the input ends."""
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    if LOW_PRIORITY in sys.argv:
        os.nice(10)
    _die_loudly(answers)
    _limit_memory()
    catalog = open_catalog()
    types = Types(
        lookup=catalog.lookup,
        all_names=catalog.names,
        served_names=catalog.served_names,
        kinds=catalog.lookup_kind,
        kind_names=catalog.lookup_names,
    )
    translator = open_sam() if WITH_SAM in sys.argv else None
    # Do everything that opens files now: after the next limits no file can be opened.
    preload_zones()
    catalog.native_names()  # imports the modules of all services
    warm_up = {"do": "load", "files": [asdict(_WARM_UP)], "homes": [], "modules": []}
    _answer(types, {**warm_up, "versions": {}}, translator)
    _limit_everything_else()
    # A load makes little garbage. Collecting it only between loads saves a third of the time.
    gc.disable()
    gc.freeze()
    write_frame(answers, {"ready": True})
    while (request := read_frame(requests)) is not None:
        _limit_time()
        write_frame(answers, _answer(types, request, translator))
        gc.collect()


def _answer(
    types: Types, request: Mapping[str, Any], translator: Translator | None
) -> dict[str, Any]:
    match request["do"]:
        case "load":
            files = [SpecFile(**one) for one in request["files"]]
            homes = {one["environment"]: SpecFile(**one) for one in request["homes"]}
            versions = {name: Version(**one) for name, one in request["versions"].items()}
            files_of_modules = (SpecFile(**one) for one in request["modules"])
            library = Library.of(files_of_modules, versions, translator)
            world = World(types=types, library=library)
            return {"values": [to_open_data(one) for one in load_files(files, homes, world)]}
        case "translate" if translator is not None:
            return asdict(translator(request["template"]))
        case "judge":
            return {"values": [to_open_data(judge(**one)) for one in request["requests"]]}
        case _:
            return _bind_all(request["requests"])


def _bind_all(requests: Iterable[Any]) -> dict[str, Any]:
    try:
        return {"values": [to_open_data(DesiredOutput(value=one)) for one in bind_all(requests)]}
    except UserError as error:
        return {"error": str(error)}


def _die_loudly(answers: BinaryIO) -> None:
    """Make the last answer report an unexpected exception: its type and place, never its values."""

    def report(
        kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, MemoryError):
            os._exit(EXIT_MEMORY)
        if issubclass(kind, FrameTooLargeError):
            os._exit(EXIT_OVERSIZED)
        while trace is not None and trace.tb_next is not None:
            trace = trace.tb_next
        frame = trace.tb_frame.f_code if trace is not None else None
        place = f" in {os.path.basename(frame.co_filename)}:{frame.co_name}" if frame else ""
        write_frame(answers, {"failed": f"{kind.__name__}{place}"})
        os._exit(EXIT_FAILED)

    sys.excepthook = report


def _limit_memory() -> None:
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    _lower(resource.RLIMIT_CORE, 0)


def _limit_everything_else() -> None:
    _lower(resource.RLIMIT_NOFILE, 0)
    _lower(resource.RLIMIT_NPROC, 0)
    _lower(resource.RLIMIT_FSIZE, 0)


def _lower(limit: int, most: int) -> None:
    """Lower a limit for good, unless the host has set a lower one."""
    _, hard = resource.getrlimit(limit)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(limit, (least, least))


def _limit_time() -> None:
    """Allow ``CPU_S`` more seconds of processor time from now on."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    used_s = int(usage.ru_utime + usage.ru_stime) + 1
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    soft = used_s + CPU_S
    if hard != resource.RLIM_INFINITY:
        soft = min(soft, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


if __name__ == "__main__":
    main()
