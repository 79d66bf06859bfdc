"""The types of SQS."""
