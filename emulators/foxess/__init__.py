"""FoxESS."""
