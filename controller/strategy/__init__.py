"""What the site should do now: pure functions from a snapshot to setpoints with reasons."""
