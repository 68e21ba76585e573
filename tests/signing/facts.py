"""Facts that several tests state."""

SOFT_BINDING = {
    "label": "c2pa.soft-binding",
    "created": True,
    "data": {"alg": "com.example.watermark", "blocks": [{"scope": {}, "value": "YWJj"}]},
}


LANGUAGES = {"sourceLanguage": "en", "targetLanguage": "fr"}
