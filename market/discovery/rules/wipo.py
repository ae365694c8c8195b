"""WIPO's 35 technology fields, by number.

Source: U. Schmoch, "Concept of a Technology Classification for Country Comparisons", final report to WIPO, 2008, and
WIPO's IPC-Technology concordance table.
"""

from market.kit.i18n import _

TECHNOLOGY_FIELDS = {
    1: _("Electrical machinery, apparatus, energy"),
    2: _("Audio-visual technology"),
    3: _("Telecommunications"),
    4: _("Digital communication"),
    5: _("Basic communication processes"),
    6: _("Computer technology"),
    7: _("IT methods for management"),
    8: _("Semiconductors"),
    9: _("Optics"),
    10: _("Measurement"),
    11: _("Analysis of biological materials"),
    12: _("Control"),
    13: _("Medical technology"),
    14: _("Organic fine chemistry"),
    15: _("Biotechnology"),
    16: _("Pharmaceuticals"),
    17: _("Macromolecular chemistry, polymers"),
    18: _("Food chemistry"),
    19: _("Basic materials chemistry"),
    20: _("Materials, metallurgy"),
    21: _("Surface technology, coating"),
    22: _("Micro-structural and nano-technology"),
    23: _("Chemical engineering"),
    24: _("Environmental technology"),
    25: _("Handling"),
    26: _("Machine tools"),
    27: _("Engines, pumps, turbines"),
    28: _("Textile and paper machines"),
    29: _("Other special machines"),
    30: _("Thermal processes and apparatus"),
    31: _("Mechanical elements"),
    32: _("Transport"),
    33: _("Furniture, games"),
    34: _("Other consumer goods"),
    35: _("Civil engineering"),
}
