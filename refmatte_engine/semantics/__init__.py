"""What words mean: colours, attributes, relations, names, kinds, and a grounder that uses them."""
