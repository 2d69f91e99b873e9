public import Primitives

extension SignedNote {
  /// Checks the note by the rules of C2SP signed-note: lines of unknown keys are passed over, each
  /// line of a known key must verify, and there must be one. Throws `integrity`.
  public func verify(by known: [any NoteVerifier]) throws(PeerChartError) {
    try verify(by: known, toleratingUnknown: true)
  }

  /// Checks that **every** line is a valid signature by one of these keys, and none signs twice.
  ///
  /// For proofs inside a document, where no byte may be changed without being noticed: under the
  /// rules of `verify(by:)` a damaged line would pass as one of an unknown key. Throws `integrity`.
  public func verifyStrictly(by known: [any NoteVerifier]) throws(PeerChartError) {
    try verify(by: known, toleratingUnknown: false)
  }

  private func verify(
    by known: [any NoteVerifier], toleratingUnknown: Bool
  ) throws(PeerChartError) {
    let bytes = Array(text.utf8)
    var verified: [NoteSignature] = []
    for line in signatures {
      guard let key = known.first(where: { line.isFrom($0) }) else {
        if toleratingUnknown { continue }
        throw PeerChartError(.integrity, "a signature line is by an unknown key")
      }
      // A second line by a key adds nothing, but costs a verification: refused either way.
      guard !verified.contains(where: { $0.isFrom(key) }) else {
        throw PeerChartError(.integrity, "a key has signed the note twice")
      }
      guard key.isValid(signature: line.signature, over: bytes) else {
        throw PeerChartError(.integrity, "a signature of the note does not verify")
      }
      verified.append(line)
    }
    guard !verified.isEmpty else {
      throw PeerChartError(.integrity, "no known key has signed the note")
    }
  }
}

extension NoteSignature {
  /// Whether name and id are this key's, which says nothing about the signature.
  func isFrom(_ key: any NoteVerifier) -> Bool {
    keyID == key.keyID && keyName.utf8.elementsEqual(key.name.utf8)
  }
}
