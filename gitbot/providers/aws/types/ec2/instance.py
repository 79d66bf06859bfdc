"""AWS::EC2::Instance over the EC2 API. Shell.

ImageId, KeyName, SubnetId, AvailabilityZone, PrivateIpAddress, Tenancy, PlacementGroupName,
EnclaveOptions, HibernationOptions, PropagateTagsToVolumeOnCreation, and, compared with the last apply, CpuOptions,
Ipv6AddressCount: replace.
InstanceType, UserData (base64), EbsOptimized: stop, modify, start; the power state is restored, the
public address may change.
SecurityGroupIds or SecurityGroups (names, in the default VPC only), IamInstanceProfile (a name), Monitoring, MetadataOptions, DisableApiTermination,
InstanceInitiatedShutdownBehavior, SourceDestCheck, CreditSpecification, Tags: changed in place.
Volumes: attached once the machine runs, and detached; only the declared ones are managed.
NetworkInterfaces (instead of the machine's own subnet, groups and address): GroupSet, Description and
DeleteOnTermination are changed in place, all else replaces. Only the declared ones are managed.
LaunchTemplate: replaces; compared with the last apply, since a machine does not tell it.
BlockDeviceMappings: DeleteOnTermination, VolumeType, Iops, Throughput (of gp3, MiB/s, which the registry
lacks) and VolumeSize (GiB, growing only; the file
system is the guest's affair) are changed in place, all else replaces. The image brings devices of
its own, so only the declared ones are managed. NoDevice leaves one of the image out, VirtualName is a disk of
the host: both are compared with the last apply.
Attributes: InstanceId, PrivateIp, PublicIp, PrivateDnsName, PublicDnsName, VpcId, State.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gitbot.errors import CloudError
from gitbot.model.cloud import Operation, Power
from gitbot.model.names import Address, RemoteId
from gitbot.model.observed import Found, Observation, ReadRequest
from gitbot.model.placement import PLACEMENT as CHOICES
from gitbot.model.requests import Requests
from gitbot.model.timeouts import minutes
from gitbot.providers.aws.advice import apply_first
from gitbot.providers.aws.native import Declaration, Index, NativeType
from gitbot.providers.aws.observations import observations
from gitbot.providers.aws.surfaces import TAGS_REMOVAL, read_apart, removals_of
from gitbot.providers.aws.tagging import EC2_TAGS, Marks, found, tag_map
from gitbot.providers.aws.types.ec2 import instance_interfaces as interfaces
from gitbot.providers.aws.types.ec2 import instance_options as options
from gitbot.providers.aws.types.ec2.common import (
    ignoring,
    put_tags,
    update_tags,
)
from gitbot.providers.aws.types.ec2.instance_changes import (
    METADATA_REMOVALS,
    SURFACES,
    modify,
)
from gitbot.providers.aws.types.ec2.instance_rules import (
    EBS,
    EBS_AT_CREATION,
    EBS_IN_PLACE,
    REFINE,
    RIGHTS,
    normalise_instance,
)
from gitbot.providers.aws.types.ec2.instance_shapes import (
    AS_THEY_ARE,
    PLACEMENT,
    fate_of_disks,
    properties_of,
)
from gitbot.providers.aws.types.ec2.instance_volumes import REMOVAL as VOLUMES_REMOVAL
from gitbot.providers.aws.types.ec2.instance_volumes import VOLUMES, attached_to
from gitbot.providers.aws.types.ec2.instances import (
    INSTANCES,
    NOT_FOUND,
    describe,
    is_going,
    state_of,
)
from gitbot.providers.aws.types.ec2.launching import KIND, launch
from gitbot.providers.aws.types.ec2.power import cancel_spot_request, power_of, start, stop
from gitbot.providers.aws.types.ec2.volumes import mappings_of, settle_volumes, volumes_of
from gitbot.providers.aws.types.ec2.warnings import CAUTIONS, LOSSES, SWITCH
from gitbot.providers.aws.waiting import wait_until

if TYPE_CHECKING:
    from gitbot.providers.aws.connection import Connection


class InstanceHandler:
    """Instances; see ``native.Handler``."""

    def read(
        self, aws: Connection, requests: Sequence[ReadRequest]
    ) -> Mapping[Address, Observation]:
        instances = {
            one["InstanceId"]: one
            for one in INSTANCES.by_id(aws, [r.remote_id for r in requests])
            if not is_going(one)
        }
        present = [request for request in requests if request.remote_id in instances]
        volumes = volumes_of(
            aws, [r.remote_id for r in present if "BlockDeviceMappings" in r.surfaces]
        )
        wanted = {str(request.remote_id): request.surfaces for request in present}
        apart = read_apart(aws, SURFACES, wanted, {NOT_FOUND})
        observed: dict[str, Mapping[str, Any]] = {}
        for request in present:
            told = apart.get(request.remote_id, {})
            if told is None:
                continue
            instance = instances[request.remote_id]
            properties = properties_of(instance) | told
            if "BlockDeviceMappings" in request.surfaces:
                properties["BlockDeviceMappings"] = mappings_of(instance, volumes)
            if VOLUMES in request.surfaces:
                properties[VOLUMES] = attached_to(instance)
            observed[request.remote_id] = properties
        return observations(requests, observed)

    def create(self, aws: Connection, operation: Operation) -> RemoteId:
        return launch(aws, operation)

    def settle(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        wait_until(
            f"instance {remote_id} to run",
            lambda: _is_up(aws, remote_id),
            operation,
            clock=aws.clock,
        )
        later = {VOLUMES} if operation.properties.get(VOLUMES) else set()
        if operation.properties.get("SourceDestCheck") is False:
            later.add("SourceDestCheck")
        if later:  # RunInstances cannot set it
            modify(aws, operation, remote_id, frozenset(later))

    def update(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        touched = operation.changed | operation.removed
        modify(aws, operation, remote_id, touched)
        if "Tags" in touched:
            update_tags(aws, operation, remote_id)

    def resume(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        if "BlockDeviceMappings" in operation.changed:
            # EC2 refuses to modify a volume while an earlier modification is under way.
            settle_volumes(aws, remote_id, operation)
        self.update(aws, operation, remote_id)

    def power(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> Power | None:
        return power_of(aws, remote_id)

    def start(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        start(aws, operation, remote_id)

    def stop(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        stop(aws, operation, remote_id)

    def delete(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        cancel_spot_request(aws, remote_id)
        try:
            aws.call("ec2", "terminate_instances", InstanceIds=[remote_id])
        except CloudError as error:
            if error.code == "OperationNotPermitted":
                raise CloudError(
                    f"instance {remote_id} is protected against termination and was left as it is. "
                    f"Set `DisableApiTermination: false` and {apply_first(operation.address)}.",
                    code=error.code,
                ) from error
            ignoring({NOT_FOUND}, error)
            return
        wait_until(
            f"instance {remote_id} to be terminated",
            lambda: _is_terminated(aws, remote_id),
            operation,
            clock=aws.clock,
        )

    def find(self, aws: Connection, operation: Operation) -> Found | None:
        for instance in INSTANCES.by_operation(aws, operation):
            if not is_going(instance):
                return found(instance["InstanceId"], tag_map(instance.get("Tags")))
        return None

    def tagged(self, aws: Connection, marks: Marks) -> Iterator[Found]:
        for instance in INSTANCES.by_marks(aws, marks):
            if not is_going(instance):
                yield found(instance["InstanceId"], tag_map(instance.get("Tags")))

    def adopt(self, aws: Connection, operation: Operation, remote_id: RemoteId) -> None:
        put_tags(aws, remote_id, operation.ownership)


def _is_terminated(aws: Connection, remote_id: str) -> bool:
    instance = describe(aws, remote_id)
    return instance is None or state_of(instance) == "terminated"


def _is_up(aws: Connection, remote_id: str) -> bool:
    instance = describe(aws, remote_id)
    if instance is None:
        return False  # EC2 does not list a new instance at once
    if is_going(instance):
        reason = instance.get("StateReason", {})
        why = reason.get("Message") or "AWS gives no reason"
        raise CloudError(
            f"instance {remote_id} was terminated while it started: {why}",
            code=str(reason.get("Code", "")),
        )
    return state_of(instance) != "pending"


# --- declaration ---------------------------------------------------------------------------------


INSTANCE = NativeType(
    declaration=Declaration(
        name="AWS::EC2::Instance",
        rights=RIGHTS,
        index=Index("ec2:instance"),
        passes_role_to="ec2.amazonaws.com",
        tag_limits=EC2_TAGS,
        requests=Requests(timeouts=minutes(create=30, update=30, delete=30)),
        handled=frozenset(
            {f"/{name}" for name in (*AS_THEY_ARE, *PLACEMENT, *options.AT_LAUNCH)}
            | {
                *(f"/BlockDeviceMappings/*/{key}" for key in ("DeviceName", *options.NO_DISKS)),
                f"/{options.CREDITS}",
                f"/{VOLUMES}",
                *(f"{EBS}/{key}" for key in (*EBS_AT_CREATION, *EBS_IN_PLACE)),
                *(
                    f"{interfaces.EACH}/{key}"
                    for key in (*interfaces.AT_CREATION, *interfaces.IN_PLACE)
                ),
                "/IamInstanceProfile",
                "/LaunchTemplate",
                "/Monitoring",
                "/PropagateTagsToVolumeOnCreation",
                "/SourceDestCheck",
                "/Tags",
                "/UserData",
            }
        ),
        create_only=(
            "/ImageId",
            "/KeyName",
            "/SubnetId",
            "/LaunchTemplate",
            "/PrivateIpAddress",
            "/PropagateTagsToVolumeOnCreation",
            *(f"{interfaces.EACH}/{key}" for key in interfaces.AT_CREATION),
            *(f"/{name}" for name in PLACEMENT),
            *(f"/{name}" for name in options.AT_LAUNCH),
            f"/{CHOICES}",
            *(f"/BlockDeviceMappings/*/{key}" for key in ("DeviceName", *options.NO_DISKS)),
            *(f"{EBS}/{key}" for key in EBS_AT_CREATION),
        ),
        write_only=(
            "/LaunchTemplate",
            "/PropagateTagsToVolumeOnCreation",
            *(f"/{name}" for name in options.NOT_TOLD),
            *(f"/BlockDeviceMappings/*/{key}" for key in options.NO_DISKS),
            *(f"{interfaces.EACH}/{key}" for key in interfaces.NOT_TOLD),
            *(f"{EBS}/{key}" for key in EBS_AT_CREATION),
        ),
        sets=frozenset(
            {
                "/BlockDeviceMappings",
                f"/{interfaces.INTERFACES}",
                f"{interfaces.EACH}/GroupSet",
                "/SecurityGroupIds",
                "/SecurityGroups",
                f"/{VOLUMES}",
            }
        ),
        identities={
            "/BlockDeviceMappings": ("DeviceName",),
            f"/{VOLUMES}": ("VolumeId",),
            f"/{interfaces.INTERFACES}": ("DeviceIndex",),
        },
        open_lists=frozenset({"/BlockDeviceMappings", f"/{VOLUMES}", f"/{interfaces.INTERFACES}"}),
        removals={
            **removals_of(SURFACES),
            **{f"/MetadataOptions/{key}": removal for key, removal in METADATA_REMOVALS.items()},
            "/Tags": TAGS_REMOVAL,
            f"/{VOLUMES}": VOLUMES_REMOVAL,
        },
        partial=frozenset({"/BlockDeviceMappings/*", interfaces.EACH, EBS, "/MetadataOptions"}),
        filled=frozenset(
            {
                "/AvailabilityZone",
                "/PrivateIpAddress",
                "/SecurityGroups",
                f"/{interfaces.INTERFACES}",
            }
        ),
        grows=frozenset({f"{EBS}/VolumeSize"}),
        restarts=frozenset(f"/{surface.property}" for surface in SURFACES if surface.stopped),
        client_token=True,
        volatile=frozenset({"/PublicIp", "/PublicDnsName", "/State"}),
        power="/State/Name",
        switch=SWITCH,
        placement=KIND,
        fate=fate_of_disks,
        losses=LOSSES,
        cautions=CAUTIONS,
        normalise=normalise_instance,
        refine=REFINE,
        exclusive=(
            "/PrivateIpAddress",
            f"{interfaces.EACH}/PrivateIpAddress",
            f"{interfaces.EACH}/NetworkInterfaceId",
            f"/{VOLUMES}/*/VolumeId",
        ),
        # The root disk goes with the instance.
        stateful_replacement=True,
    ),
    handler=InstanceHandler(),
)
