"""From public formats to catalogues and dialogues."""
