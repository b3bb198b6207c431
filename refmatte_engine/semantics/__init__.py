"""What words mean: colours, attributes, relations, names, kinds, and the grounder that uses
them."""
