"""Roteiro: a DICOM router with rules that can be checked, proved and tested."""
