"""Conversations written to see how a model behaves, and checks of what must hold in them."""
