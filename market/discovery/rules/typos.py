"""Typing errors that a search forgives: one from 5 letters, two from 9, none in words with digits.

A wrong first letter counts twice, as in Meilisearch, so that short words do not match everything.
"""

ONE_FROM = 5
TWO_FROM = 9


def allowed(word: str) -> int:
    """How many typing errors `word` may have."""
    if any(c.isdigit() for c in word) or len(word) < ONE_FROM:
        return 0
    return 2 if len(word) >= TWO_FROM else 1


def distance(one: str, other: str, most: int = 2) -> int:
    """Letters to insert, leave out, change or swap with their neighbour; anything over `most` is `most` + 1."""
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    last = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        row = [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        if min(row) > most:
            return most + 1
        before, last = last, row
    return min(last[-1], most + 1)


def is_close(asked: str, found: str, *, prefix: bool = False) -> bool:
    """Whether `found` is `asked` with forgiven errors; with `prefix`, whether it begins like that."""
    most = allowed(asked)
    if not most:
        return False
    endings = range(max(1, len(asked) - most), len(asked) + most + 1) if prefix else (len(found),)
    return any(_within(asked, found[:end], most) for end in endings if end <= len(found))


def _within(asked: str, found: str, most: int) -> bool:
    same_start = asked[:1] == found[:1]
    return distance(asked, found, most) <= (most if same_start else most - 1)
