"""One driver for each listed device: the few points the controller needs, in our names."""
