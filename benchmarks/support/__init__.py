"""What the commands share: the race, the measurements of the core, the counts of work."""
