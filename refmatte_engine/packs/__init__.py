"""Asset packs: files, labels, alphas, splits, and the catalog that a run draws from."""
