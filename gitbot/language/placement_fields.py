"""The table of the fields of ``placement``. Pure."""

from __future__ import annotations

from typing import Final

from gitbot.language.field_shapes import Anything, Field, Record

PLACEMENT_FIELDS: Final = Record(
    fields={
        "spot": Field(
            shape=Anything(),
            doc="Start it on the spot market: true, or an expression over env and vars.",
        ),
        "onDemand": Field(
            shape=Anything(), doc="After all choices on the spot market, try them on demand."
        ),
        "instanceTypes": Field(
            shape=Anything(), doc="The types to try, in this order, in place of InstanceType."
        ),
        "subnets": Field(
            shape=Anything(), doc="The subnets to try, in this order, in place of SubnetId."
        ),
        "zones": Field(
            shape=Anything(), doc="The zones to try, in this order, in place of AvailabilityZone."
        ),
    }
)
