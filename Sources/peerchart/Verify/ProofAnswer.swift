import Audit
import Exchange
import Primitives
import TransparencyLog

/// What `verify` tells people and programs: the verification, and what the proof is of.
struct ProofAnswer: Encodable {
  let verification: Verification
  /// Nil where the proof could not be read.
  private let proof: ProofVerifier.Answer?

  init(_ answer: ProofVerifier.Answer) {
    verification = answer.verification
    proof = answer
  }

  /// A file that is no proof.
  init(unread error: PeerChartError) {
    var verification = Verification(.entry)
    verification.add(
      Verification.Check(.opens, .fails, "It cannot be read: \(error.text).", required: true))
    self.verification = verification
    proof = nil
  }

  // MARK: For programs

  private enum Member: String, CodingKey {
    case event, salt, leafHash, witnesses, anchors
  }

  private struct Witness: Encodable {
    let name: String
    let time: String?
    let known: Bool
  }

  private struct Anchor: Encodable {
    let kind: String
    let place: String
    let size: UInt64
    let state: String
    let time: String?
    let depth: UInt64?
    let text: String
  }

  func encode(to encoder: any Encoder) throws {
    try verification.encode(to: encoder)
    guard let proof else { return }
    var members = encoder.container(keyedBy: Member.self)
    try members.encode(String(decoding: proof.entry.eventBytes, as: UTF8.self), forKey: .event)
    try members.encode(Base64.encode(proof.entry.salt), forKey: .salt)
    try members.encode(proof.entry.leafHash.description, forKey: .leafHash)
    try members.encode(
      proof.report.witnesses.map {
        Witness(name: $0.name, time: $0.time?.description, known: $0.isKnown)
      }, forKey: .witnesses)
    try members.encode(
      proof.report.anchors.map {
        Anchor(
          kind: $0.kind.rawValue, place: $0.place, size: $0.size, state: $0.state.rawValue,
          time: $0.time?.description, depth: $0.depth, text: $0.text)
      }, forKey: .anchors)
  }

  // MARK: For people

  var lines: [String] {
    let lines = VerificationAnswer(verification: verification).lines
    guard let proof else { return lines }
    return lines + ["  it says  \(PatientView(proof.entry.event).sentence)"]
  }
}
