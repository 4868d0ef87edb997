"""Measures what the README states: two things in one run, medians of interleaved rounds, ratios and floors."""
