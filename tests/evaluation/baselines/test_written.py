"""Lists as language models write them."""

import pytest

from pecrs.evaluation.baselines.written import without_thoughts, written_order, written_titles

WANTED = ["Alien (1979)", "12 Angry Men", "Up (2009)"]


@pytest.mark.parametrize(
    "answer",
    [
        "1. Alien (1979)\n2. 12 Angry Men\n3. Up (2009)",
        "1) Alien (1979)\n2) 12 Angry Men\n3) Up (2009)",
        "(1) Alien (1979)\n(2) 12 Angry Men\n(3) Up (2009)",
        "[1] Alien (1979)\n[2] 12 Angry Men\n[3] Up (2009)",
        "1.) Alien (1979)\n2.) 12 Angry Men\n3.) Up (2009)",
        "1: Alien (1979)\n2: 12 Angry Men\n3: Up (2009)",
        "1 - Alien (1979)\n2 - 12 Angry Men\n3 – Up (2009)",
        "1\tAlien (1979)\n2\t12 Angry Men\n3\tUp (2009)",
        "1.Alien (1979)\n2. 12 Angry Men\n3.Up (2009)",
        "1\\. Alien (1979)\n2\\. 12 Angry Men\n3\\. Up (2009)",
        "**1. Alien (1979)**\n**2. 12 Angry Men**\n**3. Up (2009)**",
        "**1.** Alien (1979)\n**2.** 12 Angry Men\n**3.** Up (2009)",
        "1. **Alien (1979)**\n2. *12 Angry Men*\n3. __Up__ (2009)",
        "### 1. Alien (1979)\nA classic.\n### 2. 12 Angry Men\n### 3. Up (2009)",
        "### 1.\nAlien (1979)\n### 2.\n12 Angry Men\n### 3.\nUp (2009)",
        "## **1) Alien (1979)**\n## **2) 12 Angry Men**\n## **3) Up (2009)**",
        "- 1. Alien (1979)\n- 2. 12 Angry Men\n- 3. Up (2009)",
        "* 1. Alien (1979)\n* 2. 12 Angry Men\n* 3. Up (2009)",
        "> 1. Alien (1979)\n> 2. 12 Angry Men\n> 3. Up (2009)",
        "#1 Alien (1979)\n#2 12 Angry Men\n#3: Up (2009)",
        "No. 1: Alien (1979)\nNo. 2: 12 Angry Men\nNo. 3: Up (2009)",
        "1️⃣ Alien (1979)\n2️⃣ 12 Angry Men\n3️⃣ Up (2009)",
        "① Alien (1979)\n② 12 Angry Men\n③ Up (2009)",
        "１．Alien (1979)\n２．12 Angry Men\n３．Up (2009)",
        "| # | Title |\n|---|---|\n| 1 | Alien (1979) |\n| 2 | 12 Angry Men |\n| 3 | Up (2009) |",
        "a) Alien (1979)\nb) 12 Angry Men\nc) Up (2009)",
        "i. Alien (1979)\nii. 12 Angry Men\niii. Up (2009)",
        "- Alien (1979)\n- 12 Angry Men\n- Up (2009)",
        "• **Alien** (1979)\n• 12 Angry Men\n• Up (2009)",
        "Alien (1979)\n12 Angry Men\nUp (2009)",
        "**Alien (1979)**\n**12 Angry Men**\n**Up (2009)**",
        "1. Alien (1979) 2. 12 Angry Men 3. Up (2009)",
        "Here are three for you:\n\n1. Alien (1979): a ship\n   - Director: Ridley Scott\n2. 12 Angry Men\n"
        "   - Why: a jury\n3. Up (2009) — balloons\n\nEnjoy, all 3 of them!",
        "Here are three: 1. Alien (1979) 2. 12 Angry Men 3. Up (2009)",
        '["Alien (1979)", "12 Angry Men", "Up (2009)"]',
        '```json\n{"films": [{"title": "Alien (1979)"}, {"title": "12 Angry Men"}, {"title": "Up (2009)"}]}\n```',
        "1. [Alien](https://films.example/a) (1979)\n2. [12 Angry Men](/b)\n3. Up (2009)",
        "1. Alien (1979)\r\n2. 12 Angry Men\r\n3. Up (2009)\r\n",
    ],
)
def test_every_style_of_numbers_gives_the_same_titles(answer):
    assert written_titles(answer) == WANTED


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ("3:10 to Yuma (2007)\nUp (2009)", ["3:10 to Yuma (2007)", "Up (2009)"]),
        ("- 300: Rise of an Empire (2014)\n- Up", ["300: Rise of an Empire (2014)", "Up"]),
        ("1. 300: Rise of an Empire\n2. 9", ["300: Rise of an Empire", "9"]),
        ("1. M*A*S*H (1970)\n2. Face/Off", ["M*A*S*H (1970)", "Face/Off"]),
        ("A.I. Artificial Intelligence\nUp", ["A.I. Artificial Intelligence", "Up"]),
        ("#Alive (2020)", ["#Alive (2020)"]),
        ("[Rec] (2007)\n[Rec] 2", ["[Rec] (2007)", "[Rec] 2"]),
        ("I love films: 2001 and 1. Up, there is no 2", ["I love films: 2001 and 1. Up, there is no 2"]),
        ("50/50 (2011)\n28 Days Later", ["50/50 (2011)", "28 Days Later"]),
    ],
)
def test_numbers_in_titles_stay(answer, titles):
    assert written_titles(answer) == titles


