"""The command line as tests call it: in this process, with what it shows."""

import sys

from pecrs.cli import main

CONFIG = """\
data: {max_context_tokens: 96, max_response_tokens: 16, max_item_tokens: 16}
model:
  scratch: {vocabulary: 400, hidden: 16, layers: 1, heads: 2, intermediate: 32, positions: 160}
  tuning: full
training: {epochs: 1, batch_size: 8, rerank_negatives: 4, validation_dialogues: 4}
generation: {shortlist: 5}
"""


def run(capsys, *arguments):
    """Return (exit code, standard output, standard error) of a command."""
    before = sys.argv
    sys.argv = ["pecrs", *map(str, arguments)]
    try:
        main()
    except SystemExit as stop:
        code = stop.code or 0
    else:
        code = 0
    finally:
        sys.argv = before
    shown = capsys.readouterr()
    return code, shown.out, shown.err
