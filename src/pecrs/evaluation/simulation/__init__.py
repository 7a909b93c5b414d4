"""Simulated users, who talk to recommenders so that whole conversations can be measured."""
