"""Arithmetic of a pass: single precision, or bfloat16 where a device multiplies it itself.

Source: design section 7.
"""

from __future__ import annotations

import torch


def computes_bf16(device: torch.device, precision: str) -> bool:
    """Tell whether passes are computed in bfloat16 on a device; ``auto`` computes so what it multiplies itself."""
    return precision == "bf16" or (precision == "auto" and native_bf16(device))


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """Return the arithmetic of a pass on a device."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=computes_bf16(device, precision))


def native_bf16(device: torch.device) -> bool:
    """Tell whether a device multiplies bfloat16 matrices itself; elsewhere its products are over 100 times slower."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type == "cpu":
        return any(present for name, present in torch.cpu.get_capabilities().items() if name.endswith("bf16"))
    return False
