/// A made-up participant of the demo.
struct DemoPerson: Hashable, Sendable {
    let name: String
    let number: String
    let affiliation: String

    /// Those who come: two with one name, one with a character beyond the basic plane, one with a middle dot,
    /// numbers with leading zeros and of eighteen digits. Nobody of them exists.
    static let present: [DemoPerson] = [
        DemoPerson(name: "王晓明", number: "0012", affiliation: "第一中学"),
        DemoPerson(name: "李静", number: "0013", affiliation: "第一中学"),
        DemoPerson(name: "王芳", number: "0021", affiliation: "第二中学"),
        DemoPerson(name: "王芳", number: "0022", affiliation: "第三小学"),
        DemoPerson(name: "李\u{2CB4E}", number: "000137", affiliation: "实验学校"),
        DemoPerson(name: "阿依古丽·买买提", number: "0031", affiliation: "第四中学"),
        DemoPerson(name: "陈明远", number: "202600000000000018", affiliation: "教师发展中心"),
        DemoPerson(name: "赵敏", number: "0044", affiliation: "第二中学"),
        DemoPerson(name: "孙丽华", number: "0045", affiliation: "第五小学"),
        DemoPerson(name: "周建国", number: "0051", affiliation: "第一中学"),
        DemoPerson(name: "Emma Clarke", number: "0061", affiliation: "国际部"),
        DemoPerson(name: "吴桐", number: "0072", affiliation: "第三小学"),
    ]

    /// Who of them speaks English.
    static let englishSpeaker = 10

    /// Those who are on the list and do not come.
    static let absent: [DemoPerson] = [
        DemoPerson(name: "郑海", number: "0081", affiliation: "第五小学"),
        DemoPerson(name: "冯雪", number: "0082", affiliation: "第四中学"),
    ]

    /// The roster as a CSV.
    static var roster: [UInt8] {
        let rows = (present + absent).map { "\($0.name),\($0.number),\($0.affiliation)" }
        return Array((["姓名,工号,单位"] + rows).joined(separator: "\r\n").utf8) + [0x0D, 0x0A]
    }
}
