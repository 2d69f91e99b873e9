import Crypto
import Primitives

/// The detachable section after the last record: a text that is neither sealed nor signed.
///
///     "SECPROOF" length(4) text(1…65,536) SHA-256(all before)
///
/// The hash makes every flipped byte show. It holds back nobody who replaces the section on
/// purpose: what the text claims about the document is checked by whoever reads it.
enum ProofSection {
  /// Throws `sec-proof` unless the text is UTF-8 of 1…65,536 bytes.
  static func encode(_ text: [UInt8]) throws -> [UInt8] {
    guard (1...SecFormat.proofLimit).contains(text.count),
      String(validating: text, as: UTF8.self) != nil
    else { throw PeerChartError(.secProof, "a proof is 1 to 65,536 bytes of UTF-8") }
    var writer = ByteWriter()
    writer.append(raw: SecFormat.proofMagic)
    writer.append(prefixed: text)
    writer.append(raw: SHA256.hash(data: writer.bytes))
    return writer.bytes
  }

  /// Reads to the end of the document: nothing, or one section and nothing behind it.
  ///
  /// Throws `sec-proof`, `sec-trailing`, `sec-truncated`.
  static func read<Source>(from input: inout StreamInput<Source>) throws -> [UInt8]? {
    let start = input.place
    let head = try input.read(upTo: SecFormat.proofMagic.count + 4)
    if head.isEmpty { return nil }
    guard
      head.prefix(SecFormat.proofMagic.count).elementsEqual(SecFormat.proofMagic.prefix(head.count))
    else { throw PeerChartError(.secTrailing, "bytes follow the end", place: start) }
    guard head.count == SecFormat.proofMagic.count + 4 else { throw input.truncated() }
    var reader = ByteReader(Array(head.suffix(4)))
    let length = Int(try reader.read(UInt32.self))
    guard (1...SecFormat.proofLimit).contains(length) else {
      throw PeerChartError(.secProof, "the proof's length is out of range", place: start)
    }
    let text = try input.read(exactly: length)
    let digest = try input.read(exactly: SHA256.byteCount)
    guard SHA256.hash(data: head + text) == digest, String(validating: text, as: UTF8.self) != nil
    else { throw PeerChartError(.secProof, "the proof section is damaged", place: start) }
    guard try input.read(upTo: 1).isEmpty else {
      throw PeerChartError(.secTrailing, "bytes follow the proof", place: input.place)
    }
    return text
  }
}
