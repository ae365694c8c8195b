"""Illustrations of the sample technologies: calm geometry drawn as SVG by code, set to PNG by typst, the same each time.

The motif follows the sector, colours and shapes follow the listing's key. All pictures of a batch are the pages of one
document, so that typst starts only once.
"""

import colorsys
import hashlib
import math
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import typst

WIDTH, HEIGHT = 800, 450
HUES = {"terracotta": 0.03, "amber": 0.10, "green": 0.33, "teal": 0.45, "sea blue": 0.53, "blue": 0.6}
BATCH = 32
_PAGE = f"#set page(width: {WIDTH}pt, height: {HEIGHT}pt, margin: 0pt)\n"


class Brush:
    """A palette and a source of chance, both fixed by `seed`; collects shapes."""

    def __init__(self, seed: str) -> None:
        self.chance = random.Random(hashlib.sha256(seed.encode()).digest())
        self.hue_name = self.chance.choice(list(HUES))
        self.hue = HUES[self.hue_name] + self.chance.uniform(-0.02, 0.02)
        self.shapes: list[str] = []

    def colour(self, lightness: float, *, turn: float = 0.0, saturation: float = 0.42) -> str:
        """A colour of the palette; `turn` goes round the colour circle (1 is all round)."""
        red, green, blue = colorsys.hls_to_rgb((self.hue + turn) % 1, lightness, saturation)
        return f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"

    def between(self, low: float, high: float) -> float:
        """A number by chance."""
        return round(self.chance.uniform(low, high), 1)

    def add(self, shape: str) -> None:
        """Lay a shape on top."""
        self.shapes.append(shape)

    def circle(self, x: float, y: float, radius: float, fill: str, opacity: float = 1) -> None:
        """A disc."""
        self.add(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="{fill}" opacity="{opacity}"/>')

    def line(self, points: Sequence[tuple[float, float]], stroke: str, width: float, opacity: float = 1) -> None:
        """A smooth line through points."""
        path = " ".join(f"{'M' if n == 0 else 'L'}{x:.1f} {y:.1f}" for n, (x, y) in enumerate(points))
        self.add(
            f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{width:.1f}" opacity="{opacity}" '
            'stroke-linecap="round" stroke-linejoin="round"/>'
        )

    def polygon(self, points: Iterable[tuple[float, float]], fill: str, opacity: float = 1) -> None:
        """A filled shape."""
        listed = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        self.add(f'<polygon points="{listed}" fill="{fill}" opacity="{opacity}"/>')


def _wave(y: float, height: float, length: float, shift: float) -> list[tuple[float, float]]:
    return [(x, y + height * math.sin((x + shift) / length)) for x in range(-10, WIDTH + 11, 10)]


def waves(brush: Brush) -> None:
    """Layers of water or sound."""
    for n in range(7):
        crest = _wave(110 + n * 52, brush.between(14, 34), brush.between(50, 110), brush.between(0, 400))
        brush.polygon([*crest, (WIDTH, HEIGHT), (0, HEIGHT)], brush.colour(0.78 - n * 0.075, turn=n * 0.012), 0.85)
    brush.circle(brush.between(520, 680), brush.between(80, 120), 46, brush.colour(0.8, turn=0.5, saturation=0.7))


def leaves(brush: Brush) -> None:
    """A branch with leaves."""
    stem = [(90 + t * 6.4, 330 - 190 * math.sin(t / 60) + t * 0.6) for t in range(0, 101, 4)]
    brush.line(stem, brush.colour(0.3), 7)
    for n, (x, y) in enumerate(stem[2::2]):
        side, size = (1 if n % 2 else -1), brush.between(52, 88)
        tip = (x + size * 0.8, y - side * size)
        bend = [(x, y), (x + size * 0.05, y - side * size * 0.55), tip, (x + size * 0.75, y - side * size * 0.4)]
        brush.polygon(bend, brush.colour(0.42 + n * 0.02, turn=n * 0.01), 0.92)
        brush.line([(x, y), tip], brush.colour(0.75), 2, 0.7)


def cells(brush: Brush) -> None:
    """A field of six-sided cells."""
    size = 54
    for row in range(-1, 7):
        for column in range(-1, 11):
            x = column * size * 1.732 + (row % 2) * size * 0.866
            y = row * size * 1.5
            corner = [
                (x + size * 0.93 * math.cos(math.pi / 6 + a), y + size * 0.93 * math.sin(math.pi / 6 + a))
                for a in (k * math.pi / 3 for k in range(6))
            ]
            distance = math.hypot(x - 420, y - 225) / 480
            turn = 0.5 if brush.chance.random() < 0.08 else 0.0
            brush.polygon(corner, brush.colour(min(0.9, 0.4 + distance * 0.5), turn=turn), 0.9)


def rings(brush: Brush) -> None:
    """Rings around a point: growth, sound, measuring."""
    x, y = brush.between(300, 500), brush.between(180, 270)
    for n in range(11, 0, -1):
        brush.circle(x + n * brush.between(-2, 2), y, n * 33, brush.colour(0.36 + n * 0.05, turn=n * 0.008))
    brush.circle(x, y, 18, brush.colour(0.55, turn=0.5, saturation=0.75))


def gears(brush: Brush) -> None:
    """Wheels that turn each other."""
    for x, y, radius, teeth, tone in ((285, 250, 135, 22, 0.42), (515, 165, 92, 15, 0.55), (610, 335, 70, 11, 0.68)):
        points = []
        for step in range(teeth * 4):
            reach = radius * (1.0 if step % 4 < 2 else 0.86)
            angle = math.tau * (step + brush.hue) / (teeth * 4)
            points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
        brush.polygon(points, brush.colour(tone, turn=0.5 if tone > 0.6 else 0))
        brush.circle(x, y, radius * 0.58, brush.colour(0.88))
        brush.circle(x, y, radius * 0.22, brush.colour(tone - 0.1))


def circuits(brush: Brush) -> None:
    """Lines and points of a board."""
    for n in range(17):
        y = 34 + n * 24
        bend = brush.between(120, 560)
        drop = brush.chance.choice((-48, -24, 24, 48))
        end = brush.between(bend + 80, WIDTH - 30)
        brush.line([(-10, y), (bend, y), (bend + abs(drop), y + drop), (end, y + drop)], brush.colour(0.55), 4, 0.8)
        brush.circle(end, y + drop, 9, brush.colour(0.4, turn=0.5 if n % 4 == 0 else 0))
    brush.add(f'<rect x="300" y="140" width="190" height="170" rx="18" fill="{brush.colour(0.32)}"/>')
    brush.add(f'<rect x="340" y="178" width="110" height="94" rx="10" fill="{brush.colour(0.6, turn=0.5)}"/>')


def bricks(brush: Brush) -> None:
    """A wall, with some stones lit."""
    for row in range(8):
        for column in range(-1, 7):
            x = column * 134 + (row % 2) * 67
            turn = 0.5 if brush.chance.random() < 0.12 else 0.0
            fill = brush.colour(brush.between(46, 72) / 100, turn=turn)
            brush.add(f'<rect x="{x}" y="{row * 58 - 4}" width="126" height="50" rx="5" fill="{fill}"/>')


def orbits(brush: Brush) -> None:
    """Bodies on their ways, or a molecule."""
    brush.add(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{brush.colour(0.16)}"/>')
    for _star in range(70):
        brush.circle(brush.between(0, WIDTH), brush.between(0, HEIGHT), brush.between(0.6, 2.2), "#ffffff", 0.8)
    for n in range(1, 5):
        way = [(400 + n * 82 * math.cos(a), 225 + n * 44 * math.sin(a)) for a in (math.tau * k / 72 for k in range(73))]
        brush.line(way, brush.colour(0.6), 2, 0.7)
        x, y = way[int(brush.between(0, 71))]
        brush.circle(x, y, 8 + n * 3.5, brush.colour(0.55 + n * 0.06, turn=n * 0.12))
    brush.circle(400, 225, 40, brush.colour(0.66, turn=0.5, saturation=0.8))


def chart(brush: Brush) -> None:
    """Measured values, and a line through them."""
    points = []
    for n in range(14):
        tall = 80 + 190 * (1 - math.exp(-n / 5)) + brush.between(-28, 28)
        x = 60 + n * 50
        brush.add(
            f'<rect x="{x}" y="{400 - tall:.0f}" width="34" height="{tall:.0f}" rx="6" '
            f'fill="{brush.colour(0.72 - n * 0.02)}"/>'
        )
        points.append((x + 17, 380 - tall - brush.between(14, 30)))
    brush.line(points, brush.colour(0.42, turn=0.5, saturation=0.7), 6)
    for x, y in points[::3]:
        brush.circle(x, y, 10, brush.colour(0.42, turn=0.5, saturation=0.7))


def weave(brush: Brush) -> None:
    """Threads over and under."""
    for n in range(17):
        tone = brush.colour(0.5 + (n % 4) * 0.07, turn=(n % 3) * 0.02)
        brush.add(f'<rect x="{n * 48 - 4}" y="0" width="34" height="{HEIGHT}" fill="{tone}"/>')
    for row in range(10):
        for column in range(17):
            if (row + column) % 2:
                tone = brush.colour(0.66 - (row % 3) * 0.05, turn=0.5 if row % 5 == 2 else 0.06)
                brush.add(
                    f'<rect x="{column * 48 - 11}" y="{row * 48 + 4}" width="48" height="34" rx="4" fill="{tone}"/>'
                )


MOTIFS: dict[str, tuple[Callable[[Brush], None], ...]] = {
    "food": (leaves, cells, waves),
    "health": (rings, cells, chart),
    "biotech": (cells, orbits, leaves),
    "chemistry": (cells, waves, orbits),
    "materials": (weave, cells, bricks),
    "manufacturing": (gears, weave, chart),
    "machinery": (gears, rings, waves),
    "robotics": (circuits, gears, orbits),
    "electronics": (circuits, rings, waves),
    "measurement": (chart, rings, waves),
    "software": (circuits, chart, cells),
    "communications": (waves, rings, circuits),
    "energy": (rings, waves, gears),
    "environment": (waves, leaves, chart),
    "construction": (bricks, weave, cells),
    "transport": (gears, waves, orbits),
    "aerospace": (orbits,),
    "consumer": (weave, leaves, rings),
}


@dataclass(frozen=True)
class Drawing:
    """An illustration as SVG, without any text in it; `alt` says in words what it shows."""

    svg: str
    alt: str


def draw(sector: str, key: str) -> Drawing:
    """The illustration of a listing."""
    brush = Brush(f"{sector}/{key}")
    motifs = MOTIFS.get(sector, (rings,))
    motif = motifs[brush.chance.randrange(len(motifs))]
    motif(brush)
    ground = brush.colour(0.93, saturation=0.3)
    what = (motif.__doc__ or "").rstrip(".")
    return Drawing(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="{ground}"/>{"".join(brush.shapes)}</svg>',
        f"Illustration in {brush.hue_name}: {what[0].lower()}{what[1:]}",
    )


def png(drawings: Sequence[Drawing]) -> list[bytes]:
    """Set drawings to PNG, 800 x 450 pixels each."""
    done: list[bytes] = []
    for start in range(0, len(drawings), BATCH):
        batch = drawings[start : start + BATCH]
        pages = [f'#image(bytes({_quoted(each.svg)}), format: "svg", width: 100%)' for each in batch]
        source = _PAGE + "\n#pagebreak()\n".join(pages)
        made = typst.compile(source.encode(), format="png", ppi=72.0)
        done += [made] if isinstance(made, bytes) else list(made)
    return done


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
