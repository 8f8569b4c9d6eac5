"""Rents out the berths of a small harbour by the night."""

__version__ = "0.4.1"
