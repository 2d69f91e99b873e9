import Primitives

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The JSON that goes to browsers and comes back.
enum PasskeyJSON {
  /// Bytes of one answer of a browser, client data or a credential.
  static let limit = 65_536
  /// Levels of arrays and objects; client extension results have the most.
  private static let depth = 16

  /// Reads a JSON object. The error has nothing of what came in, so it has no cause either.
  static func decode<Value: Decodable>(
    _: Value.Type, from bytes: [UInt8], place: String
  ) throws(PeerChartError) -> Value {
    guard bytes.count <= limit else {
      throw PeerChartError(.tooLarge, "an answer of more than \(limit) bytes", place: place)
    }
    guard isShallow(bytes), let value = try? JSONDecoder().decode(Value.self, from: Data(bytes))
    else {
      throw PeerChartError(.malformed, "an answer does not follow its format", place: place)
    }
    return value
  }

  /// Whether brackets, wherever they stand, are nested no deeper than is usual: a bound for the
  /// library, which reads recursively.
  private static func isShallow(_ bytes: [UInt8]) -> Bool {
    var level = 0
    var inText = false
    var escaped = false
    for byte in bytes {
      if inText {
        if escaped {
          escaped = false
        } else if byte == 0x5C {
          escaped = true
        } else if byte == 0x22 {
          inText = false
        }
        continue
      }
      switch byte {
      case 0x22: inText = true
      case 0x5B, 0x7B: level += 1
      case 0x5D, 0x7D: level -= 1
      default: break
      }
      if level > depth { return false }
    }
    return true
  }

  /// Writes JSON in one form.
  static func encode(_ value: some Encodable) throws(PeerChartError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else {
      throw PeerChartError(.invalid, "options that JSON cannot hold")
    }
    return Array(data)
  }
}

/// A `PublicKeyCredential` as `toJSON()` writes it (WebAuthn level 3, section 5.1).
struct CredentialForm<Response: Decodable>: Decodable {
  let id: String
  let rawId: String
  let type: String
  let response: Response

  /// The credential's id, which stands there twice.
  func credentialID() throws(PeerChartError) -> [UInt8] {
    guard type == "public-key", constantTimeEqual(id.utf8, rawId.utf8),
      let bytes = Base64URL.decode(id), (1...AuthenticatorData.longestID).contains(bytes.count)
    else {
      throw PeerChartError(.malformed, "a credential does not follow its format", place: "id")
    }
    return bytes
  }
}

extension PasskeyJSON {
  /// Bytes in base64url, as every member of a response that is not a name has them.
  static func bytes(_ text: String, place: String) throws(PeerChartError) -> [UInt8] {
    guard let bytes = Base64URL.decode(text) else {
      throw PeerChartError(.malformed, "a member is not base64url", place: place)
    }
    return bytes
  }
}
