"""Old rows that no relationship can hold, and rows that came with a fault: placed, put right, left."""
