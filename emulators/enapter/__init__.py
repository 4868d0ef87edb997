"""Enapter."""
