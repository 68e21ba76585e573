"""The pages for people, and the files that they need; all of them come from this package."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from provenance.render.html import STYLE
from provenance.sentences import LANGUAGES

from ..content_negotiation import Language, language_headers
from ..credential_files import credential_files
from ..locale.catalogue import SENTENCES
from ..multipart import FIELD
from ..sentences import phrase, readable_size
from ..settings import Settings
from ..signing_profiles import profile_summaries

_PACKAGE: Final = Path(__file__).parents[1]
_LANGUAGE_NAMES: Final = {"en": "English", "fr": "Français", "ja": "日本語"}

# A browser keeps the answer to each of them; a list longer than this is for the command line.
MAX_FILES: Final = 50

# More at the same time would only wait for each other, and keep other readers waiting.
_AT_ONCE: Final = 2

_REMARK: Final = "remark."


def add_page(app: FastAPI, settings: Settings) -> None:
    """Adds the page at /, the one at /sign, and the static files."""
    templates = Environment(
        loader=FileSystemLoader(_PACKAGE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    signs = bool(credential_files(settings))

    def rendered(template: str, language: str, **values: Any) -> Response:
        text = templates.get_template(template).render(
            phrase=lambda key, **values: phrase(key, language, **values),
            language=language,
            languages={code: _LANGUAGE_NAMES[code] for code in LANGUAGES},
            max_upload=settings.max_upload,
            limit=readable_size(settings.max_upload, language),
            signs=signs,
            **values,
        )
        return HTMLResponse(text, headers=language_headers(language))

    @app.get("/", include_in_schema=False)
    async def page(language: Language) -> Response:
        return rendered(
            "page.html",
            language,
            field=FIELD,
            max_files=MAX_FILES,
            at_once=_AT_ONCE,
            fetch_urls=settings.fetch_urls,
            detectors=find_spec("onnxruntime") is not None,
            keeps=max(1, round(settings.keep_days)),
        )

    @app.get("/sign", include_in_schema=False)
    async def sign_page(language: Language) -> Response:
        return rendered(
            "sign.html",
            language,
            profiles=profile_summaries(settings, language),
            credentials=list(credential_files(settings)),
            remarks={key: phrase(key, language) for key in SENTENCES if key.startswith(_REMARK)},
        )

    @app.get("/static/report.css", include_in_schema=False)
    async def report_style() -> Response:
        return Response(STYLE, media_type="text/css")

    app.mount("/static", StaticFiles(directory=_PACKAGE / "static"))
