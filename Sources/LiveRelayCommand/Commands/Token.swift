import ArgumentParser
import SessionModel

/// Makes a link for one person.
struct Token: SpokenCommand {
    static let configuration = CommandConfiguration(
        abstract: "为一个人生成链接 · Make a link for one person.",
        discussion: "liverelay token --class k3… --role participant --name 王晓明 --number 0012")

    @Option(name: .customLong("class"), help: "课堂 ID · The class's ID.")
    var session: String

    @Option(name: .long, help: "角色 · lecturer, assistant, participant, supervisor or viewer.")
    var role = "participant"

    @Option(name: .long, help: "姓名 · The name.")
    var name: String

    @Option(name: .long, help: "工号 · The number.")
    var number: String?

    @Option(name: .long, help: "有效分钟数 · For how many minutes it is valid.")
    var minutes: Int?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if Role(rawValue: role) == nil {
            throw ValidationError("--role: " + Role.allCases.map(\.rawValue).joined(separator: " | "))
        }
    }

    func perform(_ console: Console) async throws {
        guard let role = Role(rawValue: role) else { return }
        let answer = try await server.administration().post(
            "/classes/\(try ClassText.identifier(session))/links",
            LinkBody(role: role, name: name, number: number, validMinutes: minutes), as: LinkAnswer.self)
        if console.isJSON { return try console.json(answer) }
        console.say(answer.url)
    }
}
