"""The types of CodePipeline."""
