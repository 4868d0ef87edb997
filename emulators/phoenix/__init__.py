"""Phoenix Contact."""
