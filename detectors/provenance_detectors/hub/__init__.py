"""Models that a user adds: from the Hugging Face hub by id and revision, or from a folder. Safetensors only."""
