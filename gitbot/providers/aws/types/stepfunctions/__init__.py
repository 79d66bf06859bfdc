"""The types of Step Functions."""
