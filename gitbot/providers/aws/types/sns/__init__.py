"""The types of SNS."""
