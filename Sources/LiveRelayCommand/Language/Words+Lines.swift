extension Words {
    /// Key, 中文, English; one line each, in the order of the program's parts.
    static let lines = """
        failure.network | 连不上 %1：%2。请检查地址和网络，或先运行 liverelay serve | Cannot reach %1: %2. Check the address and the network, or start it with liverelay serve
        failure.untrusted | 证书不受信任：%1。本机试用可加 --insecure，或用 --pin 指定证书指纹 | The certificate is not trusted: %1. For a try on this machine add --insecure, or name its fingerprint with --pin
        failure.pinInvalid | 指纹 %1 不对。应为证书的 SHA-256，64 位十六进制，serve 启动时会打印 | %1 is no fingerprint. Give the certificate's SHA-256, 64 hexadecimal digits, as serve prints it
        failure.refused | 服务器拒绝了请求（%1）。请检查密钥或链接 | The server refused (%1). Check the key or the link
        failure.notFound | 找不到（%1）。用 liverelay class list 查看课堂 | Not found (%1). See the classes with liverelay class list
        failure.server | 服务器出错（%1）。请看服务器日志 | The server failed (%1). See its log
        failure.answer | 服务器的回答看不懂，可能版本不同 | The server's answer cannot be read; its version may differ
        failure.keyMissing | 没有管理员密钥。请设置 LIVERELAY_KEY，或用 --key-file 指定 keys/administrator.key | There is no administrator key. Set LIVERELAY_KEY, or name keys/administrator.key with --key-file
        failure.keyUnreadable | 读不了密钥文件 %1。请检查路径和权限 | The key file %1 cannot be read. Check path and permissions
        failure.serverInvalid | 地址 %1 不对。应为 https://主机:端口 | %1 is no address. Write https://HOST:PORT
        failure.linkInvalid | “%1” 不是课堂链接，也不是九位课堂号。请从邀请里完整复制 | “%1” is neither a link of a class nor its nine digits. Copy the whole invitation
        failure.nameMissing | 用课堂号进入要写姓名。请加 --name 姓名 | Joining by code needs a name. Add --name NAME
        failure.classUnknown | 没有课堂 %1。用 liverelay class list 查看课堂 | There is no class %1. See them with liverelay class list
        failure.timeInvalid | 时间 %1 看不懂。写 2026-11-23T09:00 或 09:00 | %1 is no time. Write 2026-11-23T09:00 or 09:00
        failure.fileUnreadable | 读不了文件 %1：%2。请检查路径和权限 | The file %1 cannot be read: %2. Check path and permissions
        failure.fileUnwritable | 写不了 %1：%2。请检查路径和空间 | %1 cannot be written: %2. Check path and space
        failure.configuration | 设置不对：%1。见 liverelay help serve | The settings are wrong: %1. See liverelay help serve
        failure.dataFolder | 数据文件夹 %1 不能用：%2。请换一个文件夹，或检查权限和空间 | The data folder %1 cannot be used: %2. Name another, or check permissions and space
        failure.dataFolderInUse | 数据文件夹 %1 正被另一个程序使用（进程 %2）。请先停止它，或用 --data 换一个文件夹；换新版本而不中断：kill -USR2 %2 | Another program works with the data folder %1 (process %2). Stop it, or name another with --data; for a new version without an interruption: kill -USR2 %2
        failure.portInUse | 端口 %1 已被占用。请停止占用它的程序，或用 --port 换一个 | Port %1 is in use. Stop the other program, or choose another with --port
        failure.portForbidden | 端口 %1 没有权限使用。请用 1024 以上的端口 | Port %1 needs a privilege. Choose one from 1024 on
        failure.hostInvalid | 地址 %1 不是本机的。请写本机的 IP，或 0.0.0.0 | The address %1 is not this machine's. Give one of its own, or 0.0.0.0
        failure.transport | 启动不了：%1 | Cannot start: %1
        failure.inherited | 接手的监听端口不对：%1。请检查 systemd 的 socket 单元 | What was passed on to listen at is wrong: %1. Check the socket unit of systemd
        failure.tls | TLS 不能用：%1。请检查 --tls-cert 和 --tls-key | TLS cannot be set up: %1. Check --tls-cert and --tls-key
        failure.tlsCertificate | 证书 %1 不能用：%2。请给出可读的 PEM 文件（服务器证书在前，中间证书在后） | The certificate %1 cannot be used: %2. Give a readable PEM file, the server's own first, then the intermediates
        failure.tlsKey | 密钥 %1 不能用：%2。请给出可读、不带口令的 PEM 文件 | The key %1 cannot be used: %2. Give a readable PEM file without a passphrase
        failure.tlsMismatch | 证书 %1 与密钥 %2 不是一对。请给出同一次签发的证书和密钥 | The certificate %1 and the key %2 do not belong together. Give the pair of one order
        failure.store | 数据库 %1 打不开：%2。请从备份恢复，或运行 liverelay reindex | The store %1 cannot be opened: %2. Restore a backup, or run liverelay reindex
        failure.trustedProxy | %1 不是网段。写 10.0.0.0/8 或 192.168.1.2 | %1 is no network. Write 10.0.0.0/8 or 192.168.1.2
        failure.tlsPair | --tls-cert 和 --tls-key 要一起用 | Give --tls-cert and --tls-key together

        audio.notWave | 这不是 WAV 文件。支持 WAV、Ogg Opus，或加 --pcm 的 48 kHz 单声道 s16le | This is no WAV file. Give WAV, Ogg Opus, or s16le at 48 kHz mono with --pcm
        audio.noSound | 这个 WAV 文件里没有声音数据。请换一个文件 | This WAV file holds no sound. Give another file
        audio.truncated | 这个 WAV 文件头不完整。请重新导出 | The header of this WAV file is incomplete. Export it again
        audio.formatUnsupported | 不支持这个 WAV 的编码（%1）。请转成 PCM 16 位 | The coding of this WAV (%1) is not supported. Convert it to 16-bit PCM
        audio.notOpus | 这个 Ogg 文件不是 Opus，或已损坏。请用 opusenc 转换 | This Ogg file is not Opus, or is damaged. Convert it with opusenc
        audio.codec | 音频编解码失败（%1） | The sound cannot be coded (%1)
        audio.notAllowed | 现在不能发言：%1 | You may not speak now: %1
        audio.waiting | 等待上课后开始播放 | Waiting for the lesson to begin
        audio.notCalled | 还没有请你发言，等待中 | Waiting to be called to speak
        audio.speaking | 正在发言，音轨 %1 | Speaking on track %1
        audio.finished | 播完了：%1 秒，%2 个包，未确认录下 %3 个 | Done: %1 s, %2 packets, %3 not confirmed on disk
        audio.nobody | 还没有人发言，等待声音 | Nobody speaks yet; waiting for sound
        audio.player | 用 %1 播放声音 | Sound plays through %1
        audio.noPlayer | 没有找到 aplay、paplay 或 ffplay，不播放声音。可用 --audio-pipe | No aplay, paplay or ffplay found: no sound. See --audio-pipe

        phase.scheduled | 待开始 | scheduled
        phase.open | 已开放 | open
        phase.live | 直播中 | live
        phase.break | 课间休息 | break
        phase.ended | 已结束 | ended

        role.lecturer | 主讲 | lecturer
        role.assistant | 助教 | assistant
        role.participant | 学员 | participant
        role.supervisor | 巡课 | supervisor
        role.expert | 评审专家 | expert
        role.viewer | 回看 | viewer
        role.administrator | 管理员 | administrator

        kind.smallInteractive | 小班课 | small class
        kind.largeLecture | 大班课 | large lecture

        join.joined | 已进入课堂：%1（%2）。你是 %3 | In class: %1 (%2). You are %3
        join.resumed | 已重新连上 | Back in class
        join.keys | 输入文字发送聊天；/hand 举手 /lower 放下 /vote 2 投票 /people 成员 /done 结束发言 /leave 离开 /help | Type to chat; /hand /lower /vote 2 /people /done (end your turn) /leave /help
        join.interrupted | 连接断开（%1），%2 秒后重试 | The line is away (%1); next try in %2 s
        join.notYetOpen | 课堂还没有开放，开放后自动进入 | The door is still closed; you will be let in when it opens
        join.ended | 课堂到此为止：%1 | This is the end: %1
        join.unknownCommand | 没有命令 %1。/help 查看全部 | There is no command %1. See /help
        join.voteUsage | 写 /vote 选项号，例如 /vote 2 | Write /vote and the number of an option, such as /vote 2
        join.noPoll | 现在没有投票 | No poll is open
        join.rejected | 没有成功：%1 | Not done: %1
        join.unanswered | 没有得到回答，可能没有成功 | No answer came; it may not have been done
        join.position | 举手中，第 %1 位，共 %2 人 | Your hand is up: number %1 of %2
        join.called | 主讲请你发言 | You are called to speak
        join.turnEnded | 你的发言结束了 | Your turn is over
        join.micOpen | 麦克风已接通（%1） | Your microphone is on (%1)
        join.micNone | 你没有给麦克风：用 --mic-pipe 指定 48 kHz 单声道 s16le 的来源 | You gave no microphone: name a source of s16le at 48 kHz mono with --mic-pipe
        join.status | %1 · 在线 %2/%3 · 举手 %4 · %5 | %1 · %2/%3 present · %4 hands · %5

        event.opened | 课堂已开放 | The door is open
        event.started | 开始上课 | The lesson begins
        event.breakStarted | 课间休息 %1 分钟 | Break of %1 minutes
        event.breakEnded | 休息结束，继续上课 | The break is over
        event.ended | 下课 | The class is over
        event.endedByItself | 主讲和助教离开后无人回来，课堂已自动结束 | Everybody who teaches had left and nobody came back: the class ended by itself
        join.endsBy | 主讲和助教都已离开；若无人回来，课堂将在 %1 分钟后自动结束 | Everybody who teaches has left; if nobody comes back, the class ends in %1 min
        event.joined | %1 进入课堂 | %1 joined
        event.left | %1 离开课堂 | %1 left
        event.removed | %1 被移出课堂 | %1 was removed
        event.handRaised | %1 举手 | %1 raised a hand
        event.handLowered | %1 放下手 | %1 lowered a hand
        event.calledToSpeak | 请 %1 发言 | %1 is called to speak
        event.turnEnded | %1 结束发言 | %1 ended the turn
        event.muted | %1 被静音 | %1 was muted
        event.unmuted | %1 取消静音 | %1 was unmuted
        event.pollOpened | 投票：%1 | Poll: %1
        event.pollClosed | 投票结束：%1（%2 票）%3 | Poll closed: %1 (%2 votes) %3
        event.pollSecret | 人数太少，不公布分项 | too few votes to show the parts
        event.chatHidden | 一条聊天被隐藏 | A chat entry was hidden
        event.trackOpened | %1 开始发声 | %1 can be heard
        event.trackClosed | 一路声音结束 | A voice ended
        log.waiting | 服务器磁盘响应很慢：声音照常，操作会晚一些生效 | The server's disk is slow: the sound goes on, what you do takes effect later
        log.unavailable | 服务器磁盘暂时写不进去：声音照常，操作在恢复后自动生效 | The server's disk cannot be written to: the sound goes on, what you do takes effect once it can
        log.well | 服务器磁盘已恢复 | The server's disk is well again
        event.recordingPaused | 录制暂停 | Recording is paused
        replay.pause.noSpace | 录制暂停：服务器磁盘已满，以下未录制 | Recording is paused: the server's disk is full
        replay.pause.tooSlow | 录制暂停：服务器磁盘跟不上，以下未录制 | Recording is paused: the server's disk cannot keep up
        replay.pause.failed | 录制暂停：服务器磁盘出错，以下未录制 | Recording is paused: the server's disk reports an error
        event.recordingResumed | 录制恢复 | Recording goes on

        people.present | 在线 | here
        people.away | 断线 | away
        people.speaking | 发言中 | speaking
        people.muted | 静音 | muted
        people.count | 在线学员 %1 人 | %1 participants present

        class.title | 题目 | Title
        class.kind | 类型 | Kind
        class.phase | 状态 | State
        class.start | 开始时间 | Starts
        class.minutes | 时长 | Length
        class.minutesValue | %1 分钟 | %1 min
        class.code | 课堂号 | Code
        class.id | 课堂 ID | Class ID
        class.present | 在线 | Present
        class.total | 共 %1 个课堂 | %1 classes
        class.none | 还没有课堂。用 liverelay class create "题目" 建一个 | There is no class yet. Make one with liverelay class create "TITLE"
        class.created | 课堂已建好 | The class is made
        class.nextStep | 下一步：把学员链接发给大家；主讲从自己的链接进入 | Next: send the participants' link; the lecturer comes in by their own
        class.ended | 课堂已结束：%1 | The class has ended: %1
        cost.people | 人分钟 | Person-minutes
        cost.bytes | %1 字节 | %1 bytes
        cost.sentSound | 已发送声音 | Sound sent
        cost.sentOther | 已发送其他 | Other sent
        cost.diskLog | 磁盘：课堂记录 | Disk: log
        cost.diskTexts | 磁盘：文字 | Disk: texts
        cost.diskRecording | 磁盘：录音 | Disk: recording
        roster.imported | 名册已导入：%1 人 | Roster imported: %1 people
        roster.problem | 第 %1 行：%2 | line %1: %2

        link.lecturer | 主讲 | Lecturer
        link.assistant | 助教 | Assistant
        link.participant | 学员 | Participant
        link.supervisor | 巡课 | Supervisor
        link.wall | 巡课 | Supervisor
        link.replay | 回放 | Replay
        link.report | 报告 | Report

        serve.ready | 服务已就绪 | ready
        serve.url | 地址 | Address
        serve.fingerprint | 证书 SHA-256 %1（自签名：浏览器会提示一次） | Certificate SHA-256 %1 (self-signed: browsers warn once)
        serve.certificateExpired | 注意：证书 %1 天前已过期，浏览器会拒绝。请更换证书，再运行 kill -HUP | Careful: the certificate ended %1 days ago and browsers refuse it. Renew it, then kill -HUP
        serve.certificateNotYetValid | 注意：证书 %1 天后才生效。请检查证书和本机时钟 | Careful: the certificate begins in %1 days. Check it and this machine's clock
        serve.certificateEndsSoon | 注意：证书 %1 天后过期。请更换证书，再运行 kill -HUP | Careful: the certificate ends in %1 days. Renew it, then kill -HUP
        serve.certificateDisordered | 注意：证书文件顺序不对，部分手机会拒绝。服务器证书在前，签发者依次在后 | Careful: the certificate file is out of order and some phones refuse it. Put the server's own first, then each issuer
        serve.certificateUntrusted | 注意：本机不信任这张证书（%1）。若非内部 CA，请给出带全部中间证书的文件 | Careful: this machine does not trust the certificate (%1). Unless it is of a house CA, give the file with all intermediates
        serve.data | 数据 %1 · 管理员密钥 %2 · Ctrl-C 停止并保留数据 | Data %1 · administrator key %2 · Ctrl-C stops and keeps the data
        serve.next | 下一步：liverelay class create "第一讲" | Next: liverelay class create "First lesson"
        serve.lan | 局域网地址 | On the network
        serve.phones | 手机需要受信任的证书才能发言（见 docs/operating.md）；听课不受影响 | Phones need a trusted certificate to speak (docs/operating.md); listening works without
        serve.stopping | 正在停止，数据已保留 | Stopping; the data are kept

        demo.ready | 演示课堂已开始 | demo class is live
        demo.title | 线上互动设计（演示） | Designing interaction online (demo)
        demo.over | 演示课堂已结束，回放和报告已生成 | The demo class is over; replay and report are made
        demo.keep | 服务继续运行，Ctrl-C 停止 | The server goes on; Ctrl-C stops it
        demo.failed | 演示没有按脚本进行：%1 | The demo did not go by its script: %1

        replay.header | 回放：%1 · %2 | Replay: %1 · %2
        replay.empty | 这个课堂还没有可回放的内容 | There is nothing to replay yet
        replay.end | 回放结束 | End of the replay
        replay.hand.raised | %1 举手 | %1 raised a hand
        replay.hand.lowered | %1 放下手 | %1 lowered a hand
        replay.hand.called | 请 %1 发言 | %1 was called to speak
        replay.hand.ended | %1 结束发言 | %1 ended the turn

        verify.class | %1：%2 条事件，%3 个签名 | %1: %2 events, %3 signatures
        verify.good | 完好 | intact
        verify.broken | 有问题 | broken
        verify.none | %1 里没有课堂。请指定数据文件夹 | There is no class in %1. Name the data folder
        verify.headClass | --head N:SHA256 要和 --class 一起用 | --head N:SHA256 needs --class
        verify.headInvalid | %1 不是末条：写 N:SHA256，或一份 heads.jsonl 的副本 | %1 is no end of a log: write N:SHA256, or name a copy of heads.jsonl
        verify.headMissing | %1 · 有末条为证，课堂却不在了 | %1 · a head of it was kept, and the class is not there
        verify.total | 检查了 %1 个课堂，%2 个有问题 | %1 classes checked, %2 broken
        reindex.done | 索引已重建：%1 个课堂，跳过 %2 个 | The index is rebuilt: %1 classes, %2 left out
        """
}
