/// Where things that happen on a loop arrive for a test, in order.
actor Inbox<Element: Sendable> {
    /// Nothing came in time.
    struct Silence: Error, CustomStringConvertible {
        let description: String
    }

    private var waiting: [Element] = []
    private var receiver: (number: Int, continuation: CheckedContinuation<Element?, Never>)?
    private var lastNumber = 0

    /// Puts something in, from anywhere, in the order of the calls of one thread.
    nonisolated func put(_ element: Element) {
        stream.yield(element)
    }

    private nonisolated let stream: AsyncStream<Element>.Continuation

    init() {
        let (elements, stream) = AsyncStream<Element>.makeStream()
        self.stream = stream
        Task { [weak self] in
            for await element in elements { await self?.take(element) }
        }
    }

    deinit {
        stream.finish()
    }

    /// The next thing, or `Silence` after the time.
    func next(within limit: Duration = .seconds(10), _ what: String = "nothing came") async throws -> Element
    {
        if !waiting.isEmpty { return waiting.removeFirst() }
        lastNumber += 1
        let number = lastNumber
        let deadline = Task {
            try? await Task.sleep(for: limit)
            self.giveUp(number)
        }
        defer { deadline.cancel() }
        let element = await withCheckedContinuation { receiver = (number, $0) }
        guard let element else { throw Silence(description: what) }
        return element
    }

    private func take(_ element: Element) {
        guard let receiver else { return waiting.append(element) }
        self.receiver = nil
        receiver.continuation.resume(returning: element)
    }

    private func giveUp(_ number: Int) {
        guard let receiver, receiver.number == number else { return }
        self.receiver = nil
        receiver.continuation.resume(returning: nil)
    }
}
