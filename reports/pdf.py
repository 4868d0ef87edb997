"""list.pdf: the list in its published form on paper, A4 across, with a verdict and its evidence for each row.

The typeface is DejaVu Sans, which matplotlib brings along: it has umlauts, ticks and the signs of the verdicts, and
only the letters used are embedded. The same data give the same bytes.
"""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import matplotlib
from fpdf import FPDF
from fpdf.fonts import FontFace

from reports.published import EXTERNAL, GROUPS, HEADINGS, REMARK, Line, Section, chapters, printed
from reports.verdicts import SYMBOLS
from reports.words import both, choose

FONTS = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
COLOURS = {
    "compatible": (214, 240, 220),
    "partly": (235, 243, 205),
    "profile only": (250, 238, 200),
    "planned": (217, 230, 250),
    "fail": (250, 214, 214),
}
GREY = (235, 235, 235)
MARKS = {**SYMBOLS, "compatible": "✓", "partly": "◐", "profile only": "○"}
# Widths in mm: the row's number and the five printed columns, those of a section, remark, verdict, evidence.
WIDTHS = {
    "": (8, 22, 62, 20, 24, 16, 44, 21, 60),
    "charging-station": (8, 21, 33, 19, 21, 17, *(13, 7, 7, 18, 11, 8, 8, 10, 9), 22, 16, 29),
    "electricity-meter": (8, 21, 36, 20, 27, 16, *(7, 7, 17, 29), 30, 20, 39),
}


def pdf(every: Sequence[Line], head: Iterable[str], started: float | None, language: str = "de") -> bytes:
    """The document. `head`: sentences under the title, in both languages told apart by `choose`."""
    logging.getLogger("fontTools").setLevel(logging.ERROR)  # its subsetter reports every table
    say = choose(language)
    document = Paper(say)
    document.set_creation_date(datetime.fromtimestamp(started or 0, UTC))
    document.set_lang(language)
    document.set_title(say(both("Compatibility list, written from evidence")))
    document.add_page()
    document.set_font("DejaVu", "B", 15)
    document.cell(0, 8, say(both("Compatibility list, written from evidence")), new_x="LMARGIN", new_y="NEXT")
    document.set_font("DejaVu", "", 8)
    for sentence in head:
        document.multi_cell(0, 4.2, sentence, align="L", new_x="LMARGIN", new_y="NEXT")
    for section, lines in chapters(every):
        if section.number == "12.1":
            document.heading(f"{EXTERNAL[0]}. {say(EXTERNAL[1:])}")
        document.heading(f"{section.number}{'' if '.' in section.number else '.'} {say(section.heading)}")
        if section.prose:
            for line in lines:
                document.multi_cell(0, 4, line.row["remark"], align="L", new_x="LMARGIN", new_y="NEXT")
        _table(document, section, lines, say)
    return bytes(document.output())


class Paper(FPDF):
    """Pages with their number and a title at the foot."""

    def __init__(self, say: Callable[[tuple[str, str]], str]) -> None:
        super().__init__(orientation="landscape", unit="mm", format="A4")
        self._say = say
        self.add_font("DejaVu", "", FONTS / "DejaVuSans.ttf")
        self.add_font("DejaVu", "B", FONTS / "DejaVuSans-Bold.ttf")
        self.set_margins(10, 10)
        self.set_auto_page_break(True, 13)

    def footer(self) -> None:
        self.set_y(-10)
        self.set_font("DejaVu", "", 6.5)
        self.cell(0, 4, f"hemtwin · {self._say(both('Compatibility list, written from evidence'))} · {self.page_no()}")

    def heading(self, text: str) -> None:
        if self.will_page_break(22):
            self.add_page()
        self.ln(3)
        self.set_font("DejaVu", "B", 10.5)
        self.cell(0, 7, text, new_x="LMARGIN", new_y="NEXT")
        self.set_font("DejaVu", "", 6.5)


def _table(document: Paper, section: Section, lines: Sequence[Line], say: Callable[[tuple[str, str]], str]) -> None:
    groups = GROUPS.get(section.name, ())
    own = [name for _, columns in groups for name, _ in columns]
    widths = WIDTHS.get(section.name, WIDTHS[""])
    document.set_font("DejaVu", "", 6)
    document.set_line_width(0.1)
    document.set_draw_color(170)
    face = FontFace(emphasis="BOLD", fill_color=(225, 229, 236))
    with document.table(
        col_widths=widths, line_height=2.9, padding=(0.5, 0.8), headings_style=face, text_align="LEFT",
        num_heading_rows=2 if groups else 1, first_row_as_headings=True,
    ) as table:  # fmt: skip
        for heads in _headings(groups, say):
            row = table.row()
            for text, across, down in heads:
                row.cell(text.replace("-", "-\n"), colspan=across, rowspan=down)  # printed as "Lade-Punkte"
        for line in lines:
            _row(table.row(), line, own, section, say)


def _headings(
    groups: Sequence[Any], say: Callable[[tuple[str, str]], str]
) -> Iterator[list[tuple[str, int, int]]]:  # fmt: skip
    """One or two rows of headings: text, columns, rows."""
    down = 2 if groups else 1
    yield [
        ("", 1, down),
        *((say(each), 1, down) for each in HEADINGS),
        *((say(name), len(columns), 2 if len(columns) == 1 else 1) for name, columns in groups),
        *((say(each), 1, down) for each in (REMARK, both("Verdict"), both("Evidence"))),
    ]
    if groups:
        yield [(say(name), 1, 1) for _, columns in groups if len(columns) > 1 for _, name in columns]


def _row(
    row: Any, line: Line, own: Sequence[str], section: Section, say: Callable[[tuple[str, str]], str]
) -> None:  # fmt: skip
    verdict, _ = line.standing
    columns = line.columns
    protocols = [printed(pair) if pair in line.proven else f"({printed(pair)})" for pair in line.pairs if printed(pair)]
    firmware = columns["firmware"] or f"({line.row['since']})"
    firmware += f" ({say(both('planned'))})" if line.row["planned"] else ""
    row.cell(columns["row"], link=line.link)
    row.cell(line.maker)
    row.cell(columns["model"])
    row.cell(", ".join(protocols))
    row.cell(columns["interface"])
    row.cell(firmware)
    for name in own:
        row.cell(columns[name], align="CENTER" if len(columns[name]) <= 4 else "LEFT")
    row.cell("" if section.prose else columns["remark"])
    row.cell(f"{MARKS[verdict]} {say(both(verdict))}", style=FontFace(fill_color=COLOURS.get(verdict, GREY)))
    rests = (say(both(line.evidence)), line.documents, line.firmware_of_device, line.date)
    row.cell(" · ".join(filter(None, rests)) if line.evidence != "none" else "")
