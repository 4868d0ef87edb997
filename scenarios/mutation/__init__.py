"""Broken drivers and tables: would a story notice?"""
