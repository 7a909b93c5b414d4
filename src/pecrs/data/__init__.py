"""Raw files -> dialogues -> padded tensors."""
