public import Crypto
public import Primitives

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Key material in memory: wiped when the last reference goes, never printed.
///
/// The bytes live in one allocation that is never copied behind our back, unlike an array, which
/// leaves its old storage unwiped whenever it grows.
public final class SecretBytes: Sendable {
  // Written only while `init` runs, so sharing it between threads is safe.
  private nonisolated(unsafe) let storage: UnsafeMutableRawBufferPointer

  private init(count: Int, filledBy fill: (UnsafeMutableRawBufferPointer) -> Void) {
    storage = .allocate(byteCount: count, alignment: 16)
    fill(storage)
  }

  /// Copies `bytes`; the caller's copy stays the caller's to wipe.
  public convenience init(_ bytes: UnsafeRawBufferPointer) {
    self.init(count: bytes.count) { $0.copyMemory(from: bytes) }
  }

  /// Copies `bytes`; the caller's copy stays the caller's to wipe.
  public convenience init(copying bytes: some Collection<UInt8>) {
    self.init(count: bytes.count) { $0.copyBytes(from: bytes) }
  }

  /// Moves `bytes` in: the array is wiped and left empty.
  public convenience init(consuming bytes: inout [UInt8]) {
    self.init(copying: bytes)
    bytes.wipe()
    bytes = []
  }

  /// `count` fresh bytes of `random`.
  public convenience init(random: any RandomSource, count: Int) {
    var bytes = random.bytes(count)
    self.init(consuming: &bytes)
  }

  /// The bytes of a symmetric key.
  public convenience init(_ key: SymmetricKey) {
    self.init(count: key.bitCount / 8) { storage in
      key.withUnsafeBytes { storage.copyMemory(from: $0) }
    }
  }

  deinit {
    wipeMemory(storage)
    storage.deallocate()
  }

  /// How many bytes there are.
  public var count: Int { storage.count }

  /// Lends the bytes; they must not be kept beyond `body`.
  public func withUnsafeBytes<Result>(
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeRawBufferPointer(storage))
  }

  /// The bytes as a key of swift-crypto, which wipes its own copy in the same way.
  public var symmetricKey: SymmetricKey { withUnsafeBytes { SymmetricKey(data: $0) } }
}

extension SecretBytes: Equatable {
  /// Compares in time that depends on the lengths only.
  public static func == (a: SecretBytes, b: SecretBytes) -> Bool {
    a.withUnsafeBytes { a in b.withUnsafeBytes { b in constantTimeEqual(a, b) } }
  }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Always `<secret>`.
  public var description: String { "<secret>" }
  /// Always `<secret>`.
  public var debugDescription: String { "<secret>" }
  /// A mirror without children, so that `dump` shows nothing.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// Overwrites memory in a way that the optimiser does not remove.
func wipeMemory(_ memory: UnsafeMutableRawBufferPointer) {
  guard let start = memory.baseAddress else { return }
  #if canImport(Glibc)
    explicit_bzero(start, memory.count)
  #else
    memset_s(start, memory.count, 0, memory.count)
  #endif
}

extension [UInt8] {
  /// Overwrites the array's own storage. Copies of it that are still referred to keep their bytes.
  mutating func wipe() {
    withUnsafeMutableBytes { wipeMemory($0) }
  }
}
