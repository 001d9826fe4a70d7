"""Long trials, run by hand or by ``make drill``: what a suite has no time to look at."""
