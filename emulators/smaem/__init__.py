"""SMA Energy Meter."""
