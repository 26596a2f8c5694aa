/// What a fuzzer has found to be untrue.
struct FuzzFault: Error, Equatable, CustomStringConvertible {
    let description: String
}

/// Throws what is said unless the condition holds.
func require(_ condition: Bool, _ fault: @autoclosure () -> String) throws(FuzzFault) {
    guard condition else { throw FuzzFault(description: fault()) }
}
