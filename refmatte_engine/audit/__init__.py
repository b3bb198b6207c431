"""Whether a paste can be told: entities held against their surroundings, and composites against
photographs. Datasets and photographs are read; how they were made is not asked."""
