"""Steps that look at machines and start and stop them, whatever part of time asks for it."""
