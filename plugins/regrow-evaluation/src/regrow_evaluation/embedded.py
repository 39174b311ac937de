"""Other stages' SVG as a part of a page: what is not on the list is left out, ids are its own, nothing is fetched."""

import re
import unicodedata
from xml.etree import ElementTree

from regrow import RegrowError

SHAPES = (
    "svg g path defs clipPath use rect circle ellipse line polyline polygon text tspan title desc image "
    "linearGradient radialGradient stop marker pattern mask symbol"
)
DRAWN = (
    "id href style viewBox transform d x y x1 y1 x2 y2 dx dy cx cy r rx ry fx fy width height points offset fill "
    "fill-opacity fill-rule stroke stroke-width stroke-dasharray stroke-dashoffset stroke-linecap stroke-linejoin "
    "stroke-opacity opacity clip-path clip-rule mask color font-size font-family font-weight font-style text-anchor "
    "dominant-baseline textLength rotate preserveAspectRatio gradientUnits gradientTransform spreadMethod stop-color "
    "stop-opacity clipPathUnits maskUnits patternUnits patternTransform markerUnits markerWidth markerHeight refX refY "
    "orient marker-start marker-mid marker-end visibility"
)
ELEMENTS, ATTRIBUTES = frozenset(SHAPES.split()), frozenset(DRAWN.split())
ELSEWHERE = re.compile(r"url\((?!\s*[\"']?#)|@import|expression\(|javascript:", re.IGNORECASE)
UNFIT = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufffe\uffff")


def clean(text: str) -> str:
    """The text with a replacement sign for every character that XML cannot hold or that would turn the text around."""
    return "".join(
        "\ufffd" if c in UNFIT or (unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t") else c for c in text
    )


def embedded(svg: str, prefix: str, title: str, where: str) -> str:
    """The SVG as an <svg> element of a page: drawn shapes, text and pictures that it holds itself, and nothing else.

    prefix: begins every id, so that several figures share a page. title: what a screen reader says, unless the SVG has
    a title of its own. Raises RegrowError for SVG with entities of its own, which can grow without end.
    """
    if "<!entity" in svg.lower():
        raise RegrowError("has an SVG with entities", where=where, fix="write their text in their place")
    root = ElementTree.fromstring(svg)  # noqa: S314 - without entities of its own there is nothing to expand
    _keep(root, prefix)
    root.attrib = {name: value for name, value in root.attrib.items() if name not in ("width", "height", "x", "y")} | (
        {} if "viewBox" in root.attrib else _view_box(root)
    )
    titles = [child for child in root if child.tag in ("title", "desc")]
    if not titles:
        titles = [ElementTree.Element("title")]
        titles[0].text = title
        root.insert(0, titles[0])
    for child in titles:
        child.set("id", f"{prefix}-{child.tag}")
    root.set("role", "img")
    root.set("aria-labelledby", " ".join(child.attrib["id"] for child in titles))
    return clean(ElementTree.tostring(root, encoding="unicode").strip())


def _keep(element: ElementTree.Element, prefix: str) -> None:
    """Without namespaces, and without elements and attributes that are not listed or lead elsewhere."""
    element.tag = _local(element.tag)
    given = {_local(name): value for name, value in element.attrib.items()}
    element.attrib = {
        name: _attribute(name, value, prefix)
        for name, value in given.items()
        if name in ATTRIBUTES and _own(name, value)
    }
    for child in list(element):
        if isinstance(child.tag, str) and _local(child.tag) in ELEMENTS:
            _keep(child, prefix)
        else:
            element.remove(child)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _own(name: str, value: str) -> bool:
    if name == "href":
        return value.startswith(("#", "data:image/png;base64,", "data:image/jpeg;base64,"))
    return not ELSEWHERE.search(value) and "\\" not in value


def _attribute(name: str, value: str, prefix: str) -> str:
    if name == "id":
        return f"{prefix}-{value}"
    if name == "href":
        return re.sub("^#", f"#{prefix}-", value)
    return re.sub(r"url\(\s*([\"']?)#", rf"url(\1#{prefix}-", value)


def _view_box(root: ElementTree.Element) -> dict[str, str]:
    """From width and height, without which an SVG of no viewBox could not be scaled."""
    sizes = [re.match(r"[\d.]+", root.get(name, "")) for name in ("width", "height")]
    return {"viewBox": f"0 0 {sizes[0][0]} {sizes[1][0]}"} if sizes[0] and sizes[1] else {}
