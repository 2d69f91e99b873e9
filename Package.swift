// swift-tools-version: 6.2
import Foundation
import PackageDescription

// PEERCHART_PURE=1 leaves out everything that does I/O and its dependencies, so that the modules
// which only compute build and test in well under two minutes (`make test-pure`, `make fuzz`).
// PEERCHART_FUZZ=1 does the same, instruments those modules and adds the harnesses of Tests/Fuzz.
let fuzzing = ProcessInfo.processInfo.environment["PEERCHART_FUZZ"] == "1"
let pureOnly = fuzzing || ProcessInfo.processInfo.environment["PEERCHART_PURE"] == "1"

let swiftSettings: [SwiftSetting] =
  [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
  ] + (fuzzing ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
let cryptoExtras: Target.Dependency = .product(name: "CryptoExtras", package: "swift-crypto")
let x509: Target.Dependency = .product(name: "X509", package: "swift-certificates")
let asn1: Target.Dependency = .product(name: "SwiftASN1", package: "swift-asn1")

func module(
  _ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []
) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

/// - Parameter computes: whether the tests themselves compute much. Optimizing the others would take
///   minutes of every build and save seconds of every run.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], computes: Bool = false
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies,
    swiftSettings: swiftSettings + (computes ? [] : [.unsafeFlags(["-Onone"])]))
}

func system(_ name: String, package: String, pkgConfig: String? = nil) -> Target {
  .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

/// A libFuzzer harness: Tests/Fuzz/NAME, run by `make fuzz`.
func fuzz(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(
    name: name, dependencies: dependencies + ["FuzzDriver"], path: "Tests/Fuzz/\(name)",
    swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])],
    linkerSettings: [.unsafeFlags(["-sanitize=fuzzer"])])
}

let fuzzTargets: [Target] = [
  .target(name: "FuzzDriver", path: "Tests/Fuzz/FuzzDriver", swiftSettings: swiftSettings),
  fuzz("PrimitivesFuzz", ["Primitives"]),
  fuzz("FHIRFuzz", ["FHIR", "Primitives"]),
  fuzz("CheckpointFuzz", ["TransparencyLog", "Primitives", crypto]),
  fuzz("InvitationFuzz", ["Identity", "Primitives"]),
  fuzz("PasskeyFuzz", ["Identity", "Primitives"]),
  fuzz("OAuthFuzz", ["Identity", "Primitives"]),
  fuzz("HealthCardFuzz", ["ClinicalFormats", "Primitives"]),
  fuzz("SecFuzz", ["SecDocument", "Primitives", crypto]),
]

// The order is the order of the arrows in docs/architecture.md: a module may use what stands above it.
let pureTargets: [Target] = [
  system("CArgon2", package: "libargon2-dev", pkgConfig: "libargon2"),
  system("CSodium", package: "libsodium-dev", pkgConfig: "libsodium"),
  system("CZstd", package: "libzstd-dev", pkgConfig: "libzstd"),
  system("CSecp256k1", package: "libsecp256k1-dev", pkgConfig: "libsecp256k1"),
  system("CLibXML2", package: "libxml2-dev", pkgConfig: "libxml-2.0"),
  system("CZlib", package: "zlib1g-dev", pkgConfig: "zlib"),
  module("Primitives", []),
  module("FHIR", ["Primitives", "CLibXML2"]),
  module("TransparencyLog", ["Primitives", "CSecp256k1", crypto, x509, asn1]),
  module("SecDocument", ["Primitives", "CArgon2", crypto]),
  module("Vault", ["Primitives", "CArgon2", "CSodium", "CZstd", crypto]),
  module("Identity", ["Primitives", "CArgon2", crypto, cryptoExtras, x509, asn1]),
  module("Consent", ["Primitives", "FHIR", crypto]),
  module("Audit", ["Primitives", "TransparencyLog", crypto]),
  module("ClinicalFormats", ["Primitives", "FHIR", "Identity", "CZlib", crypto, x509, asn1]),
  // What the tests of several modules lean on: where other people's files are, services to start.
  .systemLibrary(name: "CSpawn", path: "Tests/CSpawn"),
  .target(
    name: "TestSupport", dependencies: ["CSpawn"], path: "Tests/Support",
    swiftSettings: swiftSettings),
  // A slow second opinion on searches, for the tests of several modules. It uses none of them.
  .target(name: "SearchOracle", path: "Tests/SearchOracle", swiftSettings: swiftSettings),
  tests("ArchitectureTests", ["TestSupport"]),
  tests("PrimitivesTests", ["Primitives"]),
  tests("FHIRTests", ["FHIR", "Primitives", "SearchOracle", "TestSupport"], computes: true),
  tests(
    "TransparencyLogTests", ["TransparencyLog", "Primitives", "TestSupport", crypto], computes: true
  ),
  tests("SecDocumentTests", ["SecDocument", "Primitives", "TestSupport", crypto], computes: true),
  tests("VaultTests", ["Vault", "Primitives", crypto], computes: true),
  tests(
    "IdentityTests", ["Identity", "Primitives", "TestSupport", crypto, cryptoExtras, x509, asn1]),
  tests("ConsentTests", ["Consent", "FHIR", "Primitives", crypto], computes: true),
  tests(
    "AuditTests", ["Audit", "TransparencyLog", "Primitives", "TestSupport", crypto], computes: true
  ),
  tests(
    "ClinicalFormatsTests",
    ["ClinicalFormats", "Identity", "FHIR", "Primitives", "TestSupport", crypto], computes: true),
]

