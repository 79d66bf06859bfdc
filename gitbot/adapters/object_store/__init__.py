"""Keep state in objects of a bucket, with no server: a journal is the truth, snapshots make it short."""
