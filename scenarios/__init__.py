"""The runner and the stories that a listed device has to pass."""
