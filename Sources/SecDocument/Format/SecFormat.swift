/// The numbers and labels of `.sec` version 1 (docs/format/sec-v1.md); nothing else repeats them.
enum SecFormat {
  /// The PNG trick: a byte above 127, CR LF, the DOS end of file and a lone LF show a file that a
  /// text-mode transfer has damaged.
  static let magic: [UInt8] = [0x89, 0x53, 0x45, 0x43, 0x0D, 0x0A, 0x1A, 0x0A]
  static let version: UInt16 = 1
  /// Magic, version, recipient kind, recipient count.
  static let prefixSize = 13
  static let recipientLimit = 1024
  static let fileKeySize = 32
  /// A file key sealed by AES-256-GCM.
  static let wrappedKeySize = 48
  static let saltSize = 16
  static let macSize = 32

  static let chunkSize = 65_536
  static let tagSize = 16
  static let recordHeaderSize = 4
  static let fullRecordSize = recordHeaderSize + chunkSize + tagSize
  /// 256 TiB: 2³² chunks, far below the bound of AES-GCM under one key.
  static let contentLimit: UInt64 = 1 << 48
  /// Manifest and signatures together.
  static let signedManifestLimit = 16_384

  static let proofMagic = Array("SECPROOF".utf8)
  static let proofLimit = 65_536

  /// A label of key derivation or signing. Each ends in a byte that no label contains.
  static func label(_ purpose: String) -> [UInt8] { Array("peerchart.sec/v1 \(purpose)\0".utf8) }
}
