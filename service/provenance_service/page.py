"""The page to drop a file on, and the files that it needs; all of them come from this package."""

from functools import partial
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from provenance.render.html import STYLE
from provenance.sentences import LANGUAGES

from .negotiation import Language
from .settings import Settings
from .uploads import FIELD
from .words import readable_size, word

_PACKAGE: Final = Path(__file__).parent
_LANGUAGE_NAMES: Final = {"en": "English", "fr": "Français", "ja": "日本語"}


def add_page(app: FastAPI, settings: Settings) -> None:
    """Adds the page at / and its static files."""
    template = Environment(
        loader=FileSystemLoader(_PACKAGE / "templates"), autoescape=True, undefined=StrictUndefined
    ).get_template("page.html")

    @app.get("/", include_in_schema=False)
    async def page(language: Language) -> Response:
        text = template.render(
            word=partial(word, language=language),
            language=language,
            languages={each: _LANGUAGE_NAMES[each] for each in LANGUAGES},
            field=FIELD,
            max_upload=settings.max_upload,
            limit=readable_size(settings.max_upload, language),
        )
        return HTMLResponse(text, headers={"Content-Language": language, "Vary": "Accept-Language"})

    @app.get("/static/report.css", include_in_schema=False)
    async def report_style() -> Response:
        return Response(STYLE, media_type="text/css")

    app.mount("/static", StaticFiles(directory=_PACKAGE / "static"))
