"""Pure decisions: a snapshot in, setpoints with their reasons out."""
