import Testing
import WebSocketCore

@testable import LiveRelay

@Suite struct HostPolicyTests {
    private func admits(
        _ host: String, _ publicURL: String? = nil, allowed: [String] = [], isLoopbackOnly: Bool = false
    ) -> Bool {
        let configuration = Configuration(
            dataFolder: "data", host: "lesson", publicURL: publicURL, allowedHosts: allowed)
        return HostPolicy(configuration, isLoopbackOnly: isLoopbackOnly).admits(Authority(host))
    }

    @Test func addressesAreAlwaysRight() {
        for host in [
            "127.0.0.1:8443", "[::1]", "192.168.1.20:8443", "203.0.113.7", "localhost", "x.localhost:1",
        ] {
            #expect(admits(host, isLoopbackOnly: true), "\(host)")
            #expect(admits(host, "https://class.example"), "\(host)")
        }
    }

    @Test func aSchoolMayCallItsServerAsItLikes() {
        #expect(admits("jiaoxue.school.lan:8443"))
        #expect(admits("jiaoxue.school.lan:8443", "https://class.example"), "a name for links is no list")
    }

    @Test func namesAreCheckedWhereTheyAreKnown() {
        #expect(!admits("evil.example", isLoopbackOnly: true))
        #expect(admits("LESSON.", isLoopbackOnly: true), "the name it listens at")
        #expect(!admits("evil.example", "https://class.example:8443/x", isLoopbackOnly: true))
        #expect(admits("Class.Example", "https://class.example:8443/x", isLoopbackOnly: true))
        #expect(!admits("evil.example", allowed: ["class.lan"]))
        #expect(!admits("evil.class.lan", allowed: ["class.lan"]))
        #expect(admits("class.lan:8443", allowed: ["CLASS.lan"]))
        #expect(admits("evil.example", "https://class.example", allowed: ["*"], isLoopbackOnly: true))
    }

    @Test func settingsThatMeanNothingAreRefused() {
        for configuration in [
            Configuration(dataFolder: "d", allowedHosts: ["a:1"]),
            Configuration(dataFolder: "d", allowedHosts: ["a/b"]),
            Configuration(dataFolder: "d", allowedOrigins: ["class.example"]),
            Configuration(dataFolder: "d", allowedOrigins: ["https://class.example/x"]),
            Configuration(dataFolder: "d", proxies: ProxyTrust(usesProxyHeader: true)),
        ] {
            #expect(throws: ServerFailure.self) { try configuration.check() }
        }
    }
}
