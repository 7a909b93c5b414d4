"""One file per box of the paper's figure 2."""
