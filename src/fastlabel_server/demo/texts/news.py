"""Short reports in English and Japanese, with people, places, organisations, dates and goods.

All of them are made up, and so is everybody in them.
"""

from __future__ import annotations

from collections.abc import Iterator

from fastlabel_server.demo.samples import (
    SampleProject,
    SampleTask,
    annotation_class,
    choice,
)
from fastlabel_server.demo.texts.markup import parsed

CLASSES = (
    annotation_class("ner", "person", "Person", "#e4572e"),
    annotation_class("ner", "place", "Place", "#2e86ab",
                     choice("select", "kind", "Kind", "town", "building", "water")),
    annotation_class("ner", "organisation", "Organisation", "#8f5fbf"),
    annotation_class("ner", "date", "Date", "#3bb273"),
    annotation_class("ner", "product", "Product", "#f2b134"),
)  # fmt: skip

REPORTS = (
    ("ferry.txt", "reviewed", """\
The night ferry comes back

From [the first of May|date] the night ferry between [Larkhaven|place] and [Port Ansel|place] \
sails again. [[Ansel|place] Lines|organisation] has bought a second-hand ship, the \
[Grey Heron|product], and hired forty people in both towns.

“We sold our last ticket in [2009|date] and thought that was it,” says [Marit Olsen|person], who \
runs the office on [Quay Street|place]. “Then people began to write to us.” Her colleague \
[Tomás Rey|person] counted the letters: 11,482. ⛴️

The crossing takes nine hours. [The Larkhaven Post|organisation] will report from on board.
"""),
    ("bakery.txt", "completed", """\
A loaf for the record book

On [Saturday|date] the bakers of [Niederau|place] pulled a rye loaf of 412 kilograms out of a \
kiln at [[Niederau|place] Brickworks|organisation]. [Ines Brandt|person], who had led the team \
since [March|date], cut the first slice with a saw. 🍞👩🏽‍🍳

The flour, a kind called [Alpenroggen 1150|product], was given by the mill of \
[Brothers Hofer|organisation]. What was left on [Sunday|date] went to [St. Anna’s|organisation].
"""),
    ("kyoto.txt", "completed", """\
新しい図書館が開館

[[京都|place]みどり大学|organisation]は[4月1日|date]、[北山|place]に新しい図書館を開いた。\
設計したのは[小川真理|person]さんで、木の梁は[丹波|place]の杉を使っている。📚

館長の[ルイ・マルタン|person]さんは「夜十時まで誰でも入れます」と話す。\
初日には約800人が訪れ、[五月|date]からは[青空文具|organisation]の\
[ひかりノート|product]が売店に並ぶ。
"""),
    ("hokkaido.txt", "registered", """\
湖の氷、今年は早く解ける

[北の湖観測所|organisation]によると、[白鳥湖|place]の氷は[3月12日|date]に消えた。\
[昨年|date]より九日早い。観測員の[佐々木健|person]さんは「[1974年|date]に記録を始めてから\
三番目です」と言う。🦢

[白鳥湖|place]の岸にある[[白鳥湖|place]ホテル|organisation]では、\
名物の[氷のアイス|product]を早めに片付けた。
"""),
    ("orchard.txt", "registered", """\
Robots among the pears

[Fenwick Orchards|organisation] in [Lower Marsh|place] lets four machines pick its pears this \
year. They were built by [Halcyon Arms|organisation], a firm that [Priya Nair|person] and \
[Joe Lindqvist|person] started in a shed in [2021|date].

The [Halcyon P2|product] takes a pear every three seconds and, [Nair|person] says, “bruises \
fewer of them than I do”. By [the end of September|date] it will have to prove that in the rain.
"""),
)  # fmt: skip


def tasks() -> Iterator[SampleTask]:
    for name, status, source in REPORTS:
        text, entities = parsed(source)
        yield SampleTask(name, {name: text.encode()}, entities, status, ("report",))


PROJECT = SampleProject("Local news", "local-news", "text_ner", CLASSES, tasks)
