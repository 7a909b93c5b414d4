"""From a dialogue to a reply."""
