"""What follows from a scheme: service, lists, experiment, re-tiering, the customer file."""
