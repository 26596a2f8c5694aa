import Testing

@testable import WebSocketCore

@Suite struct UTF8ValidatorTests {
    @Test func everyTwoAndThreeByteSequenceIsJudgedAsTheStandardLibraryDoes() {
        for first in UInt8(0x7F)...UInt8.max {
            for second in stride(from: UInt8(0x00), through: 0xFF, by: 1) {
                let two = [first, second]
                #expect(UTF8Validator.isValid(two[...]) == isValid(two), "\(two)")
                for third in [0x00, 0x7F, 0x80, 0x9F, 0xA0, 0xBF, 0xC0, 0xFF] as [UInt8] {
                    let three = [first, second, third]
                    if UTF8Validator.isValid(three[...]) != isValid(three) {
                        Issue.record("\(three)")
                    }
                }
            }
        }
    }

    @Test func charactersBeyondTheBasicPlaneMayBeCutAnywhere() {
        let text = utf8("课堂𬭎·林 end")
        let isValid = sameHoweverCut(text) { pieces in
            var validator = UTF8Validator()
            return pieces.allSatisfy { validator.accept($0[...]) } && validator.isComplete
        }
        #expect(isValid)
    }

    @Test func theFirstBadByteIsTheOneThatFails() {
        #expect(verdicts([0xF4, 0x90]) == [true, false], "beyond U+10FFFF at the second byte already")
        #expect(verdicts([0xED, 0xA0]) == [true, false], "a surrogate")
        #expect(verdicts([0xE0, 0x9F]) == [true, false], "an overlong form")
    }

    private func verdicts(_ bytes: [UInt8]) -> [Bool] {
        var validator = UTF8Validator()
        return bytes.map { validator.accept([$0]) }
    }

    private func isValid(_ bytes: [UInt8]) -> Bool {
        String(validating: bytes, as: UTF8.self) != nil
    }
}
