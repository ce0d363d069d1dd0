"""Care 照料: a daily sign of life for whoever asked for one, and short stays in the care centres."""
