import Foundation
import WebSocketCore

extension HTTPResponse {
    /// A JSON answer that no cache keeps.
    static func json(_ status: Int, _ value: some Encodable) -> HTTPResponse {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        // Our own types hold text, whole numbers and flags: they always have a JSON form.
        guard let data = try? encoder.encode(value) else { return HTTPResponse(status: 500) }
        return HTTPResponse(
            status: status,
            headers: ["content-type": "application/json", "cache-control": "no-store"],
            body: .bytes([UInt8](data)))
    }

    /// The answer with what every answer of ours says to browsers; with transport security they come by TLS
    /// only from then on (RFC 6797), by this name alone.
    func secured(_ saysTransportSecurity: Bool) -> HTTPResponse {
        var response = self
        if saysTransportSecurity {
            response.headers.set("strict-transport-security", "max-age=\(Self.transportSecuritySeconds)")
        }
        for (name, value) in Self.security where response.headers[name] == nil {
            response.headers.add(name, value)
        }
        return response
    }

    /// Half a year: it outlives a holiday, and yet a school that gives up TLS is not locked out for long.
    private static let transportSecuritySeconds = 15_552_000

    /// Scripts, styles and connections of our own only, no frames, no guessing of types, no address in
    /// `Referer`, and the microphone for our own pages only.
    private static let security: [(String, String)] = [
        (
            "content-security-policy",
            "default-src 'self'; connect-src 'self'; media-src 'self' blob:; worker-src 'self'; "
                + "img-src 'self' data:; object-src 'none'; frame-ancestors 'none'; base-uri 'none'; "
                + "form-action 'self'"
        ),
        ("x-content-type-options", "nosniff"),
        ("x-frame-options", "DENY"),
        ("referrer-policy", "no-referrer"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "microphone=(self), camera=(), geolocation=()"),
    ]
}

extension HTTPRequest {
    /// Reads a JSON body; the first thing that is wrong is named.
    func decoded<Value: Decodable>(_ type: Value.Type) throws(ApiFailure) -> Value {
        let mediaType = headers["content-type"]?.split(separator: ";").first.map { $0.lowercased() }
        guard mediaType?.trimmingCharacters(in: .whitespaces) == "application/json" else {
            throw ApiFailure(415, "mediaTypeUnsupported")
        }
        do {
            return try JSONDecoder().decode(Value.self, from: Data(body))
        } catch DecodingError.keyNotFound(let key, let context) {
            throw ApiFailure(400, "fieldMissing", field: Self.path(context.codingPath + [key]))
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            throw .fieldInvalid(Self.path(context.codingPath))
        } catch DecodingError.dataCorrupted(let context) where !context.codingPath.isEmpty {
            throw .fieldInvalid(Self.path(context.codingPath))
        } catch {
            throw .malformed
        }
    }

    private static func path(_ keys: [any CodingKey]) -> String {
        keys.map { $0.intValue.map { "\($0)" } ?? $0.stringValue }.joined(separator: ".")
    }

    /// A whole number of the query within bounds; the default where it is absent.
    func number(_ name: String, default value: Int, in range: ClosedRange<Int>) throws(ApiFailure) -> Int {
        guard let text = queryValue(name) else { return value }
        guard let number = Int(text), range.contains(number) else { throw .fieldInvalid(name) }
        return number
    }

    /// One cookie by its name (RFC 6265 §5.4).
    func cookie(_ name: String) -> String? {
        for field in headers.values("cookie") {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                guard parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name else {
                    continue
                }
                return parts[1].trimmingCharacters(in: .whitespaces)
            }
        }
        return nil
    }
}
