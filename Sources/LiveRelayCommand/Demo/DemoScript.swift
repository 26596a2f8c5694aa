import SessionModel

/// What happens in the demo class, and when. Every line is ours; the same script every time.
enum DemoScript {
    /// Something that somebody does.
    enum Act: Hashable, Sendable {
        /// The lecturer opens the door.
        case open
        /// The lecturer starts the lesson and speaks.
        case start
        /// A participant, by place in the list, comes in.
        case join(Int)
        /// A participant writes.
        case chat(Int, String)
        /// The lecturer writes.
        case lecturerChat(String)
        /// A participant raises a hand.
        case hand(Int)
        /// A participant lowers it.
        case lower(Int)
        /// The lecturer calls a participant, who speaks.
        case call(Int)
        /// The participant ends the turn.
        case done(Int)
        /// The lecturer opens a poll.
        case poll(String, [String], PollSecrecy)
        /// A participant votes.
        case vote(Int, option: Int)
        /// The lecturer closes the poll.
        case closePoll
        /// A break.
        case rest(minutes: Int)
        /// The lesson goes on.
        case goOn
        /// A participant leaves.
        case leave(Int)
        /// 下课.
        case end
    }

    /// An act and its second.
    struct Step: Hashable, Sendable {
        let second: Double
        let act: Act
    }

    /// The class in about a minute and a half, in the order of time.
    static let steps: [Step] = (arrivals + lesson + votes + rest).enumerated()
        .sorted { ($0.element.second, $0.offset) < ($1.element.second, $1.offset) }
        .map(\.element)

    private static func at(_ second: Double, _ act: Act) -> Step { Step(second: second, act: act) }

    private static let arrivals: [Step] =
        [at(0, .open)] + (0..<11).map { at(0.5 + Double($0) * 0.25, .join($0)) }
        + [at(4, .start), at(9, .join(11))]

    private static let lesson: [Step] = [
        at(5, .chat(0, "张老师好，声音很清楚。")),
        at(6, .chat(5, "大家早上好！我在第四中学。")),
        at(8, .lecturerChat("欢迎各位老师。请先写下自己的学校，三分钟。")),
        at(10, .chat(2, "第二中学，王芳。")),
        at(10.5, .chat(3, "第三小学，也叫王芳 🙂")),
        at(12, .chat(4, "实验学校。我名字里的字打得出来吗？李\u{2CB4E}")),
        at(14, .hand(1)),
        at(15, .hand(7)),
        at(16, .hand(10)),
        at(17, .chat(6, "提问之后等八秒，这条我要记下来。")),
        at(18, .lower(7)),
        at(20, .call(10)),
        at(22, .chat(8, "Emma 老师的声音也很清楚。")),
        at(28, .done(10)),
        at(29, .chat(10, "Thank you! The wait after a question really helps my class.")),
        at(31, .call(1)),
        at(35, .done(1)),
        at(36, .chat(1, "谢谢老师，我说完了。")),
    ]

    /// What the twelve answer in the named poll, and in the anonymous one.
    private static let namedAnswers = [0, 1, 1, 0, 2, 1, 2, 1, 0, 1, 2, 1]
    private static let anonymousAnswers = [1, 1, 0, 1, 1, 2, 1, 1, 1, 0, 1, 1]

    private static let votes: [Step] = {
        var steps = [at(38, .poll("提问之后，您一般等几秒？", ["1–2 秒", "3–5 秒", "8 秒以上"], .named))]
        steps += answers(namedAnswers, from: 39.5)
        steps += [at(45, .closePoll), at(46, .lecturerChat("多数老师等 3–5 秒，下周试试 8 秒。"))]
        steps += [at(48, .poll("这一段的节奏合适吗？", ["偏快", "合适", "偏慢"], .anonymous))]
        steps += answers(anonymousAnswers, from: 49)
        steps += [at(55, .closePoll)]
        return steps
    }()

    private static func answers(_ options: [Int], from second: Double) -> [Step] {
        options.enumerated().map { index, option in
            at(second + Double(index) * 0.4, .vote(index, option: option))
        }
    }

    private static let rest: [Step] = [
        at(57, .rest(minutes: 5)),
        at(59, .chat(9, "休息一下，倒杯水。")),
        at(64, .goOn),
        at(66, .chat(11, "我回来了。")),
        at(68, .hand(4)),
        at(70, .chat(0, "分组写教学片段，我们一组可以吗？")),
        at(72, .chat(5, "可以！")),
        at(76, .lower(4)),
        at(78, .leave(8)),
        at(82, .lecturerChat("今天就到这里，回放和报告马上就有。")),
        at(86, .end),
    ]
}
