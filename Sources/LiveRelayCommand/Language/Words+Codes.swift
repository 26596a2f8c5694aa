import LiveRelayWire
import SessionModel

extension Words {
    /// Why a command was refused.
    func refusal(_ code: Rejection) -> String { ifKnown("rejection.\(code.rawValue)") ?? code.rawValue }

    /// Why the relay ended a connection.
    func ending(_ code: DisconnectCode) -> String { ifKnown("close.\(code.name)") ?? code.name }

    /// The name of a role.
    func role(_ role: Role) -> String { self("role.\(role.rawValue)") }

    /// The name of a state.
    func phase(_ phase: Phase) -> String { self("phase.\(phase.rawValue)") }

    /// What the relay's codes mean; key, 中文, English.
    static let codeLines = """
        rejection.notPermitted | 你的角色不能这样做 | your role may not do this
        rejection.notNow | 现在不能这样做 | not in this state of the class
        rejection.sessionEnded | 课堂已结束 | the class is over
        rejection.banned | 已被移出，不能再进入 | removed for good
        rejection.classFull | 课堂已满 | the class is full
        rejection.alreadyInClass | 已在别处进入课堂 | already in class elsewhere
        rejection.seatUnknown | 没有这个人 | no such person
        rejection.seatAbsent | 这个人不在课堂里 | the person is not in class
        rejection.minutesOutOfRange | 分钟数应为 1–120 | give 1 to 120 minutes
        rejection.textEmpty | 内容是空的 | nothing was written
        rejection.textTooLong | 内容太长 | too long
        rejection.textInvalid | 含有不能用的字符 | holds characters that cannot be used
        rejection.tooFast | 发得太快，请稍等 | too fast, wait a little
        rejection.chatUnknown | 没有这条聊天 | no such chat entry
        rejection.chatAlreadyHidden | 这条聊天已经隐藏 | the entry is hidden already
        rejection.handAlreadyRaised | 手已经举起 | your hand is up already
        rejection.handNotRaised | 没有举手 | the hand is not up
        rejection.handQueueFull | 举手的人太多 | too many hands are up
        rejection.alreadySpeaking | 已经在发言 | speaking already
        rejection.notSpeaking | 还没有请你发言 | you have not been called to speak
        rejection.speakersFull | 发言的人已满 | as many speak as may
        rejection.alreadyMuted | 已经静音 | muted already
        rejection.notMuted | 没有静音 | not muted
        rejection.pollAlreadyOpen | 已有一个投票在进行 | another poll is open
        rejection.pollUnknown | 没有这个投票 | no such poll
        rejection.pollClosed | 投票已结束 | the poll is closed
        rejection.optionUnknown | 没有这个选项 | no such option
        rejection.optionCountOutOfRange | 选项应为 2–9 个 | give 2 to 9 options
        rejection.alreadyVoted | 已经投过票 | you have voted
        rejection.trackUnknown | 没有这路声音 | no such track
        rejection.channelsOutOfRange | 声道数应为 1 或 2 | give 1 or 2 channels
        rejection.trackAlreadyOpen | 已经有一路声音 | you have a track already
        rejection.limitReached | 已到上限 | a limit is reached
        rejection.malformed | 消息看不懂 | the message cannot be read
        rejection.unknownType | 服务器不认识这种消息 | the relay does not know this message
        rejection.tooManyInFlight | 等待回答的请求太多 | too many requests wait for an answer
        rejection.noSpace | 服务器磁盘已满 | the server's disk is full

        close.shutdown | 服务器正在重启 | the relay stops and will be back
        close.tooSlow | 网络太慢 | the line is too slow
        close.silentTooLong | 长时间没有应答 | no answer for too long
        close.storageFailed | 服务器写盘失败，正在恢复 | the log could not be written; it is being read back
        close.busy | 进入的人太多，请稍等 | too many people arrive at once
        close.notYetOpen | 课堂还没有开放 | the door is still closed
        close.ended | 课堂已结束，可以看回放 | the class is over; see the replay
        close.removed | 你被移出课堂 | you were put out of class
        close.banned | 你被移出课堂，不能再进入 | you were put out for good
        close.replaced | 你已在别处进入课堂 | you joined elsewhere
        close.tokenInvalid | 链接无效，请重新获取 | the link is not valid; ask for a new one
        close.tokenExpired | 链接已过期，请重新获取 | the link has expired; ask for a new one
        close.classUnknown | 没有这个课堂 | there is no such class
        close.classFull | 课堂已满 | the class is full
        close.codeUnknown | 没有这个课堂号 | no class has this code
        close.tooManyAttempts | 尝试次数太多，请稍后再试 | too many wrong codes; wait a while
        close.alreadyInClass | 你已在别处进入课堂 | you are in class elsewhere
        close.nameInvalid | 姓名不能用，请改一下 | the name cannot be used; change it
        close.joinExpected | 没有按时进入 | did not join in time
        close.wireUnsupported | 版本不同，请更新程序 | the versions differ; update this program
        close.left | 已离开 | left
        close.messageTooLong | 消息太长 | a message was too long
        close.audioInvalid | 声音数据不合规 | the sound broke the rules of the wire
        close.roleCannotJoin | 这个链接不能进入直播课堂 | this link gives no seat in a live class
        close.stopped | 已停止 | stopped
        """
}
