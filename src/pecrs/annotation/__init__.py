"""People compare two models' answers, without knowing whose they are."""
