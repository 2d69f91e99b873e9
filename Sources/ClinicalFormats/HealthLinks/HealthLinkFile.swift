import Crypto
import FHIR
public import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file behind a link: a JWE under the link's key (`dir`, `A256GCM`; RFC 7516 compact form).
public struct HealthLinkFile: Sendable {
  /// Largest file in bytes, once it is open and expanded.
  public static let maximumBytes = 32 << 20
  /// What files can be.
  public static let fhir = "application/fhir+json"

  /// Media type. Some senders leave it out of the file; the manifest says it then.
  public let contentType: String?
  public let content: [UInt8]

  public init(contentType: String?, content: [UInt8]) {
    self.contentType = contentType
    self.content = content
  }

  /// Seals it. Each time with another nonce.
  ///
  /// - Throws: `invalid` for a key of another length.
  public func sealed(
    with key: Redacted<[UInt8]>, random: some RandomSource, compressed: Bool = true
  ) throws -> String {
    guard key.exposed.count == HealthLink.keyLength else {
      throw PeerChartError(.invalid, "the key of a link has 32 bytes")
    }
    var header: [(String, JSONTree)] = [("alg", "dir"), ("enc", "A256GCM")]
    if let contentType { header.append(("cty", .string(contentType))) }
    if compressed { header.append(("zip", "DEF")) }
    let head = Base64URL.encode(JSONTree.object(header).serialized())
    let body = compressed ? try RawDeflate.compress(content) : content
    let box = try AES.GCM.seal(
      body, using: SymmetricKey(data: key.exposed), nonce: AES.GCM.Nonce(data: random.bytes(12)),
      authenticating: Array(head.utf8))
    return [
      head, "", Base64URL.encode(Array(box.nonce)), Base64URL.encode(Array(box.ciphertext)),
      Base64URL.encode(Array(box.tag)),
    ].joined(separator: ".")
  }

  /// Opens a sealed file.
  ///
  /// - Throws: `malformed`, `tooLarge`, `notSupported` for other algorithms, `integrity` where the key does
  ///   not open it.
  public init(opening text: [UInt8], with key: Redacted<[UInt8]>) throws(PeerChartError) {
    guard text.count <= 2 * Self.maximumBytes else {
      throw PeerChartError(.tooLarge, "a file is larger than \(Self.maximumBytes >> 20) MiB")
    }
    // Some senders end the file with a new line.
    let ended = text.last == 0x0A ? text.dropLast() : text[...]
    let parts = ended.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    func decode(_ part: ArraySlice<UInt8>) -> [UInt8]? {
      Base64URL.decode(String(decoding: part, as: UTF8.self))
    }
    guard parts.count == 5, parts[1].isEmpty, let header = decode(parts[0]),
      let nonce = decode(parts[2]), nonce.count == 12, let sealed = decode(parts[3]),
      let tag = decode(parts[4]), tag.count == 16,
      let root = try? JSONDocument(
        parsing: header, limits: JSONLimits(maximumBytes: 4096, maximumDepth: 4, maximumNodes: 64)
      ).root
    else { throw PeerChartError(.malformed, "a file of a link is a JWE in its compact form") }
    guard root["alg"]?.string == "dir", root["enc"]?.string == "A256GCM", root["crit"] == nil,
      root["zip"] == nil || root["zip"]?.string == "DEF"
    else { throw PeerChartError(.notSupported, "a file is sealed in a way that is not offered") }
    let opened: [UInt8]
    do {
      let box = try AES.GCM.SealedBox(
        nonce: AES.GCM.Nonce(data: nonce), ciphertext: sealed, tag: tag)
      opened = Array(
        try AES.GCM.open(
          box, using: SymmetricKey(data: key.exposed), authenticating: Array(parts[0])))
    } catch {
      throw PeerChartError(.integrity, "the link's key does not open this file")
    }
    contentType = root["cty"]?.string
    content =
      root["zip"] == nil ? opened : try RawDeflate.expand(opened, limit: Self.maximumBytes)
    guard content.count <= Self.maximumBytes else {
      throw PeerChartError(.tooLarge, "a file is larger than \(Self.maximumBytes >> 20) MiB")
    }
  }
}
