"""Findings about what a program means but perhaps was not meant to: one file a subject."""
