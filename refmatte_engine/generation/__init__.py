"""Generation: one sample, counterfactual twins, whole runs, endless streams, and verification."""
