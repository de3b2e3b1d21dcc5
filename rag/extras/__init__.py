"""Adapters for what one machine may be too small for: one file each, behind a protocol."""
