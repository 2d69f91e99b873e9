import Foundation

/// A folder with the keys and certificates of a time-stamping authority, made with the openssl program:
/// `ca.crt`, `tsa.crt`, `tsa.key`, `tsa.cnf`, and `other.crt`, which has nothing to do with it.
package final class TimeStampFolder: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  private static let program = ["/usr/bin/openssl", "/usr/local/bin/openssl"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }
  /// Whether there is an openssl.
  package static var isPossible: Bool { program != nil }
  package static let absence = "openssl is not on this machine"

  package let path: String

  /// - Parameters:
  ///   - key: `ec` or `rsa`.
  ///   - hash: with which it signs.
  ///   - otherUsage: the extended key usage of one more certificate, `other-tsa`.
  package init(key: String = "ec", hash: String = "sha256", otherUsage: String? = nil) throws {
    path =
      FileManager.default.temporaryDirectory.appendingPathComponent("stamping-\(UUID().uuidString)")
      .path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    try write("tsa.cnf", Array(Self.configuration(hash, otherUsage ?? "timeStamping").utf8))
    try write("tsaserial", Array("01\n".utf8))
    let kind = key == "rsa" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    for name in ["ca", "other"] {
      try must(
        ["req", "-x509", "-newkey"] + kind + [
          "-nodes", "-days", "30", "-subj", "/CN=Root of Stamps \(name)", "-config", "tsa.cnf",
          "-extensions", "ca", "-keyout", "\(name).key", "-out", "\(name).crt",
        ])
    }
    try issue("tsa", kind)
    if otherUsage != nil { try issue("other-tsa", kind) }
  }

  private func issue(_ name: String, _ kind: [String]) throws {
    try must(
      ["req", "-newkey"] + kind + [
        "-nodes", "-subj", "/CN=Stamps", "-config", "tsa.cnf", "-keyout", "\(name).key", "-out",
        "\(name).csr",
      ])
    try must([
      "x509", "-req", "-in", "\(name).csr", "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial",
      "-days", "30", "-extfile", "tsa.cnf", "-extensions", name, "-out", "\(name).crt",
    ])
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  private static func configuration(_ hash: String, _ usage: String) -> String {
    """
    [req]
    distinguished_name=dn
    [dn]
    [ca]
    basicConstraints=critical,CA:TRUE
    keyUsage=critical,keyCertSign,cRLSign
    [tsa]
    basicConstraints=critical,CA:FALSE
    keyUsage=critical,digitalSignature
    extendedKeyUsage=critical,timeStamping
    [other-tsa]
    basicConstraints=critical,CA:FALSE
    keyUsage=critical,digitalSignature
    extendedKeyUsage=critical,\(usage)
    [stamping]
    default_tsa=one
    [one]
    dir=.
    serial=$dir/tsaserial
    crypto_device=builtin
    signer_cert=$dir/tsa.crt
    signer_key=$dir/tsa.key
    certs=$dir/ca.crt
    signer_digest=\(hash)
    default_policy=1.3.6.1.4.1.99999.1
    digests=sha256
    accuracy=secs:1
    ordering=no
    tsa_name=yes
    ess_cert_id_chain=no
    ess_cert_id_alg=sha256

    """
  }

  /// The authority's reply to a request.
  package func stamp(_ request: [UInt8]) throws -> [UInt8] {
    try write("request.tsq", request)
    try must([
      "ts", "-reply", "-queryfile", "request.tsq", "-config", "tsa.cnf", "-section", "one", "-out",
      "reply.tsr",
    ])
    return try read("reply.tsr")
  }

  /// A reply signed with the other certificate, which openssl itself would not take for it: what the
  /// authority says is signed again as CMS.
  package func forge(_ request: [UInt8]) throws -> [UInt8] {
    _ = try stamp(request)
    try must(["ts", "-reply", "-in", "reply.tsr", "-token_out", "-out", "token.der"])
    try must([
      "cms", "-verify", "-inform", "DER", "-in", "token.der", "-noverify", "-out", "info.der",
    ])
    try must([
      "cms", "-sign", "-binary", "-nodetach", "-in", "info.der", "-signer", "other-tsa.crt",
      "-inkey", "other-tsa.key", "-md", "sha256", "-econtent_type", "1.2.840.113549.1.9.16.1.4",
      "-cades", "-outform", "DER", "-out", "forged.der",
    ])
    // Status granted, and the token: the length takes two bytes.
    let body: [UInt8] = [0x30, 0x03, 0x02, 0x01, 0x00] + (try read("forged.der"))
    return [0x30, 0x82, UInt8(body.count >> 8), UInt8(body.count & 0xFF)] + body
  }

  package func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
  }

  package func read(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)")))
  }

  private func must(_ arguments: [String]) throws {
    let outcome = try openssl(arguments)
    guard outcome.status == 0 else {
      throw Failure(description: "openssl \(arguments.first ?? ""): \(outcome.output)")
    }
  }

  /// Runs openssl in the folder.
  package func openssl(_ arguments: [String]) throws -> (status: Int32, output: String) {
    let (status, output) = try ChildProcess.run(
      Self.program ?? "openssl", arguments, in: path, mixed: true)
    return (status, String(decoding: output, as: UTF8.self))
  }
}
