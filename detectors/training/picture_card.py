"""What the card of the picture detector says in words: what it has not seen, where it is worse, where it fails."""

from typing import Any, Final

from provenance_detectors.card import Question

WORDS: Final[dict[str, Any]] = {
    "name": "image",
    "version": "2.0",
    "question": Question.AI,
    "modality": "image",
    "summary": "Logistic regression on what the layers of two small networks see in the picture at 320 pixels.",
    "licence": "Apache-2.0; EfficientNet-Lite0 and Lite1 by Google, brought to PyTorch by ML Illustrated (Apache-2.0), "
    "cut before their classifier and quantised; trained on pictures under the licences that the manifest names",
    "default": True,
    "never_shown": (
        "comics and most kinds of drawings by people: the manifest has few",
        "satellite pictures", "press photographs in colour profiles other than sRGB",
        "pictures under 256 pixels", "JPEG under quality 30",
        "Imagen, Grok, Firefly, Ideogram, Recraft, SDXL Turbo and Lightning, Stable Cascade",
        "photographs in which only a part was made by AI",
    ),
    "worse_for": (
        "generators that are unlike all that it has seen: the worst source stands beside the mean",
        "photorealistic pictures of the newest models, of which it misses most",
        "small, blurred or often re-encoded pictures: it abstains more often",
        "Whether it is worse for some cameras or skin tones is not known: the data do not say enough.",
    ),
    "known_failures": (
        "No indication is no evidence of a photograph: most AI pictures of unseen sources give none.",
        "Heavily retouched, smoothed or upscaled photographs can look generated.",
        "It goes by how a picture looks as much as by its noise: a subject that is often generated can count against a "
        "photograph.",
        "A photograph of a screen or of a print is a photograph to it, whatever it shows.",
    ),
    "energy_per_1000_kwh": 0.000334,
    "energy_source": "codecarbon 3 on images-v1, an estimate from the processor's nominal power",
    "sources": (
        "Tan and Le 2019, EfficientNet: Rethinking model scaling for convolutional neural networks",
        "Ojha et al. 2023, Towards universal fake image detectors that generalize across generative models",
        "Park and Owens 2025, Community Forensics: using thousands of generators to train fake image detectors",
    ),
}  # fmt: skip
