import Glibc

/// Times as fields write them (RFC 9110 §5.6.7), as seconds since 1970.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let longDays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    /// A year of two digits lies at most so far ahead; else it is of the century before.
    private static let yearsAheadMaximum = 50

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, whatever the locale.
    static func format(_ seconds: Int) -> String {
        let parts = civil(seconds)
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        let date = "\(twoDigits(parts.tm_mday)) \(months[Int(parts.tm_mon)]) \(1_900 + parts.tm_year)"
        return "\(days[Int(parts.tm_wday)]), \(date) \(clock) GMT"
    }

    /// Reads any of the three forms; nil for anything else. `now` settles the century of a year of two
    /// digits.
    static func parse(_ text: String, now: Int) -> Int? {
        let words = text.split(separator: " ", omittingEmptySubsequences: true).map(String.init)
        guard let first = words.first else { return nil }
        switch words.count {
        case 6 where first.hasSuffix(",") && days.contains(String(first.dropLast())) && words[5] == "GMT":
            // Sun, 06 Nov 1994 08:49:37 GMT
            return seconds(digits(words[3], 4), words[2], digits(words[1], 2), words[4])
        case 4 where first.hasSuffix(",") && longDays.contains(String(first.dropLast())) && words[3] == "GMT":
            // Sunday, 06-Nov-94 08:49:37 GMT
            let parts = words[1].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 3, let short = digits(parts[2], 2) else { return nil }
            let present = Int(civil(now).tm_year) + 1_900
            let ahead = present - present % 100 + short
            let year = ahead > present + yearsAheadMaximum ? ahead - 100 : ahead
            return seconds(year, parts[1], digits(parts[0], 2), words[2])
        case 5 where days.contains(first):
            // Sun Nov  6 08:49:37 1994
            return seconds(digits(words[4], 4), words[1], digits(words[2], words[2].utf8.count), words[3])
        default:
            return nil
        }
    }

    private static func seconds(_ year: Int?, _ month: String, _ day: Int?, _ clock: String) -> Int? {
        guard let year, let day, let month = months.firstIndex(of: month), (1...31).contains(day),
            (1_900...9_999).contains(year)
        else { return nil }
        let parts = clock.split(separator: ":", omittingEmptySubsequences: false).map {
            digits(String($0), 2)
        }
        guard parts.count == 3, let hour = parts[0], let minute = parts[1], let second = parts[2],
            hour < 24, minute < 60, second <= 60
        else { return nil }
        let start = start(year, month + 1, day)
        // The 31st of a month of thirty days is no day.
        guard civil(start).tm_mday == Int32(day) else { return nil }
        return start + hour * 3_600 + minute * 60 + second
    }

    private static func digits(_ text: String, _ count: Int) -> Int? {
        guard text.utf8.count == count, (1...4).contains(count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    private static func twoDigits(_ number: Int32) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    // MARK: The calendar, which is the system's

    /// Seconds from 1970 to the beginning of a day; a day that its month does not have is one of the next.
    private static func start(_ year: Int, _ month: Int, _ day: Int) -> Int {
        var parts = tm()
        parts.tm_year = Int32(year - 1_900)
        parts.tm_mon = Int32(month - 1)
        parts.tm_mday = Int32(day)
        return timegm(&parts)
    }

    /// A moment in UTC.
    private static func civil(_ seconds: Int) -> tm {
        var seconds = seconds
        var parts = tm()
        gmtime_r(&seconds, &parts)
        return parts
    }
}
