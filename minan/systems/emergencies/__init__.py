"""Health emergencies 健康应急: a mode that two levels declare for a time, help at home while it lasts, and everything deleted after it."""
