"""Long trials of the gradual upgrade on a real server: what a suite of some minutes cannot look at."""
