"""Assets as they lie: packs, labels, alphas, splits, and the catalog that a run draws from."""
