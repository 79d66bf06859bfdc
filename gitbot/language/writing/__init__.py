"""Answers an editor: what stands at a place, what it means, and what could stand there. Pure."""
