"""The frozen language model with its adapters."""
