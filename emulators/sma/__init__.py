"""SMA inverters and storage systems."""
