"""Improvements 改进项目: what hurts often gets an owner, actions, a measure, a count before and after; and who spoke is told."""
