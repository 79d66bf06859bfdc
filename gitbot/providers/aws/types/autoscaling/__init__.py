"""The types of EC2 Auto Scaling."""
