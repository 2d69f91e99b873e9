public import Primitives

/// What a witness answers to `add-checkpoint` (C2SP tlog-witness).
public enum WitnessAnswer: Hashable, Sendable {
  /// 200: the witness's signature lines, one at least.
  case cosigned([NoteSignature])
  /// 409: the witness last cosigned a tree of this size, and with another root if the sizes are the same.
  case stale(size: UInt64)
  /// 400: no request of this form, or its old size is beyond the checkpoint's.
  case malformed
  /// 403: the checkpoint bears no signature by the log's key.
  case notSigned
  /// 404: the witness does not follow this log.
  case unknownLog
  /// 422: the proof does not lead from what the witness has seen to this checkpoint.
  case unproven

  /// The largest answer that we read, in bytes.
  public static let maximumLength = 64 << 10

  /// The HTTP status code.
  public var status: Int {
    switch self {
    case .cosigned: 200
    case .stale: 409
    case .malformed: 400
    case .notSigned: 403
    case .unknownLog: 404
    case .unproven: 422
    }
  }

  /// The media type of the body.
  public var contentType: String {
    if case .stale = self { "text/x.tlog.size" } else { "text/plain; charset=utf-8" }
  }

  public var body: [UInt8] {
    switch self {
    case .cosigned(let lines): lines.flatMap(\.line)
    case .stale(let size): Array("\(size)\n".utf8)
    case .malformed: Array("this is not an add-checkpoint request\n".utf8)
    case .notSigned: Array("the checkpoint bears no signature by the log's key\n".utf8)
    case .unknownLog: Array("this witness does not follow this log\n".utf8)
    case .unproven: Array("the proof does not lead from what was seen to this checkpoint\n".utf8)
    }
  }

  /// Reads an answer. No signature is checked.
  ///
  /// - Throws: `malformed`, `too-large`; `unreachable` for a status that says to come back later, or that
  ///   no witness gives.
  public init(status: Int, body: [UInt8]) throws(PeerChartError) {
    guard body.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "a witness's answer is longer than is taken")
    }
    switch status {
    case 200: self = .cosigned(try Self.lines(body))
    case 409:
      guard body.last == 0x0A, let size = Decimal.parse(body.dropLast()),
        size <= Frontier.maximumSize
      else { throw PeerChartError(.malformed, "a witness tells no size in its one form") }
      self = .stale(size: size)
    case 400: self = .malformed
    case 403: self = .notSigned
    case 404: self = .unknownLog
    case 422: self = .unproven
    default: throw PeerChartError(.unreachable, "the witness answers \(status)")
    }
  }

  private static func lines(_ body: [UInt8]) throws(PeerChartError) -> [NoteSignature] {
    let fault = PeerChartError(.malformed, "a witness's answer is not signature lines")
    guard body.last == 0x0A, let text = String(validating: body.dropLast(), as: UTF8.self) else {
      throw fault
    }
    let parts = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard parts.count <= SignedNote.maximumSignatures else { throw fault }
    var lines: [NoteSignature] = []
    for part in parts {
      guard let line = NoteSignature(line: Substring(part)) else { throw fault }
      lines.append(line)
    }
    return lines
  }
}
