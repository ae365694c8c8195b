"""Small files with the defects that real lists of needs have; written by us."""

import csv
import gzip
import io

TOPIC = ["id", "title", "objective", "description", "technology_areas", "keywords", "agency", "branch", "phase", "program",
         "release_date", "open_date", "close_date", "url"]  # fmt: skip
CHALLENGE = ["id", "title", "tagline", "agency", "partner_agencies", "type", "status", "prize_usd", "prize_raw",
             "submission_start", "submission_end", "description", "rules", "prizes", "url"]  # fmt: skip
LONG = "Farmers lose water in open canals. We want to pay a small company to develop a cover that floats and cleans itself."


def table(header, rows):
    """Rows by heading as a CSV file in bytes; headings that a row lacks stay empty."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows([row.get(name, "") for name in header] for row in rows)
    return text.getvalue().encode()


def topics():
    """SBIR topics: one whole, one with HTML entities, one published again later, one cut off, one without text, one twice."""
    base = {
        "agency": "Department of Water,Canal Office,Department of Water",
        "close_date": "2027-09-30",
        "phase": "Phase I",
    }
    rows = [
        {**base, "id": "T1", "title": "Cover for canals", "description": LONG, "technology_areas": "Agriculture"},
        {
            **base,
            "id": "T2",
            "title": "Quiet drone &amp; nest",
            "description": f"TECHNOLOGY AREA(S):&nbsp;Air\nOBJECTIVE:&nbsp;Fly. {LONG}",
            "objective": "&nbsp;A drone that birds do not fear&nbsp;",
            "technology_areas": "&nbsp;Air Platform&nbsp;",
            "phase": "Phase II",
        },
        {**base, "id": "T3", "title": "Cover for canals", "description": LONG, "close_date": "2017-03-30"},
        {**base, "id": "T4", "title": "Long story", "description": ("Sensors. " + LONG + " ") * 400},
        {**base, "id": "T5", "title": "No words"},
        {**base, "id": "T1", "title": "Cover for canals, second print", "description": LONG + " Again."},
        {**base, "id": "T6", "title": "", "description": LONG},
        {
            **base,
            "id": "T7",
            "title": "Old call for sensors",
            "description": "Old. " + LONG,
            "close_date": "2018-01-31",
        },
    ]
    return gzip.compress(table(TOPIC, rows))


WORD = (
    '<p class="MsoNormal"><span lang="EN-US" style="mso-fareast-font-family: Calibri; color:#333">Show how to '
    "<b>find leaks</b> in old pipes</span></p><!--[if gte mso 9]><xml>secret settings</xml><![endif]-->"
    "<style>@font-face { font-family: Wingdings } p.MsoNormal { mso-style-name: x }</style><ul><li>by sound"
    '</li><li>by smell</li></ul><img src="{{ site.baseurl }}/assets/pipe.png"> {% include banner.html %} '
    "<script>alert(1)</script>No digging is allowed, and no water may be lost while it is done."
)


def challenges():
    """Prize challenges: Word styling and templates; types as a list; None; every layout of days; no text but a tagline."""
    days = (
        "03/31/2028 11:59 PM",
        "2028/03/31 12 p.m.",
        "2028-03-31",
        "March 31, 2028",
        "3/31/2028",
        "None",
        "31 March 2028",
        "soon",
    )
    rows = [
        {
            "id": str(number),
            "title": f"Leaks, part {number}",
            "tagline": f"Find leaks number {number}",
            "agency": "Pipe Office",
            "type": "['Ideas', 'Scientific']" if number % 2 else "Software and apps; Ideas",
            "prize_usd": "425000",
            "submission_end": day,
            "description": f"{number}. {WORD}",
            "url": "https://pipes.example/leaks",
        }
        for number, day in enumerate(days, start=1)
    ]
    rows += [
        {
            "id": "20",
            "title": "Only a line",
            "tagline": "Design an affordable way to find leaks in old pipes",
            "description": "None",
        },
        {"id": "21", "title": "Not even that", "tagline": "None", "description": "None", "prize_raw": "a medal"},
        {"id": "22", "title": "Over long ago", "description": WORD, "submission_end": "01/31/2020  05:00 PM"},
    ]
    return table(CHALLENGE, rows)


OWN = table(
    ["id", "title", "text", "sector", "kinds", "country", "budget", "currency", "deadline", "stage"],
    [
        {"id": "a", "title": "Cork without smell", "text": LONG, "sector": "food", "kinds": "licence, option", "country": "pt",
         "budget": "20,000", "currency": "eur", "deadline": "2027-12-31", "stage": "prototype"},
        {"title": "Nameless", "text": LONG + " Twice.", "sector": "no such thing", "kinds": "marriage", "country": "Atlantis"},
        {"id": "c", "title": "CafÃ© with a view", "text": LONG + " More.", "sector": "food"},
    ],
)  # fmt: skip
