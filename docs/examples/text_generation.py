"""A generated text, watermarked and signed. Run: python docs/examples/text_generation.py (needs the extra "hf")."""

import secrets
import tempfile
from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

import provenance
from provenance_signing import Credential, Signer
from provenance_signing.keys.development import create
from provenance_signing.pipeline import SignedGeneration

# A model without training, so that nothing is downloaded: it writes words at random. In its place:
# AutoModelForCausalLM.from_pretrained("org/model"), AutoTokenizer.from_pretrained("org/model").
WORDS = ["<end>", "a", "the", "paper", "boat", "sea", "wind", "sails", "drifts", "under", "over", "slow", "far", "home"]
vocabulary = {word: number for number, word in enumerate(WORDS)}
words = Tokenizer(models.WordLevel(vocabulary, unk_token="<end>"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, eos_token="<end>", pad_token="<end>")
torch.manual_seed(1)
shape = {"n_layer": 2, "n_head": 2, "n_embd": 32, "n_positions": 128}
model = GPT2LMHeadModel(GPT2Config(vocab_size=len(vocabulary), eos_token_id=0, bos_token_id=0, pad_token_id=0, **shape))

with tempfile.TemporaryDirectory() as folder:
    files = create(Path(folder))  # for development; see docs/signing.md
    generation = SignedGeneration(
        model,
        tokenizer,
        signer=Signer(Credential.load(files.credential), profile="ai-generated"),
        watermark_keys=[secrets.randbits(32) for _ in range(30)],  # kept secret: they find the watermark again
        model_name="example-org/example-writer",
        human_oversight="prompt_guided",
    )
    made = generation("the paper boat", min_new_tokens=20, max_new_tokens=40)
    report = provenance.verify(made.signed, trust=files.root)

print(made.text)
print(report.conclusion.headline.text)
print("recorded:", *(each.action for each in report.credentials.history.steps[0].actions if "mark" in each.action))
