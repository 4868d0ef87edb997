"""Electricity meters behind an optical read head."""
