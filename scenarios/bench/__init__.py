"""The device or the house under test."""
