"""Associations with peers, driven by the loop."""
