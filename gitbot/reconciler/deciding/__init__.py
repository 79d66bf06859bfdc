"""What happens to one resource: a module for each kind of action."""
