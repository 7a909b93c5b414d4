"""Losses of reading: which acts a message has, which facts it asks for, what its spans mean.

Source: design section 12; labels that a source cannot express carry no loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from pecrs.data.acts import LabelledMessage
from pecrs.data.messages import MessageBatch, MessageLabels, collate_messages, label_messages, lay_out_labelled
from pecrs.data.vocabulary import Vocabulary
from pecrs.model.message_reader import MessageScores


@dataclass(frozen=True, eq=False)
class ReadingBatch:
    """Labelled messages, ready to be computed.

    Attributes:
        messages: Packed.
        labels: What they do.
    """

    messages: MessageBatch
    labels: MessageLabels


def prepare_reading(messages: Sequence[LabelledMessage], vocabulary: Vocabulary) -> ReadingBatch:
    """Lay out and pack labelled messages.

    Args:
        messages: At least one.
        vocabulary: The model's.
    """
    laid_out = [lay_out_labelled(vocabulary, message) for message in messages]
    return ReadingBatch(collate_messages(laid_out), label_messages(messages, laid_out))


def reading_losses(scores: MessageScores, labels: MessageLabels) -> tuple[Tensor, Tensor]:
    """Return the loss of acts and facts, and that of roles; each a mean over what is labelled.

    The first is the summed binary cross-entropy over the labelled acts and facts of a message, averaged over messages;
    the second the cross-entropy of a span's role.

    Args:
        scores: Logits.
        labels: On the same device.
    """
    logits = torch.cat([scores.acts, scores.facts], dim=1)
    right = torch.cat([labels.acts, labels.facts], dim=1)
    known = torch.cat([labels.known, labels.facts_known], dim=1)
    each = F.binary_cross_entropy_with_logits(logits, right, reduction="none") * known
    acts = each.sum() / len(each)
    labelled = labels.roles >= 0
    if not bool(labelled.any()):
        return acts, scores.roles.sum() * 0
    return acts, F.cross_entropy(scores.roles[labelled], labels.roles[labelled])
