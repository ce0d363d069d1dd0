"""The resident's pages: say a matter, keep its receipt, follow it, judge it. Rank of a channel: imports the kernel only."""
