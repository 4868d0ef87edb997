"""EMU Electronic."""
