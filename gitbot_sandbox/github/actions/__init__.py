"""Change the entities as people, Apps and git do, and send the events that follow. Shell."""
