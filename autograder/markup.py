r"""Which HTML, Markdown and LaTeX of a student's may be shown on a page of the instructor's.

A page inside Jupyter's own origin may do whatever the instructor may.  So nothing that a student wrote
may run there, ask the server for anything, or take the place of the page's own parts.

HTML is judged by a grammar that is far stricter than a browser's: known tags, opened and closed in
order, with quoted attributes from a list.  What fits is read alike by every parser, so it is kept as
it is.  What does not is written anew, from the parts that do (`clean_html`).  A parser that builds a tree
first, as bleach's, needs quadratic time and memory for some inputs; this one reads each byte once.

Markdown is judged by what nbconvert makes of it (`safe_markdown`): if that HTML fits, the text is kept
byte for byte.  If not, what is active in it is escaped; and if that is not enough, the whole cell is
shown as a block of code.
"""

from __future__ import annotations

import base64
import binascii
import html
import re
import urllib.parse
from collections.abc import Collection, Iterator, Mapping
from typing import Any

#: Characters of a cell that are rendered in order to be judged.  Longer ones are shown as code.
MAX_MARKDOWN = 6_000

_EVERYWHERE = frozenset({"title", "lang", "align", "class", "style"})
_TAGS = """
p br hr b i em strong s strike del ins u sub sup small big mark kbd samp var q cite abbr tt code pre
blockquote div span center ul li dl dt dd caption thead tbody tfoot figure figcaption summary wbr
"""
_ATTRIBUTES: dict[str, frozenset[str]] = dict.fromkeys(_TAGS.split(), _EVERYWHERE) | {
    "a": _EVERYWHERE | {"href", "target", "rel"},
    "img": _EVERYWHERE | {"src", "alt", "width", "height"},
    "font": _EVERYWHERE | {"color"},
    "details": _EVERYWHERE | {"open"},
    "ol": _EVERYWHERE | {"start", "type"},
    "table": _EVERYWHERE | {"border", "width"},
    "colgroup": _EVERYWHERE | {"span"},
    "col": _EVERYWHERE | {"span", "width"},
    "tr": _EVERYWHERE | {"valign"},
    "th": _EVERYWHERE | {"colspan", "rowspan", "scope", "valign", "width"},
    "td": _EVERYWHERE | {"colspan", "rowspan", "valign", "width"},
    # A list of tasks in Markdown has boxes that cannot be ticked.
    "input": frozenset({"type", "disabled", "checked", "class"}),
    **{f"h{level}": _EVERYWHERE | {"id"} for level in range(1, 7)},
}
_VOID = frozenset({"br", "hr", "img", "col", "input", "wbr"})
#: Tags within tags; what reads the page has limits as well.
_DEEPEST = 100
#: What these hold is no text for readers.
_WITH_CONTENT = frozenset(
    ("script", "style", "title", "template", "svg", "math", "head", "object", "xmp", "noscript")
)

_NAME = r"[a-zA-Z][a-zA-Z0-9]*"
_STRICT = re.compile(
    rf"<(/?)({_NAME})"
    r"""((?:[ \t\n]+[a-zA-Z][a-zA-Z-]*(?:="[^"<>]*"|='[^'<>]*'|=[a-zA-Z0-9%#.+-]+)?)*)[ \t\n]*(/?)>"""
)
_TAG_BEGINS = re.compile(r"<(?=[A-Za-z/!?])")
_COMMENT = re.compile(r"<!--(?:(?!--)[^<>])*-->")
# None of these looks beyond the next "<" outside quotes, nor beyond any within: each byte is read once.
_LOOSE = re.compile(rf"""<(/?)({_NAME})((?:"[^"<]*"|'[^'<]*'|[^"'<>])*)>""")
_LOOSER = re.compile(r"<[/!?a-zA-Z][^<>]*>")
_PAIR = re.compile(r"""([a-zA-Z][\w:-]*)(?:[ \t\n]*=[ \t\n]*("[^"]*"|'[^']*'|[^\s"']+))?""")

