"""aWATTar."""
