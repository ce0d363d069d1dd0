"""Tests of the shell in a real browser."""
