"""A bench of real and emulated devices: what may be done to each, what was done, and how all of it is put back."""
