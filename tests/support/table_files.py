"""Tables as people have them: small generators of well-known kinds of files, each with a seed."""

from __future__ import annotations

import numpy as np

KINDS = ("alpha", "beta", "gamma")


def flowers(n=150, seed=1):
    """Return inputs (n, 4) with one decimal and kinds (n,): three separate clouds, as iris has."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(n) % 3
    centres = np.array([[5.0, 3.4, 1.5, 0.2], [5.9, 2.8, 4.3, 1.3], [6.6, 3.0, 5.6, 2.0]])
    rows = np.round(centres[kinds] + 0.15 * rng.standard_normal((n, 4)), 1)
    return rows, np.array(KINDS)[kinds]


def write(path, lines, encoding="utf-8", end="\n"):
    """Write lines of text."""
    path.write_bytes((end.join(lines) + end).encode(encoding))
    return path


def iris(separator=",", header=True, decimal=".", n=150, seed=1):
    """Lines of a table of flowers, its kind last."""
    rows, kinds = flowers(n, seed)
    lines = [separator.join(["a", "b", "c", "d", "class"])] if header else []
    for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True):
        lines.append(separator.join([*(str(cell).replace(".", decimal) for cell in row), kind]))
    return lines


def wine(n=150, seed=2):
    """Lines without a header: the class first, 1 to 3, and a price of many whole numbers last."""
    rows, kinds = flowers(n, seed)
    rng = np.random.default_rng(seed)
    lines = []
    for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True):
        price = int(rng.integers(200, 1200)) // 7 * 7
        lines.append(",".join(map(str, [KINDS.index(kind) + 1, *row, price])))
    return lines


def passengers(n=300, seed=3):
    """Lines as Titanic's table has them: ids, names, text, missing ages; who survived is second."""
    rng = np.random.default_rng(seed)
    lines = ["PassengerId,Survived,Pclass,Name,Sex,Age,Fare,Cabin,Embarked"]
    for number in range(1, n + 1):
        sex = "female" if rng.random() < 0.4 else "male"
        grade = int(rng.integers(1, 4))
        age = "" if rng.random() < 0.2 else f"{rng.uniform(1, 70):.1f}"
        survived = int(rng.random() < (0.9 if sex == "female" else 0.1))
        cabin = f"C{number}" if rng.random() < 0.2 else ""
        port = rng.choice(["S", "C", "Q", ""], p=[0.7, 0.15, 0.1, 0.05])
        name = f'"Doe, Mr. {number} ""J"""'
        cells = [number, survived, grade, name, sex, age, f"{rng.uniform(5, 90):.2f}", cabin, port]
        lines.append(",".join(map(str, cells)))
    return lines


def incomes(n=300, seed=4, dots=False):
    """Lines as adult's table has them: blanks after commas, categories, `?`, no header."""
    rng = np.random.default_rng(seed)
    work = ["Private", "State-gov", "Self-emp", "?"]
    lines = []
    for _ in range(n):
        hours = int(rng.integers(20, 70))
        kind = work[int(rng.integers(4))]
        rich = rng.random() < (0.9 if hours > 45 else 0.05)
        label = (">50K" if rich else "<=50K") + ("." if dots else "")
        cells = [int(rng.integers(17, 80)), kind, int(rng.integers(9)), hours, label]
        lines.append(", ".join(map(str, cells)))
    return lines


def houses(n=200, seed=5):
    """Lines with a price in the last column, which four numbers nearly give."""
    rng = np.random.default_rng(seed)
    rows = rng.uniform(1, 10, (n, 4))
    prices = 20_000 * rows[:, 0] + 5_000 * rows[:, 1] + 1_000 * rng.standard_normal(n)
    lines = ["rooms,age,tax,distance,price"]
    for row, price in zip(rows, prices, strict=True):
        lines.append(",".join([*(f"{cell:.2f}" for cell in row), f"{price:.2f}"]))
    return lines


def digits(n=200, pixels=64, seed=6, labels=True, header=True):
    """Lines as Kaggle has MNIST: the label first, then pixels of 0 to 255, the last ones black."""
    rng = np.random.default_rng(seed)
    kinds = np.arange(n) % 10
    lit = rng.integers(0, 256, (10, pixels))
    rows = np.clip(lit[kinds] + rng.integers(-20, 20, (n, pixels)), 0, 255)
    rows[:, -3:] = 0
    names = [f"pixel{at}" for at in range(pixels)]
    lines = [",".join(["label", *names] if labels else names)] if header else []
    for row, kind in zip(rows.tolist(), kinds.tolist(), strict=True):
        lines.append(",".join(map(str, [kind, *row] if labels else row)))
    return lines


def write_covertype(path, n=581_012, seed=7):
    """Write a table of covertype's size: ten numbers, 44 that are 0 or 1, and seven classes."""
    rng = np.random.default_rng(seed)
    with path.open("w", encoding="ascii") as file:
        file.write(",".join([*(f"n{at}" for at in range(10)), *(f"b{at}" for at in range(44))]))
        file.write(",Cover_Type\n")
        for start in range(0, n, 50_000):
            count = min(50_000, n - start)
            numbers = rng.integers(0, 4000, (count, 10))
            soil = np.zeros((count, 44), np.int64)
            soil[np.arange(count), rng.integers(0, 4, count)] = 1
            soil[np.arange(count), rng.integers(4, 44, count)] = 1
            kinds = 1 + numbers[:, :1] * 7 // 4000
            np.savetxt(file, np.hstack([numbers, soil, kinds]), fmt="%d", delimiter=",")
    return path
