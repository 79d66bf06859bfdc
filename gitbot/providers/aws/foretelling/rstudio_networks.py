"""Domains of SageMaker with RStudio whose apps are to be in another network. Pure.

https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_UpdateDomain.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from gitbot.model.observed import Deed, Making, Objection
from gitbot.providers.aws.foretelling.facts import Facts
from gitbot.providers.aws.foretelling.question import Deeds, Question

_ACCESS: Final = "AppNetworkAccessType"
_RSTUDIO: Final = "RStudioServerProDomainSettings"


def concerns(deed: Deed) -> bool:
    """Whether a domain that has RStudio, or gets it, changes its network in place."""
    if not isinstance(deed, Making) or deed.type != "AWS::SageMaker::Domain":
        return False
    settings = deed.properties.get("DomainSettings")
    rstudio = isinstance(settings, Mapping) and settings.get(_RSTUDIO) is not None
    return rstudio and deed.changed is not None and _ACCESS in deed.changed


def ask(_: Facts, __: Deeds) -> None:
    """Nothing: RStudio never leaves a domain, so that the spec tells all."""


def say(_: None, concerned: Deeds, __: Deeds) -> Iterator[Objection]:
    """An error for each."""
    for deed in concerned:
        yield Objection(
            address=deed.address,
            why=f"SageMaker does not change {_ACCESS} of a domain with RStudio, nor in the update that adds it.",
            fix=f"Keep {_ACCESS} as it is; without RStudio yet, change it in an apply before. Or give the domain another "
            "DomainName, so that a new one is made.",
        )


RSTUDIO_NETWORKS = Question(concerns=concerns, ask=ask, say=say, refuses=True)
