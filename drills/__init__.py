"""Long trials of the gradual upgrade on a real server: what a suite has no time to look at."""
