"""Documents that are ZIP archives, as small as they can be."""

import io
import zipfile

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


SLIDES = "application/vnd.openxmlformats-officedocument.presentationml.presentation"


EPUB = "application/epub+zip"


ODT = "application/vnd.oasis.opendocument.text"


ZIP = "application/zip"


def office(media_type: str, part: str) -> dict[str, str]:
    return {
        "[Content_Types].xml": '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/'
        'content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
        f'+xml"/><Override PartName="/{part}" ContentType="{media_type}.main+xml"/></Types>',
        "_rels/.rels": '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/'
        'relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/'
        f'relationships/officeDocument" Target="{part}"/></Relationships>',
        part: "<text>A letter from Lyon</text>" * 20,
    }


FILES = {
    WORD: office(WORD, "word/document.xml"),
    SHEET: office(SHEET, "xl/workbook.xml"),
    SLIDES: office(SLIDES, "ppt/presentation.xml"),
    EPUB: {
        "mimetype": EPUB,
        "META-INF/container.xml": '<container><rootfiles><rootfile full-path="book.opf"/></rootfiles></container>',
        "book.opf": "<package/>",
        "text/Chapter 1 – Été.xhtml": "<html>Lyon</html>" * 20,
    },
    ODT: {
        "mimetype": ODT,
        "META-INF/manifest.xml": "<manifest:manifest/>",
        "content.xml": "<office:document-content>Lyon</office:document-content>",
    },
    ZIP: {"a.txt": "Lyon", "b..txt": "Rhône" * 100, "folder/": "", "folder/.hidden": "x"},
}


class Pipe(io.RawIOBase):
    """What cannot seek: sizes come in data descriptors behind the contents."""

    def __init__(self) -> None:
        self.data = bytearray()

    def writable(self) -> bool:
        return True

    def write(self, data) -> int:
        self.data += bytes(data)
        return len(data)


def archive(files: dict[str, str], *, streamed: bool = False, comment: bytes = b"") -> bytes:
    out = Pipe() if streamed else io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            stored = name == "mimetype" or name.endswith("/")
            made.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED)
        made.comment = comment
    return bytes(out.data) if isinstance(out, Pipe) else out.getvalue()


def document(media_type: str) -> bytes:
    return archive(FILES[media_type])
