"""Tags of the staff's working pages."""
