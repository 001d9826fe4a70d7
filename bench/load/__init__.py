"""Many people at once on the started product: what they wait, what fails, and what is kept."""
