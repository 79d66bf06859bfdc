"""Name the types that hold data although the list that the pack is built from lacks them. Pure.

cfn-lint's list has 29 types, the older ones. Of the types here AWS deletes what they hold, without asking, or the object itself is a
copy that somebody kept: snapshots, backups, archives.
https://github.com/aws-cloudformation/cfn-lint/blob/main/src/cfnlint/data/AdditionalSpecs/StatefulResources.json
"""

from __future__ import annotations

from typing import Final

_BY_SERVICE: Final = {
    "APS": ("Workspace",),
    "AmazonMQ": ("Broker",),
    "Backup": ("LogicallyAirGappedBackupVault",),
    "BedrockAgentCore": ("Dataset", "Memory"),
    "Cassandra": ("Keyspace", "Table"),
    "Cloud9": ("EnvironmentEC2",),
    "CloudFront": ("KeyValueStore",),
    "CloudHSM": ("Cluster",),
    "CloudTrail": ("EventDataStore",),
    "CodeArtifact": ("Repository",),
    "Connect": ("DataTable", "Instance"),
    "CustomerProfiles": ("Domain",),
    "DSQL": ("Cluster",),
    "DocDBElastic": ("Cluster", "ClusterSnapshot"),
    "ECR": ("PublicRepository",),
    "EMR": ("WALWorkspace",),
    "ElastiCache": ("ServerlessCache", "ServerlessCacheSnapshot", "Snapshot"),
    "Events": ("Archive",),
    "FSx": ("Backup", "FileCache", "Snapshot", "Volume"),
    "Forecast": ("Dataset",),
    "Grafana": ("Workspace",),
    "HealthImaging": ("Datastore",),
    "HealthLake": ("FHIRDatastore",),
    "IoTAnalytics": ("Channel", "Dataset", "Datastore"),
    "Kendra": ("Index",),
    "KinesisVideo": ("Stream",),
    "Lightsail": (
        "Bucket",
        "Database",
        "DatabaseSnapshot",
        "Disk",
        "DiskSnapshot",
        "Instance",
        "InstanceSnapshot",
    ),
    "Location": ("GeofenceCollection", "Tracker"),
    "Logs": ("LogStream",),
    "MSK": ("Cluster", "ServerlessCluster", "Topic"),
    "MemoryDB": ("Cluster", "MultiRegionCluster", "Snapshot"),
    "NeptuneGraph": ("Graph", "GraphSnapshot"),
    "Omics": ("AnnotationStore", "ReferenceStore", "SequenceStore", "VariantStore"),
    "OpenSearchServerless": ("Collection", "CollectionIndex", "Index"),
    "Personalize": ("Dataset",),
    "QBusiness": ("Index",),
    "RDS": ("ClusterSnapshot", "DBShardGroup", "DBSnapshot"),
    "Redshift": ("Snapshot",),
    "RedshiftServerless": ("Namespace", "Snapshot"),
    "Rekognition": ("Collection", "Dataset"),
    "S3Express": ("DirectoryBucket",),
    "S3Outposts": ("Bucket",),
    "S3Tables": ("Namespace", "Table", "TableBucket"),
    "S3Vectors": ("Index", "VectorBucket"),
    "SES": ("MailManagerArchive",),
    "SageMaker": ("MlflowApp", "MlflowTrackingServer", "Space"),
    "StorageGateway": ("Tape", "Volume"),
    "Timestream": ("Database", "InfluxDBBackup", "InfluxDBCluster", "InfluxDBInstance", "Table"),
    "WorkSpaces": ("Workspace",),
    "WorkspacesInstances": ("Volume", "WorkspaceInstance"),
}
DATA_STORES: Final = frozenset(
    f"AWS::{service}::{noun}" for service, nouns in _BY_SERVICE.items() for noun in nouns
)
