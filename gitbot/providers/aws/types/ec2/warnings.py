"""What people should know when they declare, stop, change or replace a machine. Pure.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-store-lifetime.html
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html
"""

from __future__ import annotations

from gitbot.model.cautions import Caution
from gitbot.model.schema import Losses, Switch

_LOCAL_DISKS = (
    *("g4ad", "g4dn", "g5", "g6", "g6e", "gr6", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en"),
    *("dl1", "trn1", "trn1n", "trn2", "f1", "f2"),
    *(
        "c5ad",
        "c5d",
        "c6gd",
        "c6id",
        "c7gd",
        "c8gd",
        "m5ad",
        "m5d",
        "m5dn",
        "m6gd",
        "m6id",
        "m6idn",
    ),
    *("m7gd", "m8gd", "r5ad", "r5d", "r5dn", "r6gd", "r6id", "r6idn", "r7gd", "r8gd", "z1d"),
    *("x1", "x1e", "x2gd", "x2idn", "x2iedn", "hpc6id"),
    *("d2", "d3", "d3en", "h1", "i2", "i3", "i3en", "i4g", "i4i", "i7i", "i7ie", "i8g", "im4gn"),
    *("is4gen",),
)
"""Families whose machines (most sizes of them) have disks of the host, the instance store."""

_GPUS = (
    *("g3", "g3s", "g4ad", "g4dn", "g5", "g5g", "g6", "g6e", "g6f", "gr6", "gr6f"),
    *("p2", "p3", "p3dn", "p4d", "p4de", "p5", "p5e", "p5en", "dl1", "trn1", "trn1n", "trn2"),
)
"""Families whose machines have GPUs or other accelerators: there, an idle CPU means nothing."""

SWITCH = Switch(
    states={
        "pending": "starting",
        "running": "running",
        "stopping": "stopping",
        "stopped": "stopped",
    },
    size="InstanceType",
    wiped=tuple(f"{family}." for family in _LOCAL_DISKS),
    gpus=tuple(f"{family}." for family in _GPUS),
)
LOSSES = Losses(
    gone="its disk and the running job are lost",
    restart="the running job stops",
)
CAUTIONS = (
    Caution(
        where="/InstanceType",
        begins=SWITCH.wiped,
        loses="what is on its local disks is wiped",
        says="Machines of this type can have local disks (instance store). AWS wipes them when the "
        "machine is stopped: copy what you need to S3 or to an EBS volume first.",
    ),
    Caution(
        changed="/UserData",
        says="A machine runs its user data at its first boot only, unless the image says otherwise: "
        "the changed script does not run at this restart. To run it, replace the machine.",
    ),
)
