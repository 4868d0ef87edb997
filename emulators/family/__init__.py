"""What a family file may say, and how it becomes a device that stands there."""
