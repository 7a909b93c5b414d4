"""The settings that the oracle covers: every two values of different settings meet in at least one case."""

from itertools import combinations, product

CHOICES: dict[str, tuple[str, ...]] = {
    "family": ("gpt2", "llama", "qwen3", "bert"),
    "position": ("none", "zero", "after_rec"),
    "bias": ("none", "log", "learned"),
    "tuning": ("lora", "full"),
    "layout": ("stream", "windows"),
    "generation": ("joint", "per_item"),
    "utterances": ("message", "merged"),
    "similarity": ("angular", "cosine"),
    "negatives": ("sampled", "catalogue"),
    "embedding": ("on", "off"),
    "mentions": ("on", "off"),
    "repeats": ("on", "off"),
}

Setting = dict[str, str]

PAPER: Setting = {
    "family": "gpt2",
    "position": "none",
    "bias": "none",
    "tuning": "lora",
    "layout": "windows",
    "generation": "per_item",
    "utterances": "merged",
    "similarity": "angular",
    "negatives": "sampled",
    "embedding": "off",
    "mentions": "off",
    "repeats": "off",
}
DEFAULT: Setting = {
    "family": "llama",
    "position": "after_rec",
    "bias": "log",
    "tuning": "lora",
    "layout": "stream",
    "generation": "joint",
    "utterances": "message",
    "similarity": "cosine",
    "negatives": "catalogue",
    "embedding": "on",
    "mentions": "on",
    "repeats": "on",
}
Pair = frozenset[tuple[str, str]]


def possible(setting: Setting) -> bool:
    """Rotary positions cannot be removed."""
    return not (setting.get("position") == "none" and setting.get("family") in ("llama", "qwen3"))


def pairs(setting: Setting) -> set[Pair]:
    return {frozenset(pair) for pair in combinations(setting.items(), 2)}


def all_pairs() -> set[Pair]:
    return {
        frozenset(((a, x), (b, y)))
        for (a, left), (b, right) in combinations(CHOICES.items(), 2)
        for x, y in product(left, right)
        if possible({a: x, b: y})
    }


def covering() -> list[Setting]:
    """The paper's setting, the default one, and greedily chosen ones until every possible pair is covered."""
    chosen = [PAPER, DEFAULT]
    missing = all_pairs() - pairs(PAPER) - pairs(DEFAULT)
    while missing:
        setting = dict(min(missing, key=sorted))
        for name, values in CHOICES.items():
            if name not in setting:
                options = [{**setting, name: value} for value in values]
                setting = max(filter(possible, options), key=lambda option: len(pairs(option) & missing))
        missing -= pairs(setting)
        chosen.append({name: setting[name] for name in CHOICES})
    return chosen
