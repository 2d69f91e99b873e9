public import Primitives

extension SignedNote {
  /// Parses a note. Strict: what it accepts, `bytes` gives back unchanged. No signature is checked.
  ///
  /// Throws `tooLarge` or `malformed` with the line at fault.
  public init(parsing input: some Collection<UInt8>) throws(PeerChartError) {
    guard input.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a note is longer than \(Self.maximumLength) bytes")
    }
    guard let note = String(validating: input, as: UTF8.self) else {
      throw PeerChartError(.malformed, "a note is not UTF-8")
    }
    // The text ends where the last blank line begins; only signature lines follow it.
    let lines = note.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard lines.last?.isEmpty == true,
      let blank = lines.dropLast().lastIndex(where: \.isEmpty), blank > 0
    else { throw PeerChartError(.malformed, "a note is not text, blank line and signatures") }
    let text = String(note.utf8.prefix(upTo: lines[blank].startIndex)) ?? ""
    guard Self.isValid(text: text) else {
      throw PeerChartError(.malformed, "the text of a note has control characters")
    }
    let signatureLines = lines[(blank + 1)...].dropLast()
    guard (1...Self.maximumSignatures).contains(signatureLines.count) else {
      throw PeerChartError(.malformed, "a note has no signature or too many")
    }
    var signatures: [NoteSignature] = []
    for (number, line) in signatureLines.enumerated() {
      guard let signature = NoteSignature(line: Substring(line)) else {
        throw PeerChartError(
          .malformed, "a signature line does not follow its form",
          place: "line \(blank + 2 + number)")
      }
      signatures.append(signature)
    }
    self.init(text: text, signatures: signatures)
  }
}

extension NoteSignature {
  /// Parses `— name base64`, without the newline.
  init?(line: Substring) {
    let mark = SignedNote.mark.utf8
    guard line.utf8.starts(with: mark) else { return nil }
    let rest = line.utf8.dropFirst(mark.count)
    guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else { return nil }
    let name = String(Substring(rest[..<space]))
    guard NoteKey.isValid(name: name),
      let bytes = Base64.decode(Substring(rest[rest.index(after: space)...])), bytes.count > 4
    else { return nil }
    let id = bytes.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    self.init(keyName: name, keyID: id, signature: Array(bytes.dropFirst(4)))
  }
}
