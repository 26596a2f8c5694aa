import Testing

@testable import WebSocketCore

@Suite struct WebSocketExtensionTests {
    private func text(_ fields: String...) -> String? {
        WebSocketExtension.list(fields)?.map { element in
            element.name
                + element.parameters.map { ";\($0.name)" + ($0.value.map { "=\($0)" } ?? "") }.joined()
        }.joined(separator: ",")
    }

    @Test func listsAreReadWithTheirParametersInOrder() {
        #expect(WebSocketExtension.list([]) == [])
        #expect(text("foo") == "foo")
        #expect(text("foo, bar; baz=2") == "foo,bar;baz=2")
        #expect(text("foo;a;a=1 ; b = \"x\" ,\tbar") == "foo;a;a=1;b=x,bar")
        #expect(text("foo", "bar, baz") == "foo,bar,baz")
        #expect(text("foo; a=\"b\\c\"") == "foo;a=bc")
        #expect(text(", ,foo,,bar,") == "foo,bar")
    }

    @Test func whatBreaksTheGrammarIsRefused() {
        let faulty = [
            "", " ", ",", ";", "foo;", "foo; ", "foo;;a", "foo; =1", "foo; a=", "foo; a= ,bar", "foo bar",
            "foo; a=\"", "foo; a=\"\"", "foo; a=\"b", "foo; a=\"b c\"", "foo; a=\"b,c\"", "foo; a=\"b\\",
            "foo; a=\"b\"c", "foo; a=b c", "foo=1", "\"foo\"", "foo; \"a\"", "foo; a=(b)", "fo/o", "林",
            "foo; a=\"\\\u{7}\"",
        ]
        for field in faulty { #expect(text(field) == nil, "\(field)") }
        #expect(text("foo", "bar;") == nil)
    }

    @Test func noBytesEndTheProgram() {
        let alphabet = Array("ab=;,\"\\ \t7/".unicodeScalars)
        var generator = SeededGenerator(seed: 7_692)
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...12, using: &generator)
            let field = String(
                String.UnicodeScalarView(
                    (0..<count).map { _ in alphabet.randomElement(using: &generator) ?? "a" }))
            guard let elements = WebSocketExtension.list([field]) else { continue }
            #expect(!elements.isEmpty, "seed 7692: \(field)")
            #expect(
                elements.allSatisfy { $0.name.utf8.allSatisfy(HeadReader.isToken) }, "seed 7692: \(field)")
        }
    }
}
