"""A tiny Llama in a GGUF file, for the tests of such files and of what is built on them."""

import json

import gguf
import numpy as np
import torch
from transformers import LlamaConfig, LlamaForCausalLM

from models import tiny_tokenizer

HEADS, WIDTH, LAYERS = 4, 64, 2
BLOCK = {
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm",
}  # fmt: skip


def tiny_llama():
    torch.manual_seed(0)
    size = len(tiny_tokenizer("llama"))
    shape = LlamaConfig(
        vocab_size=size, hidden_size=WIDTH, intermediate_size=2 * WIDTH, num_hidden_layers=LAYERS,
        num_attention_heads=HEADS, num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=True,
        initializer_range=0.2,
    )  # fmt: skip
    return LlamaForCausalLM(shape).eval()


def as_stored(name, weight, heads):
    """Return queries and keys in the order of rows that llama.cpp wants for its rotation."""
    if name not in ("attn_q", "attn_k"):
        return weight
    return weight.reshape(heads, 2, -1, weight.shape[1]).swapaxes(1, 2).reshape(weight.shape)


def write(path, model, kind=gguf.GGMLQuantizationType.F32, architecture="llama", leave_out=()):
    """Write a model and the tiny tokeniser, whose end of text is its padding, as llama.cpp does."""
    shape, rules = model.config, json.loads(tiny_tokenizer("llama").backend_tokenizer.to_str())["model"]
    writer = gguf.GGUFWriter(str(path), architecture)
    writer.add_context_length(shape.max_position_embeddings)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(shape.num_hidden_layers)
    writer.add_feed_forward_length(shape.intermediate_size)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(shape.num_key_value_heads)
    writer.add_layer_norm_rms_eps(shape.rms_norm_eps)
    writer.add_rope_freq_base(10_000.0)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_vocab_size(shape.vocab_size)
    tokens = sorted(rules["vocab"], key=rules["vocab"].get)
    end = tokens.index("<|endoftext|>")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list(tokens)
    writer.add_token_types([3 if number == end else 1 for number in range(len(tokens))])
    writer.add_token_merges([merge if isinstance(merge, str) else " ".join(merge) for merge in rules["merges"]])
    writer.add_bos_token_id(end)
    writer.add_eos_token_id(end)
    writer.add_pad_token_id(end)
    weights = model.state_dict()
    named = {"token_embd": "model.embed_tokens", "output_norm": "model.norm"}
    for layer in range(LAYERS):
        named |= {f"blk.{layer}.{theirs}": f"model.layers.{layer}.{ours}" for ours, theirs in BLOCK.items()}
    for theirs, ours in named.items():
        if theirs in leave_out:
            continue
        part = theirs.rpartition(".")[2]
        heads = HEADS if part == "attn_q" else shape.num_key_value_heads
        weight = np.ascontiguousarray(as_stored(part, weights[f"{ours}.weight"].numpy(), heads))
        if weight.ndim == 1 or kind == gguf.GGMLQuantizationType.F32:
            writer.add_tensor(f"{theirs}.weight", weight)
        else:
            writer.add_tensor(f"{theirs}.weight", gguf.quants.quantize(weight, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path
