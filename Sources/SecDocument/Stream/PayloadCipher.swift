import Crypto
import FoundationEssentials
import Primitives

/// Seals and opens single records: AES-256-GCM in the STREAM construction (Hoang, Reyhanitabar,
/// Rogaway, Vizár 2015): the nonce is an 11-byte counter and the kind of the record.
struct PayloadCipher: Sendable {
  private let key: SymmetricKey

  init(fileKey: FileKey, salt: [UInt8]) { key = fileKey.payloadKey(salt: salt) }

  private func nonce(_ kind: RecordKind, _ index: UInt64) throws -> AES.GCM.Nonce {
    var writer = ByteWriter()
    writer.append(raw: [0, 0, 0])
    writer.append(index)
    writer.append(kind.rawValue)
    return try AES.GCM.Nonce(data: writer.bytes)
  }

  /// Writes frame, ciphertext and tag to the front of `output` and returns their size.
  func seal(
    _ plaintext: UnsafeRawBufferPointer, as kind: RecordKind, index: UInt64,
    into output: UnsafeMutableRawBufferPointer
  ) throws -> Int {
    let nonce = try nonce(kind, index)
    guard let combined = try AES.GCM.seal(plaintext, using: key, nonce: nonce).combined else {
      throw PeerChartError(.invalid, "AES-GCM returned no combined form")
    }
    let sealed = combined.dropFirst(12)
    output.copyBytes(from: RecordHeader(kind: kind, length: plaintext.count).bytes)
    sealed.copyBytes(
      to: UnsafeMutableRawBufferPointer(rebasing: output[SecFormat.recordHeaderSize...]))
    return SecFormat.recordHeaderSize + sealed.count
  }

  /// Opens ciphertext and tag; throws `sec-chunk`.
  func open(_ sealed: UnsafeRawBufferPointer, as kind: RecordKind, index: UInt64) throws -> Data {
    do {
      let end = sealed.count - SecFormat.tagSize
      let box = try AES.GCM.SealedBox(
        nonce: nonce(kind, index),
        ciphertext: UnsafeRawBufferPointer(rebasing: sealed[..<end]),
        tag: UnsafeRawBufferPointer(rebasing: sealed[end...]))
      return try AES.GCM.open(box, using: key)
    } catch {
      throw PeerChartError(.secChunk, "a record was changed or moved", place: "record \(index)")
    }
  }
}
