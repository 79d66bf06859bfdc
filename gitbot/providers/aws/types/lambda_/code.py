"""Make the parameters with a function's code. Pure.

https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-lambda-function-code.html
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from gitbot.errors import CloudError
from gitbot.providers.aws.table import Properties

_ENDINGS = {"python": "py", "nodejs": "js", "ruby": "rb"}
_ALWAYS = (1980, 1, 1, 0, 0, 0)
"""The same text gives the same archive, so that AWS counts the same digest."""


def code_parameters(code: Properties, runtime: str | None) -> dict[str, Any]:
    """The code as a call takes it: the text of ``ZipFile`` becomes an archive with one file, ``index``.

    Raises:
        CloudError: nobody knows what the file of such a runtime is called.
    """
    if not code.get("ZipFile"):
        return dict(code)
    return {**code, "ZipFile": _archive(str(code["ZipFile"]), str(runtime or ""))}


def _archive(text: str, runtime: str) -> bytes:
    ending = next((own for kind, own in _ENDINGS.items() if runtime.startswith(kind)), None)
    if ending is None:
        raise CloudError(
            f"`Code.ZipFile` takes source code for Python, Node.js and Ruby, and the runtime is "
            f"`{runtime}`. Put the built code into a bucket and use `S3Bucket` and `S3Key`.",
            code="InlineCode",
        )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(f"index.{ending}", date_time=_ALWAYS)
        entry.external_attr = 0o644 << 16  # Lambda runs as another user, who has to read it
        archive.writestr(entry, text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()
