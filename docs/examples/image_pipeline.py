"""Pictures of a diffusion pipeline, signed as they are made. Run: python docs/examples/image_pipeline.py."""

import tempfile
from pathlib import Path
from typing import ClassVar

from PIL import Image, ImageDraw

import provenance
from provenance_signing import Credential, Signer
from provenance_signing.keys.development import create
from provenance_signing.pipeline import SignedPipeline


class StandIn:
    """Stands for `DiffusionPipeline.from_pretrained("org/model")`: it is called and answers in the same way."""

    config: ClassVar = {"_class_name": "StandIn", "_name_or_path": "example-org/example-model"}

    def __call__(self, prompt: str, image: Image.Image | None = None, num_images_per_prompt: int = 1) -> tuple:
        """Pictures of the prompt's words."""
        pictures = []
        for number in range(num_images_per_prompt):
            picture = image.copy() if image else Image.new("RGB", (320, 240), "teal")
            ImageDraw.Draw(picture).text((20, 20 + 40 * number), prompt, fill="white")
            pictures.append(picture)
        return (pictures,)


with tempfile.TemporaryDirectory() as folder:
    files = create(Path(folder) / "dev")  # for development; see docs/signing.md
    credential = Credential.load(files.credential)

    generate = SignedPipeline(StandIn(), signer=Signer(credential, profile="ai-generated"))
    made = generate("a paper boat", num_images_per_prompt=2)
    for path in made.save(Path(folder) / "pictures"):
        report = provenance.verify(path, trust=files.root)
        print(path.name, report.conclusion.headline.text, sep="\n  ")

    # A picture that goes in is kept in the record of what comes out: here as the parent, with its own record.
    edit = SignedPipeline(StandIn(), signer=Signer(credential, profile="ai-edited"), parent=made.signed[0])
    edited = edit("a paper boat at sea", image=made.images[0])
    report = provenance.verify(edited.signed[0], trust=files.root)
    print("edited.png", report.conclusion.headline.text, sep="\n  ")
    for step in report.credentials.history.steps:
        print(f"  step: {step.relationship or 'this picture'}, {step.state}")
