"""Say how KMS refuses, for the types that are tables. Pure.

https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
"""

from __future__ import annotations

from gitbot.providers.aws.dialect import Dialect

KMS = Dialect(service="kms", absent=frozenset({"NotFoundException"}))
