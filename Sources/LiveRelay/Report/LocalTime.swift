import Foundation
import SessionModel

/// Writes moments as people of the class's time zone read them.
struct LocalTime {
    private let zone: TimeZone

    /// Times of an IANA zone; of UTC where the system does not know it.
    init(zone name: String) { zone = TimeZone(identifier: name) ?? .gmt }

    /// `2026-11-23 09:00:05`; what is left of a second is cut off.
    func text(_ wall: WallTime) -> String {
        let (date, seconds) = parts(wall)
        return date + " " + Self.clock(seconds)
    }

    /// `09:00:05`, or with the date before it where it is not the one given: classes may go on past midnight.
    func text(_ wall: WallTime, onDateOf other: WallTime) -> String {
        let (date, seconds) = parts(wall)
        return parts(other).date == date ? Self.clock(seconds) : date + " " + Self.clock(seconds)
    }

    /// The years 1 to 9999, which calendars agree on; what lies beyond is written as the nearest of them.
    private static let range: ClosedRange<Int64> = -62_135_596_800_000...253_402_300_799_999

    private func parts(_ wall: WallTime) -> (date: String, seconds: Int64) {
        let known = min(max(wall.milliseconds, Self.range.lowerBound), Self.range.upperBound)
        let utcSeconds = Self.floorDivide(known, 1_000)
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(utcSeconds)))
        let seconds = utcSeconds &+ Int64(offset)
        let days = Self.floorDivide(seconds, 86_400)
        return (Self.date(daysSince1970: days), seconds &- days &* 86_400)
    }

    private static func clock(_ seconds: Int64) -> String {
        [seconds / 3_600, seconds / 60 % 60, seconds % 60].map { padded($0, 2) }.joined(separator: ":")
    }

    /// The proleptic Gregorian calendar in years that begin in March, so that the leap day comes last.
    private static func date(daysSince1970 days: Int64) -> String {
        let shifted = days &+ 719_468
        let era = floorDivide(shifted, 146_097)
        let dayOfEra = shifted &- era &* 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        let year = yearOfEra &+ era &* 400 &+ (month <= 2 ? 1 : 0)
        return padded(year, 4) + "-" + padded(month, 2) + "-" + padded(day, 2)
    }

    private static func floorDivide(_ number: Int64, _ divisor: Int64) -> Int64 {
        let quotient = number / divisor
        return number % divisor < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