let nodeTargets: [Target] = [
  system("CQREncode", package: "libqrencode-dev", pkgConfig: "libqrencode"),
  system("CLibPQ", package: "libpq-dev", pkgConfig: "libpq"),
  module(
    "Exchange",
    [
      "Primitives", "FHIR", "TransparencyLog", "SecDocument", "Vault", "Identity", "Consent",
      "Audit", "ClinicalFormats", crypto,
    ]),
  module(
    "Storage",
    [
      "Primitives", "Exchange", "CLibPQ", crypto,
      .product(name: "AsyncHTTPClient", package: "async-http-client"),
      .product(name: "GRDB", package: "GRDB.swift"),
      .product(name: "GRDBSQLite", package: "GRDB.swift"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
    ]),
  module(
    "PeerNetwork",
    [
      "Primitives", "TransparencyLog", "Identity", "Exchange",
      .product(name: "AsyncHTTPClient", package: "async-http-client"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "Logging", package: "swift-log"),
    ]),
  module(
    "Web",
    [
      "Primitives", "FHIR", "TransparencyLog", "Identity", "Consent", "Audit", "ClinicalFormats",
      "Exchange", "CZlib",
      "CQREncode",
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "HummingbirdTLS", package: "hummingbird"),
      .product(name: "Mustache", package: "swift-mustache"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "Logging", package: "swift-log"),
    ],
    // Scripts/embed-portal writes them into Swift.
    exclude: ["Portal/Templates", "Portal/Assets", "Portal/Strings"]),
  module(
    "Node",
    [
      "Primitives", "FHIR", "TransparencyLog", "SecDocument", "Vault", "Identity", "Consent",
      "Audit", "Exchange", "Storage", "PeerNetwork", "Web", crypto,
      .product(name: "Hummingbird", package: "hummingbird"),
      .product(name: "Logging", package: "swift-log"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ]),
  tests(
    "WebTests",
    [
      "Web", "PeerNetwork", "Exchange", "FHIR", "Primitives", "Node", "Identity", "Consent",
      "Audit", crypto,
      .product(name: "Logging", package: "swift-log"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
    ]),
  tests(
    "StorageTests",
    [
      "Storage", "Exchange", "TransparencyLog", "Primitives", "TestSupport", "CLibPQ", crypto,
      .product(name: "GRDBSQLite", package: "GRDB.swift"),
    ]),
  tests(
    "ExchangeTests",
    [
      "Node", "Web", "PeerNetwork", "Exchange", "Storage", "Audit", "Consent", "Identity", "Vault",
      "SecDocument", "TransparencyLog", "ClinicalFormats", "FHIR", "Primitives", "SearchOracle",
      "TestSupport",
      "CLibPQ", crypto,
      .product(name: "GRDB", package: "GRDB.swift"),
      .product(name: "Logging", package: "swift-log"),
    ]),
  tests("FlowTests", ["SearchOracle", "TestSupport"]),
  .executableTarget(
    name: "peerchart-bench",
    dependencies: [
      "Primitives", "FHIR", "SecDocument", "Vault", "Identity", "Consent", "Audit", "Exchange",
      "Storage", "TransparencyLog", "Node", crypto,
      .product(name: "GRDBSQLite", package: "GRDB.swift"),
      .product(name: "NIOCore", package: "swift-nio"),
      .product(name: "NIOHTTP1", package: "swift-nio"),
      .product(name: "NIOPosix", package: "swift-nio"),
      .product(name: "NIOSSL", package: "swift-nio-ssl"),
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
    ],
    path: "Benchmarks",
    swiftSettings: swiftSettings),
  .executableTarget(
    name: "peerchart",
    dependencies: [
      "Primitives", "FHIR", "TransparencyLog", "SecDocument", "Vault", "Identity", "Consent",
      "Audit", "ClinicalFormats", "Exchange", "PeerNetwork", "Web", "Node", "CQREncode",
      .product(name: "ArgumentParser", package: "swift-argument-parser"),
      .product(name: "Logging", package: "swift-log"),
    ],
    swiftSettings: swiftSettings),
]

let package = Package(
  name: "peerchart",
  platforms: [.macOS(.v15)],
  products: pureOnly ? [] : [.executable(name: "peerchart", targets: ["peerchart"])],
  dependencies: [
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
    .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
  ]
    + (pureOnly
      ? []
      : [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(
          url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
      ]),
  targets: pureTargets + (pureOnly ? [] : nodeTargets) + (fuzzing ? fuzzTargets : [])
)
