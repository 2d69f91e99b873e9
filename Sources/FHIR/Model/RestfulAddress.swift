/// The end of a RESTful address, `[base/]Type/id[/_history/version]`, by the places of its parts.
///
/// Read backwards over bytes: every reference of every resource passes here, often more than once.
struct RestfulAddress {
  /// What stands before the type, with its slash; empty for a relative address.
  let base: Range<Int>
  /// Not checked here: what counts as a type is the caller's to say.
  let type: Range<Int>
  let id: Range<Int>
  let version: Range<Int>?

  /// Nil where there is no id, or it or the version breaks the syntax of an id.
  init?(_ text: UnsafeBufferPointer<UInt8>, within window: Range<Int>) {
    var last = Self.lastPart(text, window)
    var version: Range<Int>?
    // Something must stand before `/_history/`: `Type/id`.
    if let marker = Self.part(text, before: last, window), Self.isHistory(text, marker),
      let id = Self.part(text, before: marker, window),
      Self.part(text, before: id, window) != nil
    {
      guard Resource.isValidID(text[last]) else { return nil }
      version = last
      last = id
    }
    guard let type = Self.part(text, before: last, window), Resource.isValidID(text[last]) else {
      return nil
    }
    self.version = version
    self.type = type
    id = last
    base = window.lowerBound..<type.lowerBound
  }

  private static func lastPart(
    _ text: UnsafeBufferPointer<UInt8>, _ window: Range<Int>
  ) -> Range<Int> {
    var start = window.upperBound
    while start > window.lowerBound, text[start - 1] != 0x2F { start -= 1 }
    return start..<window.upperBound
  }

  private static func part(
    _ text: UnsafeBufferPointer<UInt8>, before part: Range<Int>, _ window: Range<Int>
  ) -> Range<Int>? {
    guard part.lowerBound > window.lowerBound else { return nil }
    return lastPart(text, window.lowerBound..<part.lowerBound - 1)
  }

  private static func isHistory(_ text: UnsafeBufferPointer<UInt8>, _ part: Range<Int>) -> Bool {
    part.count == 8 && text[part].elementsEqual("_history".utf8)
  }
}

extension Resource {
  /// Whether bytes have the form `[A-Za-z0-9\-\.]{1,64}` of FHIR's `id`.
  static func isValidID(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    !bytes.isEmpty && bytes.count <= 64
      && bytes.allSatisfy { byte in
        switch byte {
        case 0x2D, 0x2E, 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: false
        }
      }
  }
}
