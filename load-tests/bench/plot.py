"""A line through measured points as a small SVG, with the straight line that fits them best beside it."""

from html import escape

WIDTH, HEIGHT, MARGIN = 480, 300, 56
TICKS = 5


def fit(points: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Slope and offset of the straight line through the points (least squares), and the share it explains (R²)."""
    count = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / count, sum(y for _, y in points) / count
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
    offset = mean_y - slope * mean_x
    whole = sum((y - mean_y) ** 2 for _, y in points)
    rest = sum((y - slope * x - offset) ** 2 for x, y in points)
    return slope, offset, 1 - rest / whole if whole else 1.0


def svg(title: str, across: str, upwards: str, points: list[tuple[float, float]]) -> str:
    """The picture; both axes begin at nothing."""
    slope, offset, explained = fit(points)
    most_x, most_y = max(x for x, _ in points), max(max(y for _, y in points), 1e-9) * 1.1

    def place(x, y):
        return MARGIN + x / most_x * (WIDTH - 1.5 * MARGIN), HEIGHT - MARGIN - y / most_y * (HEIGHT - 1.8 * MARGIN)

    def line(first, last, colour, more=""):
        (x1, y1), (x2, y2) = place(*first), place(*last)
        return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'

    def text(x, y, words, anchor="middle", more=""):
        return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{more}>{escape(words)}</text>'

    parts = [line((0, 0), (most_x, 0), "#444"), line((0, 0), (0, most_y), "#444")]
    for number in range(TICKS + 1):
        x, y = most_x * number / TICKS, most_y * number / TICKS
        parts.append(text(place(x, 0)[0], HEIGHT - MARGIN + 16, f"{x:,.0f}"))
        parts.append(text(MARGIN - 6, place(0, y)[1] + 4, f"{y:.3g}", "end"))
    parts.append(line((0, max(offset, 0)), (most_x, slope * most_x + offset), "#888", ' stroke-dasharray="5 4"'))
    parts += [f'<circle cx="{place(x, y)[0]:.1f}" cy="{place(x, y)[1]:.1f}" r="4" fill="#1668b8"/>' for x, y in points]
    parts.append(text(WIDTH / 2, 22, f"{title} (R² {explained:.3f})", more=' font-size="15"'))
    parts.append(text(WIDTH / 2, HEIGHT - 12, across))
    parts.append(text(16, HEIGHT / 2, upwards, more=f' transform="rotate(-90 16 {HEIGHT / 2})"'))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
            f'font-size="12"><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>\n')
