"""The types of EFS."""
