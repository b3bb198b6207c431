"""What words mean: colours, attributes, relations, names and kinds; and the grounder that uses them."""
