"""The home energy manager: the only package a production box needs."""
