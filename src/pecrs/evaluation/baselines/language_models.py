"""Language models that are asked and not trained: on this machine, behind an endpoint, and with a memory.

An endpoint is anything that speaks OpenAI's chat completions: the public services, vLLM, llama.cpp, Ollama.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from urllib3.util import Retry

from pecrs.data.files import read_jsonl
from pecrs.data.model_names import locate_model
from pecrs.errors import ConfigError, ContextTooLongError, DataError

PUBLIC_ENDPOINT = "https://api.openai.com/v1"
"""Where questions go if ``OPENAI_BASE_URL`` names nothing else."""

_BATCH = 8
_AT_ONCE = 8
_RETRIES = 5
_SECONDS = 120
_LATER = (408, 409, 429, 500, 502, 503, 504)
_THOUGHTS = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One question.

    Attributes:
        question: What a person would ask.
        opening: How the answer begins, for a model that only continues text.
        tokens: Longest answer.
    """

    question: str
    opening: str
    tokens: int


class LanguageModel(Protocol):
    """Answers questions, each on its own."""

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[str]:
        """Yield one answer a prompt, in order."""
        ...


class LocalModel:
    """A causal language model of ``transformers``, asked greedily, as in the paper.

    A model with a chat template is asked as its template says; any other continues the question and the opening, and
    where its positions are few it reads the end of these.

    Source: PECRS §4.4.
    """

    def __init__(self, name: str) -> None:
        """Load the model; code from the hub is never run and nothing is unpickled.

        Args:
            name: Name or path for ``AutoModelForCausalLM.from_pretrained``.

        Raises:
            ConfigError: If nothing loads from there, or less than a causal language model.
        """
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        place = locate_model(name, f"baseline llm:{name}")
        try:
            self._tokenizer: Any = AutoTokenizer.from_pretrained(
                place, trust_remote_code=False, padding_side="left", truncation_side="left"
            )
            model, loaded = AutoModelForCausalLM.from_pretrained(
                place, trust_remote_code=False, use_safetensors=True, dtype="auto", output_loading_info=True
            )
        except (OSError, ValueError, ImportError, SafetensorError) as error:
            raise ConfigError(f"baseline llm:{name}: {' '.join(str(error).split())}") from None
        if loaded["missing_keys"]:  # which transformers makes up
            raise ConfigError(f"baseline llm:{name}: it lacks {min(loaded['missing_keys'])}")
        self._model: Any = model
        if self._tokenizer.pad_token is None:
            self._tokenizer.pad_token = self._tokenizer.eos_token or self._tokenizer.unk_token
        if self._tokenizer.pad_token is None:
            raise ConfigError(f"baseline llm:{name}: its tokeniser has no token to pad with")
        self._model.to("cuda" if torch.cuda.is_available() else "cpu").eval()

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[str]:
        """Yield one answer a prompt; see :class:`LanguageModel`.

        Raises:
            ContextTooLongError: If the longest answer does not fit beside a question, or beside a quarter of the
                positions where there is no chat template.
        """
        for start in range(0, len(prompts), _BATCH):
            yield from self._answers(prompts[start : start + _BATCH])

    def _answers(self, prompts: Sequence[Prompt]) -> Iterator[str]:
        import torch
        from transformers import GenerationConfig

        chats = bool(self._tokenizer.chat_template)
        texts = [self._chat(p) if chats else f"{p.question}\n\n{p.opening}" for p in prompts]
        longest = max(prompt.tokens for prompt in prompts)
        positions = getattr(self._model.config, "max_position_embeddings", None)
        cut = (
            {}
            if chats or positions is None
            else {"truncation": True, "max_length": max(positions // 4, positions - longest)}
        )
        inputs = self._tokenizer(texts, return_tensors="pt", padding=True, add_special_tokens=not chats, **cut)
        inputs = {name: inputs[name].to(self._model.device) for name in ("input_ids", "attention_mask")}
        read = inputs["input_ids"].shape[1]
        if positions is not None and read + longest > positions:
            raise ContextTooLongError(f"a question of {read} tokens and an answer of {longest}: there are {positions}")
        settings = GenerationConfig(
            do_sample=False,
            max_new_tokens=longest,
            pad_token_id=self._tokenizer.pad_token_id,
            eos_token_id=self._model.generation_config.eos_token_id or self._tokenizer.eos_token_id,
        )
        with torch.inference_mode():
            written = self._model.generate(**inputs, generation_config=settings)[:, read:]
        for prompt, text in zip(prompts, self._tokenizer.batch_decode(written, skip_special_tokens=True), strict=True):
            yield text if chats else prompt.opening + text

    def _chat(self, prompt: Prompt) -> str:
        messages = [{"role": "user", "content": prompt.question}]
        return str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))


