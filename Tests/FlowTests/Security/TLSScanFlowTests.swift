import Foundation
import TestSupport
import Testing

/// sslyze, which shares no code with us, looks at the program's TLS.
@Suite(
  .enabled(if: Program.isThere, "\(Program.absence)"),
  .enabled(
    if: TLSScanner.isAvailable,
    "needs a Python with `sslyze`; PEERCHART_PYTHON names the interpreter"))
struct TLSScanFlowTests {
  struct Report: Decodable {
    let versions: [String: [String]]
    let curves: [String]
    let weaknesses: [String]
    let keyBits: Int
    let signatureHash: String?
    let isValidForName: Bool
    let isChainTrusted: Bool
    let early: Bool?
    let errors: [String]
  }

  @Test func onlyTLS13AndNothingWeak() async throws {
    let node = try await FlowNode()
    try await node.serve()
    let script = Program.root.appendingPathComponent("Tests/Interop/check_tls.py").path
    let outcome = try await Program.run(
      "/usr/bin/env", [TLSScanner.interpreter, script, node.address, node.ca])
    #expect(outcome.status == 0, "\(outcome.errors)")
    let report = try JSONDecoder().decode(Report.self, from: Data(outcome.output.utf8))
    print("sslyze: \(report.versions.filter { !$0.value.isEmpty }), \(report.curves)")
    #expect(report.errors == [])
    #expect(report.versions.count == 6)
    for version in ["SSL 2.0", "SSL 3.0", "TLS 1.0", "TLS 1.1", "TLS 1.2"] {
      #expect(report.versions[version] == [], "\(version)")
    }
    let suites = Set(report.versions["TLS 1.3"] ?? [])
    #expect(
      !suites.isEmpty
        && suites.isSubset(of: [
          "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256",
        ]), "\(suites)")
    #expect(!report.curves.isEmpty)
    for curve in report.curves {
      #expect(
        ["X25519", "X448", "prime256v1", "secp256r1", "secp384r1", "secp521r1"].contains(curve),
        "\(curve)")
    }
    // Heartbleed, CCS injection, ROBOT, compression, renegotiation, early data.
    #expect(report.weaknesses == [])
    #expect(report.keyBits >= 256 && report.signatureHash == "sha256")
    #expect(report.isChainTrusted && report.isValidForName)
  }
}

/// A Python that has sslyze.
private enum TLSScanner {
  static let interpreter =
    ProcessInfo.processInfo.environment["PEERCHART_PYTHON"] ?? "python3"

  static let isAvailable =
    (try? ChildProcess.run(interpreter, ["-c", "import sslyze"]))?.status == 0
}
