"""Signing around a text generator of transformers: the text with its manifest, and a watermark where keys are given.

generation = SignedGeneration(model, tokenizer, signer=Signer(credential, ...), watermark_keys=keys)
made = generation("Write a weather report.", max_new_tokens=300)

The manifest is lost where somebody copies the text out of its file; the watermark (SynthID Text) is in the choice of
words, and lasts longer. It is found with the same keys, in a few hundred words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Unpack, cast

from provenance.asset import Input
from provenance.errors import MissingExtraError

from ..errors import ProfileError
from ..facts import ActionFacts, AiModel, DescribingFacts
from ..ingredients import Ingredient
from ..signer import RecordArguments, SignArguments, Signer
from .models import model_facts

# C2PA 2.4, section 18.15.4: a watermark that does not lead back to the manifest.
_WATERMARKED: Final = "c2pa.watermarked.unbound"

# Tokens are hashed into 64 bits, with a sign.
_MAX_KEY: Final = 2**63 - 1

# Settings that leave nothing to choose, so that no watermark can be in the choice.
_SURE: Final[Mapping[str, tuple[Any, ...]]] = {"do_sample": (False,), "top_k": (1,), "temperature": (0,)}

# Ways to generate in which transformers (5.23) loses which words the watermark goes by.
_OUT_OF_STEP: Final = ("num_beams", "assistant_model", "prompt_lookup_num_tokens")


@dataclass(frozen=True)
class SignedText:
    """A generated text: as it was generated, and with its signed manifest, in UTF-8."""

    text: str
    signed: bytes
    watermarked: bool


class GenerationArguments(RecordArguments, DescribingFacts, total=False):
    """The arguments of `Signer.sign` that are the same for every text."""

    actions: Sequence[ActionFacts | Mapping[str, object] | str]
    parent: Input | Ingredient | None


class SignedGeneration:
    """Wraps a model and its tokenizer, and signs the texts that they generate.

    `watermark_keys` are secret numbers, one for each layer of the watermark; thirty are usual. Who has them can find
    the watermark, and can put it in. `ngram_len`: how many words, and the next, decide together. `model_name`: as the
    fact “model”; else what the model's configuration says. `facts` are the other arguments of `Signer.sign`, the same
    for every text.

    Raises `ProfileError` for keys that are none and for a model without a name, and `MissingExtraError` where keys are
    given and transformers is not installed.
    """

    def __init__(
        self,
        model: Any,  # Any: transformers is not needed to import this, and what has its methods will do
        tokenizer: Any,  # Any: the same
        *,
        signer: Signer,
        watermark_keys: Sequence[int] | None = None,
        ngram_len: int = 5,
        model_name: AiModel | Mapping[str, object] | str | None = None,
        **facts: Unpack[GenerationArguments],
    ) -> None:
        self.model, self.tokenizer, self.signer = model, tokenizer, signer
        self._watermark = None if watermark_keys is None else _watermark(watermark_keys, ngram_len)
        self._facts = cast(SignArguments, facts.copy())
        self._facts["model"] = model_facts(model_name, getattr(model, "config", None), argument="model_name")
        if self._watermark is not None:
            self._facts["actions"] = [*facts.get("actions", ()), _WATERMARKED]

    def __call__(
        self,
        prompt: str | Sequence[Mapping[str, str]],
        *,
        name: str = "answer.txt",
        **generate: Any,  # Any: the arguments are those of the model's own method
    ) -> SignedText:
        """Generates one text and signs it. `prompt` is a text, or the messages of a chat.

        `name` says what kind of text it is: answer.txt, answer.md. `generate` are the arguments of the model's
        `generate`. A watermark needs sampling: `do_sample` is then set.

        Raises `SigningError` for a text that cannot be signed, such as an empty one.
        """
        self._check(generate)
        asked = prompt if isinstance(prompt, str) else self._chat(prompt)
        inputs = self.tokenizer(asked, return_tensors="pt", add_special_tokens=isinstance(prompt, str))
        if self._watermark is not None:
            generate = {"num_beams": 1, **generate, "do_sample": True, "watermarking_config": self._watermark}
        output = self.model.generate(**inputs.to(self.model.device), **generate)
        tokens = getattr(output, "sequences", output)[0]
        if not getattr(self.model.config, "is_encoder_decoder", False):
            tokens = tokens[inputs["input_ids"].shape[1] :]  # the prompt comes first
        text = str(self.tokenizer.decode(tokens, skip_special_tokens=True))
        arguments: SignArguments = {**self._facts, "name": name, "prompt": asked}
        signed = self.signer.sign_bytes(text.encode(), **arguments)
        return SignedText(text, signed, self._watermark is not None)

    def _check(self, generate: Mapping[str, Any]) -> None:
        """Raises `ProfileError` for settings under which the record would not say what was done."""
        if generate.get("num_return_sequences", 1) not in (1, None):
            raise ProfileError("num_return_sequences: one text is generated and signed at a time")
        settings = generate.get("generation_config") or getattr(self.model, "generation_config", None)
        theirs = generate.get("watermarking_config") or getattr(settings, "watermarking_config", None)
        if theirs is not None:
            raise ProfileError("watermarking_config: a watermark is recorded only where this wrapper puts it in")
        if self._watermark is None:
            return
        if wrong := [name for name in _OUT_OF_STEP if generate.get(name) not in (None, 1)]:
            raise ProfileError(f"{wrong[0]}: no watermark can be put in then")
        if wrong := [name for name in _SURE if generate.get(name) in _SURE[name]]:
            raise ProfileError(f"{wrong[0]}={generate[wrong[0]]}: a watermark is in the choice of words, and needs one")

    def _chat(self, messages: Sequence[Mapping[str, str]]) -> str:
        return str(self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True))


def _watermark(keys: Sequence[int], ngram_len: int) -> Any:
    """The setting for transformers. No message names a key."""
    if not keys or not all(type(key) is int and 0 <= key <= _MAX_KEY for key in keys):
        raise ProfileError("the keys of a watermark are whole numbers from 0 to 2^63 - 1, one at least")
    if ngram_len < 2:
        raise ProfileError(
            f"{ngram_len}: a watermark hangs on one word before the next at least: ngram_len is 2 or more"
        )
    try:
        from transformers import SynthIDTextWatermarkingConfig
    except ImportError:
        raise MissingExtraError("a watermark in text", "hf") from None
    return SynthIDTextWatermarkingConfig(keys=list(keys), ngram_len=ngram_len)
