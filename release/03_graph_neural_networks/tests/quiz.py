from otter.test_files import test_case
from workbook import answer, expect, unanswered

OK_FORMAT = False
name = "quiz"


@test_case(name="every question has an answer", points=0)
def answered(quiz_1, quiz_2, quiz_3, quiz_4, quiz_5, quiz_6, quiz_7, quiz_8):
    waiting = unanswered({"quiz_1": quiz_1, "quiz_2": quiz_2, "quiz_3": quiz_3, "quiz_4": quiz_4, "quiz_5": quiz_5, "quiz_6": quiz_6, "quiz_7": quiz_7, "quiz_8": quiz_8}, {"quiz_1": "", "quiz_2": "abcd", "quiz_3": "abcd", "quiz_4": "abcde", "quiz_5": "", "quiz_6": "", "quiz_7": "", "quiz_8": ""})
    assert not waiting, f"no letter or number yet that can be an answer: {', '.join(waiting)}"
    expect(waiting)
