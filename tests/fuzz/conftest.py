"""The fuzzer itself needs atheris and is no test."""

collect_ignore = ["run.py"]