class Endpoint:
    """A model behind OpenAI's chat completions. What may pass by itself (overload, limits) is tried again."""

    def __init__(self, model: str, base: str, key: str = "", *, wait: float = 1.0) -> None:
        """Check the address; nothing is sent yet.

        Args:
            model: What the service calls the model.
            base: The address up to ``/v1``.
            key: Sent as a bearer token; empty for a service that asks for none.
            wait: Seconds before the second retry; each further one waits twice as long. ``Retry-After`` has precedence.

        Raises:
            ConfigError: If the address is none, or would carry the key in the clear to another machine.
        """
        where = urlsplit(base)
        if where.scheme not in ("http", "https") or not where.hostname:
            raise ConfigError(f"OPENAI_BASE_URL: an http or https address is expected, not {base!r}")
        if key and where.scheme == "http" and not _loopback(where.hostname):
            raise ConfigError(f"OPENAI_BASE_URL: {base} would carry the key unencrypted; use https")
        self._model, self._url = model, base.rstrip("/") + "/chat/completions"
        self._session = requests.Session()
        self._session.auth = _Bearer(key)
        retry = Retry(
            _RETRIES, backoff_factor=wait, status_forcelist=_LATER, allowed_methods=None, raise_on_status=False
        )
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(max_retries=retry, pool_maxsize=_AT_ONCE))
        self._newer = False

    @classmethod
    def from_environment(cls, model: str) -> Endpoint:
        """Return the model at ``OPENAI_BASE_URL`` with the key ``OPENAI_API_KEY``.

        Raises:
            ConfigError: If the address is wrong, or the public service is meant and there is no key.
        """
        base, key = os.environ.get("OPENAI_BASE_URL") or PUBLIC_ENDPOINT, os.environ.get("OPENAI_API_KEY", "")
        if base == PUBLIC_ENDPOINT and not key:
            raise ConfigError(f"baseline openai:{model} needs OPENAI_API_KEY, or OPENAI_BASE_URL of another service")
        return cls(model, base, key)

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[str]:
        """Yield one answer a prompt; see :class:`LanguageModel`.

        Raises:
            ConfigError: If the service cannot be reached or refuses the question.
            DataError: If its answer is none.
        """
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(prompts), 2 * _AT_ONCE):
                yield from pool.map(self._ask, prompts[start : start + 2 * _AT_ONCE])

    def _ask(self, prompt: Prompt) -> str:
        newer = self._newer
        response = self._post(prompt, newer)
        if response.status_code == 400 and "max_completion_tokens" in response.text and not newer:
            self._newer = True  # models that think first refuse max_tokens and a temperature
            response = self._post(prompt, newer=True)
        if response.status_code != 200:
            raise ConfigError(f"{self._url} answers {response.status_code}: {_reason(response)}")
        try:
            content = response.json()["choices"][0]["message"]["content"]
        except (ValueError, LookupError, TypeError):
            raise DataError(f"{self._url} gives no answer: {_reason(response)}", field="choices") from None
        return content if isinstance(content, str) else ""

    def _post(self, prompt: Prompt, newer: bool) -> requests.Response:
        limits = {"max_completion_tokens": prompt.tokens} if newer else {"max_tokens": prompt.tokens, "temperature": 0}
        messages = [{"role": "user", "content": prompt.question}]
        body = {"model": self._model, "messages": messages, **limits}
        try:
            return self._session.post(self._url, json=body, timeout=_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise ConfigError(f"{self._url} cannot be reached: {type(error).__name__}") from None


class Remembered:
    """A model whose answers are kept in a file, so that an interrupted evaluation does not ask, or pay, again."""

    def __init__(self, model: LanguageModel, path: Path) -> None:
        """Read what is there.

        Args:
            model: Asked what the file does not answer.
            path: JSON lines ``{"question", "opening", "tokens", "answer"}``; made where missing.

        Raises:
            DataError: If the file is broken.
        """
        self._model, self._path = model, path
        self._known: dict[Prompt, str] = {}
        for line, record in read_jsonl(path) if path.exists() else ():
            try:
                answer = record.pop("answer")
                self._known[Prompt(**record)] = answer
            except (KeyError, TypeError):
                raise DataError("question, opening, tokens and answer are expected", path=path, line=line) from None

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[str]:
        """Yield one answer a prompt; see :class:`LanguageModel`. Each new one is written at once."""
        new = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        fresh = self._model.answers(new)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as stream:
            for prompt in prompts:
                if prompt not in self._known:
                    self._known[prompt] = next(fresh)
                    record = {"question": prompt.question, "opening": prompt.opening, "tokens": prompt.tokens}
                    stream.write(json.dumps({**record, "answer": self._known[prompt]}, ensure_ascii=False) + "\n")
                    stream.flush()
                yield self._known[prompt]


def without_thoughts(answer: str) -> str:
    """Return an answer without what a model thought aloud.

    >>> without_thoughts("<think>They like space. 1. Alien?</think> 1. Gravity")
    ' 1. Gravity'
    """
    return _THOUGHTS.sub("", answer)


class _Bearer(AuthBase):
    """Keeps the key out of session headers and a ``.netrc`` out of the request."""

    def __init__(self, key: str) -> None:
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._key:
            request.headers["Authorization"] = f"Bearer {self._key}"
        return request


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _reason(response: requests.Response) -> str:
    try:
        said = response.json()["error"]["message"]
    except (ValueError, LookupError, TypeError):
        said = response.text
    return " ".join(str(said).split())[:200] or "nothing"
