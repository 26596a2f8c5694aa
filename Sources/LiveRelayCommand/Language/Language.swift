/// The languages that the program speaks.
enum Language: String, CaseIterable, Sendable {
    /// 简体中文.
    case chinese = "zh"
    /// English.
    case english = "en"

    /// The language of somebody with these settings: what is said on the command line, else the locale.
    /// Chinese where nothing is said, since most of our people speak it.
    init(choice: String?, environment: [String: String]) {
        let names = [choice, environment["LC_ALL"], environment["LC_MESSAGES"], environment["LANG"]]
        let said = names.compactMap { $0 }.first { !$0.isEmpty }?.lowercased() ?? "zh"
        self = said.hasPrefix("en") ? .english : .chinese
    }
}
