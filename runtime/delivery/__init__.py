"""Deliveries: to each destination its own queue, for days if need be."""
