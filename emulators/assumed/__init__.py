"""Devices without a public document, on profiles of our own that are labelled as assumed."""
