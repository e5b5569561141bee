"""The world: associations, the spool, deliveries, the command line."""
