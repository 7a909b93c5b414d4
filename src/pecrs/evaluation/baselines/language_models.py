"""Language models that are asked and not trained: on this machine, behind an endpoint, and with a memory.

An endpoint is anything that speaks OpenAI's chat completions: the public services, vLLM, llama.cpp, Ollama.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self
from urllib.parse import urlsplit

from pydantic import ConfigDict, Field, TypeAdapter

from pecrs.data.addresses import is_loopback
from pecrs.data.model_names import locate_model
from pecrs.data.records import Record, read_records
from pecrs.errors import ConfigError, ContextTooLongError, DataError
from pecrs.evaluation.baselines.written import without_thoughts

if TYPE_CHECKING:
    from httpx2 import Response
    from openai import OpenAI

PUBLIC_ENDPOINT = "https://api.openai.com/v1"
"""Where questions go if ``OPENAI_BASE_URL`` names nothing else."""

_BATCH = 8
_AT_ONCE = 8
_RETRIES = 5
_SECONDS = 300
_REFUSED = (400, 422)
_TEXTS = (None, "text", "output_text")
_LIMIT, _NEWER_LIMIT = "max_tokens", "max_completion_tokens"


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


class Answer(str):
    """What a model wrote, and how that came about.

    Attributes:
        cut: Whether it ended at the limit of tokens.
        refused: Parameters of the request that the service did not take.
    """

    cut: bool
    refused: tuple[str, ...]

    def __new__(cls, text: str, cut: bool = False, refused: Sequence[str] = ()) -> Self:
        """Keep the words and the rest."""
        made = super().__new__(cls, text)
        made.cut, made.refused = cut, tuple(refused)
        return made


class LanguageModel(Protocol):
    """Answers questions, each on its own."""

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[str]:
        """Yield one answer a prompt, in order, at best an :class:`Answer`; it is empty where a model says nothing."""
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

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
        """Yield one answer a prompt; see :class:`LanguageModel`.

        Raises:
            ContextTooLongError: If the longest answer does not fit beside a question, or beside a quarter of the
                positions where there is no chat template.
        """
        for start in range(0, len(prompts), _BATCH):
            yield from self._answers(prompts[start : start + _BATCH])

    def _answers(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
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
        ends = self._model.generation_config.eos_token_id or self._tokenizer.eos_token_id
        settings = GenerationConfig(
            do_sample=False, max_new_tokens=longest, pad_token_id=self._tokenizer.pad_token_id, eos_token_id=ends
        )
        with torch.inference_mode():
            written = self._model.generate(**inputs, generation_config=settings)[:, read:]
        known = torch.as_tensor([] if ends is None else ends, dtype=written.dtype, device=written.device)
        ended = torch.isin(written, known).any(dim=1).tolist()
        texts = self._tokenizer.batch_decode(written, skip_special_tokens=True)
        for prompt, text, end in zip(prompts, texts, ended, strict=True):  # without a template, none ends by itself
            yield Answer(text, cut=not end) if chats else Answer(prompt.opening + text)

    def _chat(self, prompt: Prompt) -> str:
        messages = [{"role": "user", "content": prompt.question}]
        return str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False))


class Endpoint:
    """A model behind OpenAI's chat completions, asked through OpenAI's client.

    What may pass by itself (overload, limits) is tried again by the client. A parameter that the service refuses by its
    name is left out from then on.
    """

    def __init__(
        self, model: str, base: str, key: str = "", *, seconds: float = _SECONDS, retries: int = _RETRIES
    ) -> None:
        """Check the address; nothing is sent yet.

        Args:
            model: What the service calls the model.
            base: The address up to ``/v1``, which is added where there is no path at all.
            key: Sent as a bearer token; empty for a service that asks for none.
            seconds: How long an answer may take.
            retries: How often a question is sent again where the service is overloaded or broken.

        Raises:
            ConfigError: If the address is none, or would carry the key in the clear to another machine, or OpenAI's
                client is not installed.
        """
        base = base.strip().rstrip("/").removesuffix("/chat/completions")
        where = urlsplit(base)
        if where.scheme not in ("http", "https") or not where.hostname:
            raise ConfigError(f"an http or https address is expected, not {base!r}")
        if key and where.scheme == "http" and not is_loopback(where.hostname):
            raise ConfigError(f"{base} would carry the key unencrypted; use https")
        try:
            import openai
        except ModuleNotFoundError:
            raise ConfigError("a model behind an endpoint needs pip install 'pecrs[eval]'") from None
        self._openai = openai
        self._model, self._base, self._key = model, base if where.path else f"{base}/v1", key.strip()
        self._url = f"{self._base}/chat/completions"
        self._refused: set[str] = set()
        self._seconds, self._retries = seconds, retries

    @classmethod
    def from_environment(cls, model: str) -> Endpoint:
        """Return the model at ``OPENAI_BASE_URL`` with the key ``OPENAI_API_KEY``.

        Raises:
            ConfigError: If the address is wrong, or the public service is meant and there is no key.
        """
        base, key = os.environ.get("OPENAI_BASE_URL") or PUBLIC_ENDPOINT, os.environ.get("OPENAI_API_KEY", "")
        if base.rstrip("/") == PUBLIC_ENDPOINT and not key:
            raise ConfigError(f"baseline openai:{model} needs OPENAI_API_KEY, or OPENAI_BASE_URL of another service")
        return cls(model, base, key)

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
        """Yield one answer a prompt; see :class:`LanguageModel`.

        Raises:
            ConfigError: If the service cannot be reached or refuses the question.
            DataError: If its answer is none.
        """
        with self._client() as client, ThreadPoolExecutor(_AT_ONCE) as pool:
            for start in range(0, len(prompts), 2 * _AT_ONCE):
                some = prompts[start : start + 2 * _AT_ONCE]
                yield from pool.map(self._ask, [client] * len(some), some)

    def _client(self) -> OpenAI:
        return self._openai.OpenAI(
            base_url=self._base,
            api_key=self._key or "none",  # the client wants one; it is not sent
            max_retries=self._retries,
            timeout=self._seconds,
            http_client=self._openai.DefaultHttpxClient(follow_redirects=False),  # nor does a key go elsewhere
        )

    def _ask(self, client: OpenAI, prompt: Prompt) -> Answer:
        while True:
            parameters = self._parameters(prompt)
            try:
                response = self._send(client, prompt, parameters)
            except self._openai.APITimeoutError:
                raise ConfigError(f"{self._url} gives no answer within {self._seconds:g} seconds") from None
            except self._openai.APIConnectionError as error:
                raise ConfigError(f"{self._url} cannot be reached: {type(error.__cause__).__name__}") from None
            except self._openai.APIStatusError as error:
                if not self._without(parameters, error.response):
                    raise ConfigError(self._refusal(error.response)) from None
            else:
                return self._read(response, [name for name in self._refused if name not in parameters])

    def _parameters(self, prompt: Prompt) -> dict[str, Any]:
        limit = _NEWER_LIMIT if _LIMIT in self._refused else _LIMIT
        wanted = {limit: prompt.tokens, "temperature": 0}
        return {name: value for name, value in wanted.items() if name not in self._refused}

    def _send(self, client: OpenAI, prompt: Prompt, parameters: dict[str, Any]) -> Response:
        raw = client.chat.completions.with_raw_response.create(
            model=self._model,
            messages=[{"role": "user", "content": prompt.question}],
            extra_headers=None if self._key else {"Authorization": self._openai.omit},
            **parameters,
        )
        response: Response = raw.http_response
        return response

    def _without(self, parameters: dict[str, Any], response: Response) -> bool:
        """Leave out what a refusal names; False if that is nothing, or the limit, without which it could be endless."""
        named = _named(parameters, response) if response.status_code in _REFUSED else None
        if named is None or named == _NEWER_LIMIT:
            return False
        self._refused.add(named)
        return True

    def _read(self, response: Response, refused: Sequence[str]) -> Answer:
        try:
            choice = response.json()["choices"][0]
            content = choice["message"].get("content")
            return Answer(_joined(content), choice.get("finish_reason") == "length", sorted(refused))
        except (ValueError, LookupError, TypeError, AttributeError):
            raise DataError(f"{self._url} gives no answer: {_reason(response)}", field="choices") from None

    def _refusal(self, response: Response) -> str:
        hint = "" if response.status_code != 404 or self._base.endswith("/v1") else " (its address may lack a /v1)"
        return f"{self._url} answers {response.status_code}: {_reason(response)}{hint}"


class _Kept(Record):
    model_config = ConfigDict(extra="forbid")

    question: str
    opening: str
    tokens: int
    answer: str
    cut: bool = False
    refused: list[str] = Field(default_factory=list)


_KEPT = TypeAdapter(_Kept)


class Remembered:
    """A model whose answers are kept in a file, so that an interrupted evaluation does not ask, or pay, again."""

    def __init__(self, model: LanguageModel, path: Path) -> None:
        """Read what is there.

        Args:
            model: Asked what the file does not answer.
            path: JSON lines ``{"question", "opening", "tokens", "answer"}``, with ``cut`` and ``refused`` where an
                :class:`Answer` has them; made where missing.

        Raises:
            DataError: If the file is broken.
        """
        self._model, self._path = model, path
        self._known: dict[Prompt, Answer] = {}
        for _, kept in read_records(path, _KEPT) if path.exists() else ():
            if not _is_empty(kept.answer):
                prompt = Prompt(kept.question, kept.opening, kept.tokens)
                self._known[prompt] = Answer(kept.answer, kept.cut, kept.refused)

    def answers(self, prompts: Sequence[Prompt]) -> Iterator[Answer]:
        """Yield one answer a prompt; see :class:`LanguageModel`.

        Each new one is written at once. One without words is not, so that the model is asked again the next time.
        """
        asked = [prompt for prompt in dict.fromkeys(prompts) if prompt not in self._known]
        fresh = self._model.answers(asked)
        silent: dict[Prompt, Answer] = {}
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as stream:
            for prompt in prompts:
                if prompt not in self._known and prompt not in silent:
                    said = next(fresh)
                    answer = said if isinstance(said, Answer) else Answer(said)
                    if _is_empty(answer):
                        silent[prompt] = answer
                    else:
                        self._known[prompt] = answer
                        kept = _Kept(**asdict(prompt), answer=str(answer), cut=answer.cut, refused=list(answer.refused))
                        stream.write(json.dumps(kept.model_dump(exclude_defaults=True), ensure_ascii=False) + "\n")
                        stream.flush()
                yield self._known.get(prompt) or silent[prompt]


def _is_empty(answer: str) -> bool:
    return not without_thoughts(answer).strip()


def _joined(content: object) -> str:
    """Return the text of a message's content: a string, parts of which those of text count, or nothing."""
    if not isinstance(content, list):
        return content if isinstance(content, str) else ""
    parts = [{"text": part} if isinstance(part, str) else part for part in content]
    texts = [part.get("text") for part in parts if isinstance(part, dict) and part.get("type") in _TEXTS]
    return "\n".join(text for text in texts if isinstance(text, str))


def _named(parameters: dict[str, Any], response: Response) -> str | None:
    """Return the parameter that a refusal is about."""
    said = _said(response)
    if isinstance(said, dict) and said.get("param") in parameters:
        return str(said["param"])
    reason = _reason(response)
    if _NEWER_LIMIT in reason and _LIMIT in parameters:  # "use max_completion_tokens instead"
        return _LIMIT
    return next((name for name in parameters if re.search(rf"\b{name}\b", reason)), None)


def _said(response: Response) -> Any:
    """Return what a service says of a failure: OpenAI's ``error``, FastAPI's ``detail``, or all of it."""
    try:
        record = response.json()
    except ValueError:
        return response.text
    return record.get("error") or record.get("detail") or record if isinstance(record, dict) else record


def _reason(response: Response) -> str:
    said = _said(response)
    if isinstance(said, list) and said and isinstance(said[0], dict):  # pydantic's, which repeat the request
        said = {"message": f"{'.'.join(map(str, said[0].get('loc', ())))}: {said[0].get('msg', '')}"}
    if isinstance(said, dict):
        said = said.get("message") or said
    return " ".join(str(said).split())[:200] or "nothing"
