import FuzzDriver
import Primitives

/// The strict decoders that every other parser stands on: whatever they accept, they write back
/// to the bit.
@main enum PrimitivesFuzz {
  static func main() {
    FuzzDriver.run { bytes in
      var reader = ByteReader(bytes)
      while let field = try? reader.readPrefixed(limit: 64) {
        precondition(field.count <= 64)
      }
      guard let text = String(validating: bytes, as: UTF8.self) else { return }
      if let decoded = Base64URL.decode(text) { precondition(Base64URL.encode(decoded) == text) }
      if let decoded = Base64.decode(text) { precondition(Base64.encode(decoded) == text) }
      if let decoded = Hex.decode(text) { precondition(Hex.decode(Hex.encode(decoded)) == decoded) }
      if let instant = Instant(text) { precondition(Instant(instant.description) == instant) }
    }
  }
}
