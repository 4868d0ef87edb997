"""KOSTAL inverters."""
