/// Times as fields write them (RFC 9110 §5.6.7), as seconds since 1970.
enum HTTPDate {
    private static let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    private static let longDays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]
    private static let secondsPerDay = 86_400
    /// A year of two digits lies at most so far ahead; else it is of the century before.
    private static let yearsAheadMaximum = 50

    /// `Sun, 06 Nov 1994 08:49:37 GMT`, whatever the locale.
    static func format(_ seconds: Int) -> String {
        let day = Int((Double(seconds) / Double(secondsPerDay)).rounded(.down))
        let clock = seconds - day * secondsPerDay
        let (year, month, dayOfMonth) = civil(day)
        let time = [clock / 3_600, clock / 60 % 60, clock % 60].map(twoDigits).joined(separator: ":")
        let name = days[((day + 4) % 7 + 7) % 7]
        return "\(name), \(twoDigits(dayOfMonth)) \(months[month - 1]) \(year) \(time) GMT"
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
            let present = civil(now / secondsPerDay).year
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
        let number = dayNumber(year, month + 1, day)
        // The 31st of a month of thirty days is no day.
        guard civil(number).day == day else { return nil }
        return number * secondsPerDay + hour * 3_600 + minute * 60 + second
    }

    private static func digits(_ text: String, _ count: Int) -> Int? {
        guard text.utf8.count == count, (1...4).contains(count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }

    // MARK: The calendar

    /// Days from 1970-01-01 to a date of the Gregorian calendar, counted in years that begin in March, so
    /// that a leap day is the last of its year.
    private static func dayNumber(_ year: Int, _ month: Int, _ day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = year / 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let yearOfEra = year - era * 400
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date of a day since 1970-01-01.
    private static func civil(_ day: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1)
    }
}
