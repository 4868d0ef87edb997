"""What is asked of a device, and how it is judged."""
