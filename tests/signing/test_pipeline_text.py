"""Signing around a text generator of transformers: a small model and tokenizer, made here; nothing is downloaded."""

import builtins
import hashlib
import logging
import math
import os
from typing import Any

os.environ["HF_HUB_OFFLINE"] = "1"

import c2pa_text
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import (
    GenerationConfig,
    GPT2Config,
    GPT2LMHeadModel,
    PreTrainedTokenizerFast,
    SynthIDTextWatermarkingConfig,
    SynthIDTextWatermarkLogitsProcessor,
    T5Config,
    T5ForConditionalGeneration,
)

import provenance
from provenance.errors import MissingExtraError
from provenance_signing import Signer
from provenance_signing.errors import FormatError, ProfileError
from provenance_signing.pipeline import SignedGeneration

KEYS = [918_273_645_000 + 7919 * number for number in range(30)]
OTHER_KEYS = [each + 1 for each in KEYS]
NGRAM = 5
VOCABULARY = {"<end>": 0, **{f"word{number}": number for number in range(1, 400)}}


@pytest.fixture(scope="module")
def tokenizer() -> Any:
    words = Tokenizer(models.WordLevel(VOCABULARY, unk_token="<end>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    made = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>")
    made.chat_template = (
        "{% for each in messages %}{{ each.content }} {% endfor %}{% if add_generation_prompt %}word9{% endif %}"
    )
    return made


@pytest.fixture(scope="module")
def model() -> Any:
    torch.manual_seed(0)
    shape = {"n_layer": 2, "n_head": 2, "n_embd": 32, "n_positions": 512}
    config = GPT2Config(vocab_size=len(VOCABULARY), bos_token_id=0, eos_token_id=0, pad_token_id=0, **shape)
    config._name_or_path = "example-org/example-writer"
    return GPT2LMHeadModel(config).eval()


def step_of(report: provenance.Report) -> Any:
    assert report.credentials.integrity.state == "intact"
    assert report.credentials.signer.state == "trusted"
    assert report.conclusion.origin == "ai-generated"
    return report.credentials.history.steps[0]


def deviation(text: str, keys: list[int], tokenizer: Any) -> float:
    """How far the mean g-value is from that of unmarked text, in standard deviations of a fair coin.

    Dathathri et al. 2024: unmarked text has g-values that are 0 or 1 alike; the watermark prefers ones. A context that
    came before carries none.
    """
    processor = SynthIDTextWatermarkLogitsProcessor(
        ngram_len=NGRAM, keys=keys, sampling_table_size=2**16, sampling_table_seed=0, context_history_size=1024,
        device=torch.device("cpu"),
    )  # fmt: skip
    tokens = tokenizer(text, return_tensors="pt")["input_ids"]
    values = processor.compute_g_values(tokens)[processor.compute_context_repetition_mask(tokens)].double()
    return float((values.mean() - 0.5) * 2 * math.sqrt(values.numel()))


def test_a_generated_text_is_signed_with_its_model_and_its_prompt_s_hash(
    model: Any, tokenizer: Any, signer: Signer, trusting: provenance.Verifier
) -> None:
    torch.manual_seed(1)
    made = SignedGeneration(model, tokenizer, signer=signer)("word1 word2", max_new_tokens=20, do_sample=True)
    assert 1 <= len(made.text.split()) <= 20
    assert not made.text.startswith("word1 word2")
    assert made.signed.decode().startswith(made.text)
    assert made.watermarked is False
    step = step_of(trusting.verify(made.signed, name="answer.txt"))
    assert "c2pa.watermarked.unbound" not in {each.action for each in step.actions}
    assert b"word1 word2" not in made.signed
    store = store_of(made.signed)
    assert b"example-org/example-writer" in store
    assert hashlib.sha256(b"word1 word2").hexdigest().encode() in store
    assert b"word1 word2" not in store


def store_of(signed: bytes) -> bytes:
    """The manifest store, which the text holds as invisible characters."""
    return c2pa_text.extract_manifest(signed.decode())[0]


def test_with_keys_the_text_is_watermarked_and_the_manifest_says_so(
    model: Any, tokenizer: Any, signer: Signer, trusting: provenance.Verifier
) -> None:
    generation = SignedGeneration(model, tokenizer, signer=signer, watermark_keys=KEYS, ngram_len=NGRAM)
    torch.manual_seed(1)
    made = generation("word1 word2", max_new_tokens=300, min_new_tokens=300)
    assert made.watermarked
    step = step_of(trusting.verify(made.signed, name="answer.txt"))
    assert {"c2pa.created", "c2pa.watermarked.unbound"} <= {each.action for each in step.actions}

    torch.manual_seed(1)
    unmarked = SignedGeneration(model, tokenizer, signer=signer)(
        "word1 word2", max_new_tokens=300, min_new_tokens=300, do_sample=True
    )
    # By chance, four deviations come once in thirty thousand texts.
    assert deviation(made.text, KEYS, tokenizer) > 10
    assert abs(deviation(made.text, OTHER_KEYS, tokenizer)) < 4
    assert abs(deviation(unmarked.text, KEYS, tokenizer)) < 4


def test_keys_are_in_no_text_log_error_or_manifest(
    model: Any, tokenizer: Any, signer: Signer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    generation = SignedGeneration(model, tokenizer, signer=signer, watermark_keys=KEYS)
    made = generation("word1", max_new_tokens=20, min_new_tokens=20)
    with pytest.raises(ProfileError) as refusal:
        SignedGeneration(model, tokenizer, signer=signer, watermark_keys=[*KEYS, -1])
    store = store_of(made.signed)
    for key in KEYS:
        assert str(key) not in f"{generation!r} {made!r} {refusal.value} {caplog.text} {model.generation_config}"
        assert str(key).encode() not in store
        assert key.to_bytes(8, "big") not in store


def test_the_kind_of_text_is_that_of_its_name(
    model: Any, tokenizer: Any, signer: Signer, trusting: provenance.Verifier
) -> None:
    made = SignedGeneration(model, tokenizer, signer=signer)(
        "word1", name="answer.md", max_new_tokens=20, do_sample=True
    )
    report = trusting.verify(made.signed, name="answer.md")
    assert report.asset.media_type == "text/markdown"
    assert step_of(report).title == "answer.md"


def test_the_messages_of_a_chat_are_hashed_as_the_model_gets_them(model: Any, tokenizer: Any, signer: Signer) -> None:
    messages = [{"role": "user", "content": "word1"}, {"role": "user", "content": "word2"}]
    made = SignedGeneration(model, tokenizer, signer=signer)(messages, max_new_tokens=20, do_sample=True)
    assert hashlib.sha256(b"word1 word2 word9").hexdigest().encode() in store_of(made.signed)


def test_other_actions_and_facts_stand_beside_the_watermark(
    model: Any, tokenizer: Any, signer: Signer, trusting: provenance.Verifier
) -> None:
    generation = SignedGeneration(
        model,
        tokenizer,
        signer=signer,
        watermark_keys=KEYS,
        model_name={"name": "Another", "version": "2"},
        actions=["org.example.reviewed"],
        human_oversight="human_validated",
    )
    made = generation("word1", max_new_tokens=20, min_new_tokens=20)
    actions = {each.action for each in step_of(trusting.verify(made.signed, name="a.txt")).actions}
    assert {"org.example.reviewed", "c2pa.watermarked.unbound"} <= actions
    store = store_of(made.signed)
    assert b"Another" in store
    assert b"human_validated" in store


def test_of_a_model_with_an_encoder_all_of_the_output_is_the_text(tokenizer: Any, signer: Signer) -> None:
    torch.manual_seed(0)
    shape = {"d_model": 32, "d_kv": 16, "d_ff": 32, "num_layers": 1, "num_heads": 2}
    config = T5Config(vocab_size=len(VOCABULARY), decoder_start_token_id=0, eos_token_id=0, pad_token_id=0, **shape)
    generation = SignedGeneration(T5ForConditionalGeneration(config), tokenizer, signer=signer, model_name="T")
    prompt = " ".join(f"word{number}" for number in range(1, 30))
    made = generation(prompt, max_new_tokens=8, min_new_tokens=8, do_sample=True)
    assert 1 <= len(made.text.split()) <= 8


# Refusals


@pytest.mark.parametrize("how", [{"do_sample": False}, {"top_k": 1}, {"num_beams": 2}, {"prompt_lookup_num_tokens": 3}])
def test_settings_that_leave_no_room_for_a_watermark_are_refused(
    how: dict, model: Any, tokenizer: Any, signer: Signer
) -> None:
    with pytest.raises(ProfileError, match=next(iter(how))):
        SignedGeneration(model, tokenizer, signer=signer, watermark_keys=KEYS)("word1", **how)


@pytest.mark.parametrize("where", ["in the call", "in the call's configuration"])
@pytest.mark.parametrize("keys", [None, KEYS])
def test_a_watermark_from_elsewhere_is_refused(
    where: str, keys: list[int] | None, model: Any, tokenizer: Any, signer: Signer
) -> None:
    theirs = SynthIDTextWatermarkingConfig(keys=OTHER_KEYS, ngram_len=NGRAM)
    how: dict[str, Any] = {"watermarking_config": theirs}
    if where != "in the call":
        how = {"generation_config": GenerationConfig(**how)}
    with pytest.raises(ProfileError, match="watermarking_config"):
        SignedGeneration(model, tokenizer, signer=signer, watermark_keys=keys)("word1", **how)


def test_several_texts_at_a_time_are_refused(model: Any, tokenizer: Any, signer: Signer) -> None:
    with pytest.raises(ProfileError, match="one text"):
        SignedGeneration(model, tokenizer, signer=signer)("word1", num_return_sequences=2, do_sample=True)


@pytest.mark.parametrize("keys", [[], [-1], [2**63], [True], ["7"], [1.5]])
def test_keys_that_are_none_are_refused(keys: list[Any], model: Any, tokenizer: Any, signer: Signer) -> None:
    with pytest.raises(ProfileError, match="keys of a watermark are whole numbers"):
        SignedGeneration(model, tokenizer, signer=signer, watermark_keys=keys)
    with pytest.raises(ProfileError, match="ngram_len"):
        SignedGeneration(model, tokenizer, signer=signer, watermark_keys=KEYS, ngram_len=1)


def test_a_model_without_a_name_is_refused(tokenizer: Any, signer: Signer) -> None:
    with pytest.raises(ProfileError, match="model_name="):
        SignedGeneration(object(), tokenizer, signer=signer)


def test_an_empty_answer_is_refused(model: Any, tokenizer: Any, signer: Signer) -> None:
    generation = SignedGeneration(model, tokenizer, signer=signer)
    with pytest.raises(FormatError, match="is empty"):
        generation("word1", max_new_tokens=1, suppress_tokens=list(range(1, len(VOCABULARY))))


def test_without_transformers_the_missing_part_is_named(
    model: Any, tokenizer: Any, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def without(name: str, *args: Any, **kwargs: Any) -> Any:
        if name.partition(".")[0] == "transformers":
            raise ImportError(name)
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(MissingExtraError, match=r"\[hf\]"):
        SignedGeneration(model, tokenizer, signer=signer, watermark_keys=KEYS)
