import Foundation
import Identity
import Primitives
import Testing

@Suite("Certificates, checked by openssl", .enabled(if: OpenSSL.path != nil, "there is no openssl"))
struct CertificateTests {
  /// The clock that openssl is told to use, so that the test holds in any year.
  private let time = String(TestNode.now.millisecondsSinceEpoch / 1000)

  private func files(_ node: TestNode) -> [String: [UInt8]] {
    [
      "ca.pem": Array(node.authority.pem.utf8), "leaf.pem": Array(node.leaf.pem.utf8),
      "leaf.der": node.leaf.der, "key.pem": Array(node.keys.leafKeyPEM.exposed.utf8),
    ]
  }

  @Test("the chain verifies for server and client, for every host, and for nobody else")
  func verify() throws {
    let node = try TestNode(seed: 1)
    let other = try TestNode(seed: 2)
    var files = files(node)
    files["other.pem"] = Array(other.authority.pem.utf8)
    try OpenSSL.withFiles(files) { (folder: URL) throws in
      func verify(_ arguments: [String], authority: String = "ca.pem") throws -> Int32 {
        try OpenSSL.run(
          ["verify", "-x509_strict", "-attime", time, "-CAfile", authority] + arguments
            + ["leaf.pem"], in: folder
        ).status
      }
      for purpose in ["sslserver", "sslclient"] {
        #expect(try verify(["-purpose", purpose]) == 0)
      }
      for host in ["node.example", "localhost"] {
        #expect(try verify(["-verify_hostname", host]) == 0)
      }
      for address in ["192.0.2.7", "127.0.0.1", "::1"] {
        #expect(try verify(["-verify_ip", address]) == 0)
      }
      #expect(try verify(["-verify_hostname", "other.example"]) != 0)
      #expect(try verify(["-verify_ip", "192.0.2.8"]) != 0)
      #expect(try verify(["-purpose", "smimesign"]) != 0)
      #expect(try verify([], authority: "other.pem") != 0)
      // The leaf signs nothing, and the authority verifies itself.
      #expect(try verify([], authority: "leaf.pem") != 0)
      let own = ["verify", "-x509_strict", "-attime", time, "-CAfile", "ca.pem", "ca.pem"]
      #expect(try OpenSSL.run(own, in: folder).status == 0)
    }
  }

  @Test("openssl reads what was meant")
  func text() throws {
    let node = try TestNode(seed: 3)
    try OpenSSL.withFiles(files(node)) { (folder: URL) throws in
      func text(_ file: String) throws -> String {
        let result = try OpenSSL.run(
          ["x509", "-in", file, "-noout", "-text", "-nameopt", "RFC2253"], in: folder)
        #expect(result.status == 0)
        return result.output
      }
      let authority = try text("ca.pem")
      for line in [
        "Version: 3", "ecdsa-with-SHA256", "CA:TRUE, pathlen:0", "Certificate Sign, CRL Sign",
        "NIST CURVE: P-256",
        "Subject: CN=PeerChart \(node.keys.node.fingerprint)\n",
        "X509v3 Basic Constraints: critical", "X509v3 Key Usage: critical",
      ] { #expect(authority.contains(line), "\(line)") }
      // Certificates lie in the clear on the disk and on the wire: no name of a family in them.
      #expect(!authority.contains("Beispiel"))
      let leaf = try text("leaf.pem")
      for line in [
        "Subject: CN=\(node.keys.node)", "CA:FALSE", "Digital Signature",
        "TLS Web Server Authentication, TLS Web Client Authentication",
        "DNS:node.example, IP Address:192.0.2.7, DNS:localhost, IP Address:127.0.0.1, "
          + "IP Address:0:0:0:0:0:0:0:1", "X509v3 Authority Key Identifier",
      ] { #expect(leaf.contains(line), "\(line)") }
      let der = try OpenSSL.run(
        ["x509", "-inform", "DER", "-in", "leaf.der", "-outform", "PEM"], in: folder)
      #expect(der.output == node.leaf.pem)
      // The key file belongs to the certificate.
      let key = try OpenSSL.run(["pkey", "-in", "key.pem", "-pubout"], in: folder)
      let certified = try OpenSSL.run(["x509", "-in", "leaf.pem", "-noout", "-pubkey"], in: folder)
      #expect(key.status == 0)
      #expect(key.output == certified.output)
    }
  }
}
