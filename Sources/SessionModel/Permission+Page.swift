// The matrix as a page; a test keeps `docs/permissions.md` equal to it.

extension Permission {
    /// The page `docs/permissions.md`.
    public static var page: String {
        """
        # Who may do what

        This page is made from `Sources/SessionModel/Permission.swift`; a test keeps them equal. A cell names
        the states of the class in which a role may give a command; – means never. What a role may never do is
        refused with `notPermitted`, what it may not do now with `notNow`, and anything after the end with
        `sessionEnded`. The last column is the relay itself.

        \(table)

        ## On whom

        Muting somebody (静音), removing, lowering a hand and ending a turn are for those who have less to say;
        one's own hand, turn and sound are one's own business. The row acts on the column.

        \(relation { mayDirect($0, $1) })

        ## Who knows of whom

        A supervisor (巡课) is invisible to the class: a command about a seat that one may not know of is
        refused with `seatUnknown`, as if it were not there. The row knows that the column is in class.

        \(relation { mayKnow($0, of: $1) })

        """
    }

    private static var table: String {
        let askers = Role.allCases.map { Asker.role($0) } + [.relay]
        let head = ["command"] + Role.allCases.map { title($0) } + ["relay 系统"]
        let rows = CommandKind.allCases.map { kind in
            ["`\(kind.rawValue)`"] + askers.map { cell(phases(kind, $0)) }
        }
        return lines([head, head.map { _ in "---" }] + rows)
    }

    private static func relation(_ holds: (Role, Role) -> Bool) -> String {
        let head = [""] + Role.allCases.map { title($0) }
        let rows = Role.allCases.map { role in
            [title(role)] + Role.allCases.map { holds(role, $0) ? "yes" : "–" }
        }
        return lines([head, head.map { _ in "---" }] + rows)
    }

    private static func lines(_ rows: [[String]]) -> String {
        rows.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
    }

    private static func cell(_ phases: [Phase]) -> String {
        phases.isEmpty ? "–" : phases.map(\.rawValue).joined(separator: " ")
    }

    private static func title(_ role: Role) -> String {
        switch role {
        case .lecturer: "lecturer 主讲"
        case .assistant: "assistant 助教"
        case .participant: "participant 学员"
        case .supervisor: "supervisor 巡课"
        case .expert: "expert 评审专家"
        case .viewer: "viewer 回看"
        case .administrator: "administrator 管理员"
        }
    }
}
