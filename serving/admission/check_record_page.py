"""The page of one recorded check: what was answered, and what became of its findings."""

from __future__ import annotations

from markupsafe import Markup

from features.catalogue import Catalogue
from serving.admission.check_page import check_fragment
from serving.page.frame import Frame
from serving.page.handling import HandlingShown
from serving.page.templates import rendered
from serving.wording.envelope import Json


def check_record_page(
    frame: Frame,
    catalogue: Catalogue,
    shown: Json,
    answer: Json | None,
    handling: HandlingShown,
) -> str:
    """A check's record as a page.

    Args:
        shown: as `RecordView.record` gives it.
        answer: the check made again, or None where it cannot be.
        handling: what there is to look into, and what became of it.
    """
    leaf, fragment = shown["record"], ""
    if answer is not None:
        fragment = check_fragment(answer, catalogue, frame.lang, level=1)
    return rendered(
        "check_record.html",
        frame.lang,
        frame=frame,
        leaf=leaf,
        time=leaf["time"][:16].replace("T", " "),
        holds=shown["verification"]["holds"],
        fragment=Markup(fragment),  # noqa: S704 - rendered by our own template
        handling=handling,
    )