_CLASS = re.compile(
    r"dataframe|highlight|anchor-link|language-\S+|task-list-item(-checkbox)?"
    r"|alert(-(info|success|warning|danger|block))?"
)
_TOKEN_CLASS = re.compile(r"[a-z][a-z0-9]{0,2}")  # of highlighted code
_SIZE = re.compile(r"\d{1,4}(\.\d{1,9})?(px|pt|em|ex|rem|%)?|auto")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{3,30}|(rgb|hsl)a?\([0-9., %]{1,40}\)")
_WORDS = re.compile(r"[a-zA-Z0-9 ,'-]{1,100}")
_STYLES = {
    **dict.fromkeys(("color", "background-color"), _COLOUR),
    **dict.fromkeys(("width", "height", "max-width"), _SIZE),
    **dict.fromkeys(("text-align", "vertical-align", "font-weight", "font-style"), _WORDS),
    **dict.fromkeys(("font-family", "text-decoration", "white-space", "border-collapse"), _WORDS),
}

_LINK = re.compile(
    r"https?://(?:[\w-]+\.)+(?!local|internal)[^\W\d_]{2,}(?::\d{1,5})?(?:[/?#][^\s\\]*)?"
    r"|mailto:[^\s\\:/]+|#[^\s\\]*",
    re.IGNORECASE,
)
_DATA_URL = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s]*)")
_SVG_URL = re.compile(r"data:image/svg\+xml(?:;charset=utf-8)?(;base64)?,", re.IGNORECASE)
_PICTURE_BESIDE = re.compile(
    r"(?:[\w -][\w .-]*/)*[\w -][\w .-]*\.(?:png|jpe?g|gif|webp)", re.IGNORECASE
)
_MAGIC = {
    "png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "jpeg": re.compile(rb"\xff\xd8\xff"),
    "gif": re.compile(rb"GIF8[79]a"),
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
_PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n").decode()
_NOT_STILL = re.compile(
    r"<!ENTITY|<(?:\w+:)?(?:script|foreignObject|iframe)|[\s\"'/]on\w+\s*=|javascript:",
    re.IGNORECASE,
)

#: What makes links, styles, ids or requests in MathJax 2 to 4 and KaTeX, or reads files in TeX.
_ACTIVE_LATEX = re.compile(
    r"\\(?=(?:href|url|style|class|cssId|data|require|unicode|html[A-Za-z]*|includegraphics|bbox"
    r"|mmlToken|csname|catcode|input|openin|openout|write|immediate|directlua|special)(?![A-Za-z]))"
)


# Text

_BIDI = "\u202a-\u202e\u2066-\u2069"
_HIDDEN = re.compile(f"[\x00-\x08\x0b-\x0c\x0e-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]")
_HIDDEN_OR_ESCAPE = re.compile(
    r"(\x1b\[[0-9;]{0,40}m)"  # colours stay
    r"|\x1b\[[0-?]{0,40}[ -/]{0,8}[@-~]|\x1b[\]PX^_][^\x1b\x07\n]*(?:\x07|\x1b\\)?|\x1b[ -/]{0,8}[0-~]?"
    f"|[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f{_BIDI}\ud800-\udfff]"
)
_OVERWRITTEN = re.compile(r"[^\n]*\r+(?=[^\n])")


def visible(text: str) -> str:
    r"""A source with controls and directions of writing that would not be seen written out: `\u202e`."""
    return _HIDDEN.sub(lambda m: f"\\u{ord(m[0]):04x}", text)


def printed(text: str) -> str:
    """What was printed, as it looks in the end: colours stay, other commands to a terminal do not."""
    text = _HIDDEN_OR_ESCAPE.sub(lambda m: m[1] or "", text.replace("\r\n", "\n"))
    return _OVERWRITTEN.sub("", text).replace("\r", "") if "\r" in text else text


def safe_latex(text: str) -> str:
    r"""LaTeX without its active commands: `\href` becomes `\ href`."""
    return _ACTIVE_LATEX.sub(r"\\ ", text)


# HTML


def is_harmless(source: str, taken: Collection[str] | None = None) -> bool:
    """Does this HTML fit the grammar?  Headings may have ids if `taken` says which are not free."""
    opened: list[str] = []
    texts, end, quiet = [], 0, 0
    while (start := source.find("<", end)) >= 0:
        if not quiet:
            texts.append(source[end:start])
        tag = _STRICT.match(source, start)
        if tag is None:
            comment = _COMMENT.match(source, start)
            if comment is None:
                return False
            end = comment.end()
            continue
        end = tag.end()
        name = tag[2].lower()
        if tag[1]:
            if tag[3] or not opened or opened.pop() != name:
                return False
            quiet -= name in ("pre", "code")
            continue
        if name not in _ATTRIBUTES or (tag[4] and name not in _VOID):
            return False
        pairs = _pairs(tag[3])
        if not all(_fits(name, key, value, taken) for key, value in pairs.items()):
            return False
        if name == "input" and (pairs.get("type") != "checkbox" or "disabled" not in pairs):
            return False
        if name not in _VOID:
            opened.append(name)
            quiet += name in ("pre", "code")
            if len(opened) > _DEEPEST:
                return False
    texts.append(source[end:])
    return not opened and not _ACTIVE_LATEX.search(html.unescape("".join(texts)))


def clean_html(source: str) -> str:
    """The same HTML if it is harmless, or what is harmless of it, written anew."""
    source = _HIDDEN.sub("", source)
    if is_harmless(source):
        return source
    found: list[str] = []
    opened: list[str] = []
    end = 0
    while tag := _TAG_BEGINS.search(source, end):
        found.append(_text(source[end : tag.start()]))
        end = _take_tag(source, tag.start(), found, opened)
    found += [_text(source[end:]), *(f"</{name}>" for name in reversed(opened))]
    cleaned = "".join(found)
    if is_harmless(cleaned):
        return cleaned
    # Commands of LaTeX that come together from several parts.
    cleaned = cleaned.replace("\\", "∖").replace("&", "&amp;")
    return cleaned if is_harmless(cleaned) else ""


def _take_tag(source: str, start: int, found: list[str], opened: list[str]) -> int:
    """Write what may stay of the tag that begins here; where to go on."""
    if source.startswith("<!--", start):
        end = source.find("-->", start)
        return end + 3 if end >= 0 else len(source)
    tag = _LOOSE.match(source, start)
    if tag is None:
        other = _LOOSER.match(source, start)
        if other is None:
            found.append("&lt;")
        return other.end() if other else start + 1
    name = tag[2].lower()
    if name in _WITH_CONTENT and not tag[1]:
        close = re.compile(rf"</{name}\b[^>]*>?", re.IGNORECASE).search(source, tag.end())
        return close.end() if close else len(source)
    if name not in _ATTRIBUTES or name == "input":
        return tag.end()
    if tag[1]:
        if name in opened[-_DEEPEST:]:
            while (last := opened.pop()) != name:
                found.append(f"</{last}>")
            found.append(f"</{name}>")
    elif len(opened) < _DEEPEST or name in _VOID:
        pairs = _pairs(tag[3])
        if not _fits(name, "style", pairs.get("style", ""), None):
            pairs["style"] = _kept_styles(pairs["style"])
        kept = [
            f' {key}="{_quoted(value)}"'
            for key, value in pairs.items()
            if _fits(name, key, value, None) and (value or key in ("alt", "open"))
        ]
        found.append(f"<{name}{''.join(kept)}>")
        if name not in _VOID:
            opened.append(name)
    return tag.end()


def _text(text: str) -> str:
    return safe_latex(text).replace("<", "&lt;").replace(">", "&gt;")


def _quoted(value: str) -> str:
    return html.escape(value, quote=False).replace('"', "&quot;")


def _pairs(attributes: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in _PAIR.finditer(attributes):
        value = pair[2] or ""
        quoted = value[:1] in ("'", '"')
        # A browser takes the first of two.
        found.setdefault(pair[1].lower(), html.unescape(value[1:-1] if quoted else value))
    return found


def _fits(tag: str, key: str, value: str, taken: Collection[str] | None) -> bool:
    """May this tag have this attribute?  With `taken` None, ids are not allowed at all."""
    if key not in _ATTRIBUTES[tag] or _HIDDEN.search(value):
        return False
    match key:
        case "href":
            return is_link(value)
        case "src":
            return is_picture(value)
        case "style":
            return _kept_styles(value) == value.strip().rstrip(";").strip() or not value
        case "class":
            return all(
                _CLASS.fullmatch(c) or (tag == "span" and _TOKEN_CLASS.fullmatch(c))
                for c in value.split()
            )
        case "id":
            return taken is not None and value not in taken
        case "target":
            return value == "_blank"
        case "width" | "height" | "border":
            return bool(_SIZE.fullmatch(value))
    return True


def _kept_styles(style: str) -> str:
    kept = []
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        allowed = _STYLES.get(name.strip().lower())
        if allowed and allowed.fullmatch(value.strip()):
            kept.append(declaration)
    return ";".join(kept).strip()


def is_link(url: str) -> bool:
    """Does the link lead out of Jupyter?  One that leads back could make the server do something."""
    if not _LINK.fullmatch(url):
        return False
    return "formgrader" not in urllib.parse.unquote(urllib.parse.unquote(url)).lower()


def is_picture(url: str) -> bool:
    """Is this a picture in the page itself, or one that was handed in beside the notebook?"""
    if url[:5].lower() != "data:":
        path = urllib.parse.unquote(url)
        return "%" not in path and bool(_PICTURE_BESIDE.fullmatch(path))
    if data := _DATA_URL.fullmatch(url):
        return is_raster(f"image/{data[1]}", data[2])
    head = _SVG_URL.match(url)
    if head is None:
        return False
    try:
        told = urllib.parse.unquote(url[head.end() :], errors="strict")
        return is_still(base64.b64decode(told, validate=True).decode() if head[1] else told)
    except ValueError:
        return False


def is_raster(mime: str, data: str) -> bool:
    """Is this base64, and of a picture of that type?"""
    magic = _MAGIC.get(mime.removeprefix("image/"))
    try:
        content = base64.b64decode("".join(data.split()), validate=True)
    except (binascii.Error, ValueError):
        return False
    return magic is not None and magic.match(content) is not None


def is_still(svg: str) -> bool:
    """Is this SVG without scripts and entities?  Inside `<img>` they would be idle in any case."""
    return not _NOT_STILL.search(svg)


# Markdown

#: Without these a text is plainly harmless, and need not be rendered.
_SUSPECT = re.compile(r"[<\[\]]|&[#A-Za-z]|mermaid|^ {0,3}(?:#|=+ *$|-+ *$)|//", re.MULTILINE)
_FENCE = re.compile(
    r"^ {0,3}(?P<mark>`{3,}|~{3,})[^\n]*\n(?:.*?^ {0,3}(?P=mark)[`~]*[ \t]*$|.*\Z)",
    re.MULTILINE | re.DOTALL,
)
_MERMAID = re.compile(r"\A( {0,3}[`~]+) *mermaid[^\n]*")
_CODE_OR_MATHS = re.compile(
    r"(?P<code>(?<![`\\])(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?<!\\)\$\$.+?\$\$|(?<![\\$])\$[^$]+\$|\\begin\{(?P<env>[a-z]*\*?)\}.*?\\end\{(?P=env)\}",
    re.DOTALL,
)
_TARGET = re.compile(r"(!?)\[([^\[\]]*)\]\([ \t\n]*<?([^\s<>]*?)>?(?=[\s)])")
_REFERENCE_TO_PICTURE = re.compile(r"!(?=\[[^\[\]]*\](?:\[|(?!\()))")
_DEFINITION = re.compile(r"^( {0,3})\[(?=[^\[\]]+\]:[ \t]*\n?[ \t]*<?([^\s<>]*))", re.MULTILINE)
_HEADING = re.compile(r"^( {0,3}#{1,6}[ \t]*)([^\n]*?)([ \t]*#*[ \t]*)$", re.MULTILINE)
_TICKS = re.compile(r"`+")
_BARE_URL = re.compile(r"(https?:)/(/[^\s<>()\[\]]*)", re.IGNORECASE)


def is_plain(text: str) -> bool:
    """Is there nothing in this Markdown that could be more than text?"""
    if _is_fenced(text):
        return True
    return len(text) <= MAX_MARKDOWN and not (_SUSPECT.search(text) or _ACTIVE_LATEX.search(text))


def safe_markdown(source: str, attachments: Collection[str], taken: Collection[str]) -> str:
    """Markdown that is harmless as nbconvert renders it, changed as little as that takes.

    `attachments` are the names of the cell's pictures, `taken` the ids that the page needs.
    """
    text = visible(source)
    if is_plain(text):
        return text
    if len(text) <= MAX_MARKDOWN:
        for candidate in (text, _escape(text, attachments, taken)):
            if len(candidate) <= MAX_MARKDOWN and _renders_harmless(candidate, attachments, taken):
                return candidate
    return fenced(text)


def fenced(text: str) -> str:
    """The text as one block of code."""
    longest = max((len(run) for run in _TICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _is_fenced(text: str) -> bool:
    opening = _TICKS.match(text)
    return opening is not None and text == fenced(text[opening.end() + 1 : -opening.end() - 1])


def _renders_harmless(text: str, attachments: Collection[str], taken: Collection[str]) -> bool:
    try:
        return is_harmless(_rendered(text, attachments), taken)
    except Exception:
        # Whatever it is that cannot be rendered: the instructor's page would fail as well.
        return False


def _rendered(text: str, attachments: Collection[str]) -> str:
    """What the formgrader, its feedback and nbconvert make of a cell."""
    from nbconvert.filters import strip_files_prefix
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    pictures: Mapping[str, Any] = {name: {"image/png": _PNG} for name in attachments}
    renderer = IPythonRenderer(escape=False, attachments=dict(pictures))
    return str(strip_files_prefix(MarkdownWithMath(renderer=renderer).render(text)))


def _escape(text: str, attachments: Collection[str], taken: Collection[str]) -> str:
    """Escape what is active outside code and formulas.  Whether that was enough is judged after it."""

    def heading(m: re.Match[str]) -> str:
        name = re.sub("[`*]", "", m[2]).replace(" ", "-")
        return f"{m[1]}{m[2]}&#8288;{m[3]}" if name in taken else m[0]  # which nobody sees

    found = []
    for part, fence in _parts(_FENCE, text):
        if fence:
            found.append(_MERMAID.sub(r"\1 text", part))
            continue
        for inner, code_or_maths in _parts(_CODE_OR_MATHS, _HEADING.sub(heading, part)):
            if not code_or_maths:
                inner = _escape_prose(inner, attachments)
            found.append(inner if inner.startswith("`") else safe_latex(inner))
    return "".join(found)


def _parts(pattern: re.Pattern[str], text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, and whether each matches."""
    end = 0
    for match in pattern.finditer(text):
        yield text[end : match.start()], False
        yield match[0], True
        end = match.end()
    yield text[end:], False


def _escape_prose(text: str, attachments: Collection[str]) -> str:
    def target(m: re.Match[str]) -> str:
        url = html.unescape(m[3])
        attached = url.startswith("attachment:") and url[len("attachment:") :] in attachments
        if m[1] and (is_picture(url) or attached):
            return m[0]
        # A picture from elsewhere becomes a link to it.
        link = m[0][len(m[1]) :]
        return link if is_link(url) else f"{m[1]}\\{link}"

    text = _REFERENCE_TO_PICTURE.sub("", _TAG_BEGINS.sub("&lt;", text))
    text = _DEFINITION.sub(lambda m: m[0] if is_link(m[2]) else f"{m[1]}\\[", text)
    text = _TARGET.sub(target, text)
    return _BARE_URL.sub(lambda m: m[0] if is_link(m[0]) else f"{m[1]}&#47;{m[2]}", text)
