"""Long trials of the whole product, run by hand or by ``make drill``."""
