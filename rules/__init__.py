"""Worked rule files that a hospital could start from; package data."""
