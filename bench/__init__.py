"""Measures what the README states: ours and another, interleaved in one run, medians and ratios. Never a test."""
