"""What can be broken about a device, and what is broken now."""
