"""KEBA."""
