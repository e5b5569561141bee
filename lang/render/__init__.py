"""Findings as people and programs read them: one renderer a format."""
