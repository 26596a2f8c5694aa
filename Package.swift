// swift-tools-version: 6.1
import PackageDescription

// The strictest the compiler has; `docs/style.md` says why.
let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// What only `./run fuzz` compiles or reads.
let fuzzFiles = [
    "Fuzz/FuzzProgram.swift", "Fuzz/FuzzVerdicts.swift", "Fuzz/inputs", "Fuzz/make_seeds.py",
]

let package = Package(
    name: "LiveRelay",
    products: [
        .executable(name: "liverelay", targets: ["LiveRelayCommand"]),
        .library(name: "WebSocketCore", targets: ["WebSocketCore"]),
        .library(name: "LiveRelayClient", targets: ["LiveRelayClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
        .package(url: "https://github.com/vapor/jwt-kit", exact: "5.7.1"),
    ],
    targets: [
        // C libraries of the system, and the few calls Swift cannot see.
        .systemLibrary(name: "COpus", pkgConfig: "opus", providers: [.apt(["libopus-dev"])]),
        .systemLibrary(name: "COgg", pkgConfig: "ogg", providers: [.apt(["libogg-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "CNet"),
        .target(name: "CDisk"),

        // The cores: what a class is; bytes and sockets. They never meet.
        .target(name: "SessionModel", swiftSettings: strict),
        .target(
            name: "WebSocketCore", dependencies: ["CNet", "COpenSSL", "CZlib"], swiftSettings: strict),

        // The class on disk; the wire; one who takes part.
        .target(
            name: "Recorder",
            dependencies: [
                "SessionModel", "CDisk", "COgg", "COpus", "COpenSSL",
                .product(name: "GRDB", package: "GRDB.swift"),
            ], swiftSettings: strict),
        .target(name: "LiveRelayWire", dependencies: ["SessionModel"], swiftSettings: strict),
        .target(
            name: "LiveRelayClient", dependencies: ["LiveRelayWire", "SessionModel", "WebSocketCore"],
            swiftSettings: strict),

        // The server, and the command that runs it.
        .target(
            name: "LiveRelay",
            dependencies: [
                "SessionModel", "WebSocketCore", "Recorder", "LiveRelayWire", "COpenSSL",
                .product(name: "JWTKit", package: "jwt-kit"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Web"], swiftSettings: strict, plugins: ["EmbedAssetsPlugin"]),

        // The pages and the demo's speech, made a part of the program at build time.
        .executableTarget(name: "EmbedAssets", swiftSettings: strict),
        .plugin(name: "EmbedAssetsPlugin", capability: .buildTool(), dependencies: ["EmbedAssets"]),

        .executableTarget(
            name: "LiveRelayCommand",
            dependencies: [
                "LiveRelay", "LiveRelayClient", "LiveRelayWire", "SessionModel", "Recorder", "WebSocketCore",
                "COpus", "COgg",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ], swiftSettings: strict),
        .executableTarget(
            name: "load-tests",
            dependencies: [
                "LiveRelayClient", "LiveRelayWire", "Recorder", "SessionModel", "WebSocketCore",
                .product(name: "Histogram", package: "hdrhistogram-swift"),
            ],
            path: "load-tests", exclude: ["bench", "floor", "interop", "README.md", "RESULTS.md"],
            swiftSettings: strict),
        // The least a fan-out can cost: one system call for each delivery and nothing else.
        .executableTarget(
            name: "fan-out-floor", path: "load-tests/floor",
            linkerSettings: [.linkedLibrary("ssl"), .linkedLibrary("crypto")]),

        // What several test targets share: a disk in memory, seeded numbers.
        .target(
            name: "TestSupport", dependencies: ["Recorder"], path: "Tests/TestSupport",
            swiftSettings: strict),
        .testTarget(name: "SessionModelTests", dependencies: ["SessionModel"], swiftSettings: strict),
        .testTarget(
            name: "WebSocketCoreTests", dependencies: ["WebSocketCore", "COpenSSL"],
            exclude: fuzzFiles, swiftSettings: strict),
        .testTarget(
            name: "RecorderTests", dependencies: ["Recorder", "SessionModel", "TestSupport"],
            swiftSettings: strict),
        .testTarget(
            name: "LiveRelayTests",
            dependencies: [
                "LiveRelay", "LiveRelayClient", "LiveRelayCommand", "LiveRelayWire", "Recorder",
                "SessionModel", "TestSupport", "WebSocketCore",
            ],
            exclude: ["Golden", "Simulation/Simulate.swift"], swiftSettings: strict),
    ]
)

// `./run simulate` builds the simulation as a program of its own, optimised and on all processors; it takes
// the place of the tests, since a file belongs to one target.
if Context.environment["LIVERELAY_SIMULATION"] != nil {
    package.targets.removeAll { $0.type == .test }
    package.targets.append(
        .executableTarget(
            name: "simulate",
            dependencies: [
                "LiveRelay", "LiveRelayClient", "LiveRelayWire", "Recorder", "SessionModel", "TestSupport",
                "WebSocketCore",
            ],
            path: "Tests/LiveRelayTests/Simulation",
            exclude: [
                "AnonymityTests.swift", "PowerCutTests.swift", "Simulation.swift",
                "Simulation+Checkers.swift", "SimulatedClient.swift", "SimulationTests.swift",
                "WorldTests.swift",
            ],
            swiftSettings: strict))
}

// What `./run test` runs under a sanitizer, and `./run fuzz` instruments, is built without everything else.
let isFuzzed = Context.environment["LIVERELAY_FUZZ"] != nil
if isFuzzed || Context.environment["LIVERELAY_CORE"] != nil {
    let core = ["CNet", "COpenSSL", "CZlib", "WebSocketCore", "WebSocketCoreTests"]
    package.products = []
    package.dependencies = []
    package.targets.removeAll { !core.contains($0.name) }
}

// The checks of `Tests/WebSocketCoreTests/Fuzz` as a program of libFuzzer's, in place of the tests.
if isFuzzed {
    package.targets.removeAll { $0.type == .test }
    package.targets.append(
        .executableTarget(
            name: "fuzz", dependencies: ["WebSocketCore"], path: "Tests/WebSocketCoreTests/Fuzz",
            exclude: ["FuzzReplayTests.swift", "inputs", "make_seeds.py"],
            swiftSettings: strict + [.unsafeFlags(["-parse-as-library"])]))
}
