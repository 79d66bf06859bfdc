"""The types of EKS."""
