import Foundation

/// Times as people write and read them.
enum TimeText {
    /// The moment of `2026-11-23T09:00`, `2026-11-23 09:00`, or of `09:00` today, in a zone.
    static func milliseconds(_ text: String, zone: TimeZone, now: Date) -> Int64? {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        let parts = text.split { $0 == "T" || $0 == " " }.map(String.init)
        var components: DateComponents
        guard let clock = parts.last, let (hour, minute) = time(clock) else { return nil }
        switch parts.count {
        case 1: components = calendar.dateComponents([.year, .month, .day], from: now)
        case 2:
            let numbers = parts[0].split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 3, let year = numbers[0], let month = numbers[1], let day = numbers[2]
            else { return nil }
            components = DateComponents(year: year, month: month, day: day)
        default: return nil
        }
        components.hour = hour
        components.minute = minute
        guard components.isValidDate(in: calendar) || parts.count == 1,
            let date = calendar.date(from: components)
        else { return nil }
        return Int64((date.timeIntervalSince1970 * 1_000).rounded())
    }

    /// `2026年11月23日 周一 09:00`, or `Mon 23 Nov 2026 09:00`.
    static func moment(_ milliseconds: Int64, zone name: String, _ language: Language) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(identifier: name) ?? calendar.timeZone
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        let parts = calendar.dateComponents([.year, .month, .day, .weekday, .hour, .minute], from: date)
        guard let year = parts.year, let month = parts.month, let day = parts.day, let hour = parts.hour,
            let weekday = parts.weekday, let minute = parts.minute
        else { return "" }
        let clock = "\(twoDigits(hour)):\(twoDigits(minute))"
        switch language {
        case .chinese:
            let days = ["日", "一", "二", "三", "四", "五", "六"]
            return "\(year)年\(month)月\(day)日 周\(days[(weekday + 6) % 7]) \(clock)"
        case .english:
            let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
            let months = [
                "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
            ]
            return "\(days[(weekday + 6) % 7]) \(day) \(months[(month + 11) % 12]) \(year) \(clock)"
        }
    }

    /// `00:21:36`.
    static func span(_ milliseconds: Int64) -> String {
        let seconds = max(milliseconds, 0) / 1_000
        return [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { twoDigits(Int($0)) }
            .joined(separator: ":")
    }

    /// The milliseconds of `90`, `12:48` or `1:02:03`.
    static func offset(_ text: String) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
        guard (1...3).contains(parts.count) else { return nil }
        var seconds: Int64 = 0
        for part in parts {
            guard let part, (0..<360_000).contains(part) else { return nil }
            seconds = seconds * 60 + part
        }
        return seconds * 1_000
    }

    private static func time(_ text: String) -> (Int, Int)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) }
        guard parts.count == 2, let hour = parts[0], let minute = parts[1], (0...23).contains(hour),
            (0...59).contains(minute)
        else { return nil }
        return (hour, minute)
    }

    private static func twoDigits(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
