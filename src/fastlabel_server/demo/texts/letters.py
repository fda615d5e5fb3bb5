"""Letters to a shop, with what they are about and the mood in which they were written."""

from __future__ import annotations

from collections.abc import Iterator

from fastlabel_server.demo.samples import (
    SampleProject,
    SampleTask,
    answers,
    choice,
    questions,
    switch,
)

LETTERS = (
    ("1041.txt", "reviewed", "delivery", "angry", True, """\
Hello,

my lamp was promised for Tuesday. It is Friday. I have now stayed at home for three days to open \
a door that nobody knocks at. Please tell me today where it is.

H. Weiss
"""),
    ("1042.txt", "completed", "praise", "happy", False, """\
Dear all,

the chair is wonderful, and whoever wrapped it deserves a rise. My cat has moved into the box. 🐈

Greetings, Noor
"""),
    ("1043.txt", "completed", "invoice", "neutral", True, """\
Good morning,

invoice 20-118 shows two desks. I ordered one and got one. Could you send me a corrected invoice?

Best regards,
Accounting, Field & Sons
"""),
    ("1044.txt", "registered", "delivery", "neutral", True, """\
こんにちは。

先週注文した本棚ですが、届け先を変更できますか。新しい住所は返信でお送りします。

よろしくお願いします。
田中
"""),
    ("1045.txt", "registered", "praise", "happy", False, """\
引き出しの修理、ありがとうございました。まるで新品のようです。また伺います。😊
"""),
)  # fmt: skip


def tasks() -> Iterator[SampleTask]:
    for name, status, topic, mood, reply, text in LETTERS:
        labels = answers(topic=topic, mood=mood, reply=reply)
        yield SampleTask(name, {name: text.encode()}, labels, status, ("letter",))


PROJECT = SampleProject(
    "Letters to the shop",
    "letters",
    "text_single_classification",
    (
        questions(
            choice("select", "topic", "Topic", "delivery", "invoice", "praise"),
            choice("radio", "mood", "Mood", "happy", "neutral", "angry"),
            switch("reply", "Wants an answer"),
        ),
    ),
    tasks,
)
