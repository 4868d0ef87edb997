"""TQ-Systems, B-control."""
