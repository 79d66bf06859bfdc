"""What people, Apps and git do to the entities, with the events that follow. Shell."""