@pytest.mark.parametrize(
    ("answer", "order"),
    [
        ("[3] > [1] > [2]", [3, 1, 2]),
        ("Of the 20 candidates: [3] > [1]", [3, 1]),
        ("1. [3]\n2. [1]", [3, 1]),
        ("**1.** [3] Alien (1979)\n**2.** [1] Up", [3, 1]),
        ("[3, 1, 2]", [3, 1, 2]),
        ('{"ranking": [3, 1, 2]}', [3, 1, 2]),
        ("[3] Alien > [1] 12 Angry Men", [3, 1]),
        ("[3] >\n[1] >\n[2]", [3, 1, 2]),
        ("Candidates [1] to [20] differ. My order: [3] > [1] > [2].", [3, 1, 2]),
        ("I like [2] best, but [5] fits.\n\n[5] > [2] > [4]", [5, 2, 4]),
        ("3 > 1 > 2", [3, 1, 2]),
        ("Of the 20 candidates: 3 > 1", [3, 1]),
        ("3>1>2", [3, 1, 2]),
        ("Candidate 3 > Candidate 1", [3, 1]),
        ("3 -> 1 → 2", [3, 1, 2]),
        ("Passage 3, passage 1", [3, 1]),
        ("1. 3\n2. 1", [3, 1]),
        ("1) Candidate 3\n2) Candidate 1", [3, 1]),
        ("1. 3 - Alien\n2. 1 - 12 Angry Men", [3, 1]),
        ("3. Alien\n1. 12 Angry Men\n2. Up", [3, 1, 2]),
        ("1. Alien\n2. 12 Angry Men\n3. Up", []),
        ("1. 12 Monkeys\n2. 3:10 to Yuma", []),
        ("2, 2, 3", [2, 3]),
        ("3 1 2", [3, 1, 2]),
        ("Of these 20 I take 3, 1 and 2", [3, 1, 2]),
        ("[1, 2, 3", [1, 2, 3]),
        ("I would take 3.", [3]),
        ("[1984] is good: 3 > 1", [3, 1]),
        ("[0] > [40] > [3]", [3]),
        ("<think>[1] or [2]?</think>[3]", [3]),
        ("[1] or [2]?</think>[3]", [3]),
        ("none, 1984 perhaps", []),
        ("", []),
    ],
)
def test_an_order_is_read_as_it_was_meant(answer, order):
    assert [place + 1 for place in written_order(answer, 20)] == order


@pytest.mark.parametrize(
    "answer", ["<think>1. Up</think>said", "<thinking>\n1. Up\n</thinking>said", "1. Up</think>said", "said<think>cut"]
)
def test_thoughts_are_no_answer(answer):
    assert without_thoughts(answer) == "said"
