"""2G Energy."""
